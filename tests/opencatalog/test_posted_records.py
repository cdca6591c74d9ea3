"""What crawlers post by the Open Catalog API: what is kept of it, to the letter; what is refused, each fault with its
path; what goes with a record that is deleted."""

import json
from uuid import UUID

import pytest
from support.factories.core import NOW
from support.world import a_client, a_site, fill

from tests.opencatalog.test_own_entries import KEY, PATCH, token

MISSING = "eea19c82-0449-41ed-bd84-d8bbc146d165"


@pytest.fixture
def crawler(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data", open_catalog_key=KEY) as app:
        yield Crawler(a_client(app))


class Crawler:
    def __init__(self, client):
        self.client = client

    def ask(self, method, path, body=None, **headers):
        content = None if body is None else json.dumps(body)
        return self.client.request(method, f"/v1{path}", content=content, headers=token() | headers)

    def post(self, path, **body):
        answer = self.ask("POST", path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def software(self, name, **more):
        return self.post("/software", url=f"https://code.example/{name}", **({"publiccodeYml": "-"} | more))

    def operate(self, path, *operations):
        return self.ask("PATCH", path, list(operations), **PATCH)

    def merge(self, path, **members):
        return self.ask("PATCH", path, members)


def broken(answer):
    """The rules that were broken, by field."""
    assert answer.status_code == 422, answer.text
    return {wrong["field"]: wrong["rule"] for wrong in answer.json()["validationErrors"]}


@pytest.mark.parametrize("member", ["id", "createdAt", "updatedAt"])
def test_an_operation_that_copies_or_moves_what_never_changes_is_refused(crawler, member):
    record = crawler.software("copied", vitality="1")
    path = f"/software/{record['id']}"
    for op in ("copy", "move"):
        answer = crawler.operate(path, {"op": op, "from": f"/{member}", "path": "/vitality"})
        assert (answer.status_code, answer.json()["detail"]) == (422, f"{member} cannot be changed")
    assert (
        crawler.operate(path, {"op": "copy", "from": "/url", "path": "/vitality"}).json()["vitality"] == record["url"]
    )


@pytest.mark.parametrize(
    ("file", "readable"),
    [
        ("\ufeffname: X\r\nurl: https://code.example/x\r\n", True),
        ("name: X  \n\n\n", True),
        ("name: e\u0301te\u0301\rlegal:\n\n    license: 'MIT'\r\n", True),
        ("name: 😀 \u2028 \x85\n...\n", True),
        ("  - \tname", False),  # no YAML: whether it names a person cannot be told
    ],
)
def test_a_file_without_persons_is_kept_and_given_back_to_the_letter(crawler, file, readable):
    record = crawler.software("letter", publiccodeYml=file)
    assert record["publiccodeYml"] == file
    path = f"/v1/software/{record['id']}"
    assert crawler.client.get(path, headers=token()).json()["publiccodeYml"] == file
    assert crawler.client.get(path).json()["publiccodeYml"] == (file if readable else None)
    assert crawler.merge(f"/software/{record['id']}", vitality="1").json()["publiccodeYml"] == file
    replaced = {"op": "replace", "path": "/publiccodeYml", "value": file + "more: ' '\r\n"}
    assert crawler.operate(f"/software/{record['id']}", replaced).json()["publiccodeYml"] == file + "more: ' '\r\n"


def test_lines_that_only_yaml_counts_hide_no_person(crawler):
    file = "name: X\u2028maintenance:\u2028  contacts:\u2028    - name: Jane Doe\u2028      email: jane@doe.example"
    record = crawler.software("lines", publiccodeYml=file)
    assert record["publiccodeYml"] == file
    shown = crawler.client.get(f"/v1/software/{record['id']}").json()["publiccodeYml"]
    assert shown is None or "Jane" not in shown


def test_a_text_that_no_database_keeps_is_refused_and_not_changed(crawler):
    answer = crawler.ask("POST", "/software", {"url": "https://code.example/null", "publiccodeYml": "name: \0"})
    assert answer.status_code == 400 and answer.json()["title"] == "can't create Software"


def test_the_address_of_a_source_is_kept_in_its_one_spelling(crawler):
    source = {"url": "HTTPS://www.Code.Example:443/group/../team/", "driver": "github", "args": ["--all"]}
    made = crawler.post("/catalogs", name="C", sources=[source])
    assert made["sources"] == [source | {"url": "https://code.example/team"}]
    again = [{"url": "https://WWW.other.example/"}]
    assert crawler.merge(f"/catalogs/{made['id']}", sources=again).json()["sources"] == [
        {"url": "https://other.example"}
    ]


def test_a_webhook_without_format_has_the_default_one(crawler):
    made = crawler.post("/software/webhooks", url="https://hook.example/1")
    assert made["format"] == "default"
    path = f"/webhooks/{made['id']}"
    changed = crawler.operate(path, {"op": "replace", "path": "/format", "value": "github"})
    assert changed.json()["format"] == "github"
    assert crawler.merge(path, format=None).json()["format"] == "default"
    assert crawler.operate(path, {"op": "test", "path": "/format", "value": "default"}).status_code == 200


def test_a_bundle_names_each_software_once_and_none_that_is_missing(crawler):
    first, second = crawler.software("1")["id"], crawler.software("2")["id"]
    body = {"name": "B", "softwareIds": [first, second, first]}
    assert broken(crawler.ask("POST", "/bundles", body)) == {"softwareIds": "unique"}
    answer = crawler.ask("POST", "/bundles", body | {"softwareIds": [first, MISSING]})
    assert broken(answer) == {"softwareIds": "exists"} and MISSING in answer.json()["detail"]
    made = crawler.post("/bundles", name="B", softwareIds=[first])
    path = f"/bundles/{made['id']}"
    assert broken(crawler.merge(path, softwareIds=[second, second])) == {"softwareIds": "unique"}
    assert broken(crawler.operate(path, {"op": "add", "path": "/softwareIds/-", "value": first})) == {
        "softwareIds": "unique"
    }
    assert broken(crawler.merge(path, softwareIds=[MISSING])) == {"softwareIds": "exists"}
    assert broken(crawler.ask("POST", "/bundles", body | {"softwareIds": ["x", first]})) == {"softwareIds[0]": "uuid"}


def test_deleting_software_deletes_its_logs_and_those_alone(crawler):
    gone, kept = crawler.software("gone")["id"], crawler.software("kept")["id"]
    logs = [crawler.post(f"/software/{id}/logs", message="about it")["id"] for id in (gone, kept)]
    alone = crawler.post("/logs", message="about nothing")["id"]
    assert crawler.ask("DELETE", f"/software/{gone}").status_code == 204
    assert [crawler.ask("GET", f"/logs/{id}").status_code for id in (*logs, alone)] == [404, 200, 200]
    catalog = crawler.post("/catalogs", name="C", sources=[{"url": "https://code.example/c"}])["id"]
    about = crawler.post(f"/catalogs/{catalog}/logs", message="about a catalog")["id"]
    assert crawler.ask("DELETE", f"/catalogs/{catalog}").status_code == 204
    assert crawler.ask("GET", f"/logs/{about}").status_code == 404


def test_events_of_a_type_that_there_is_not_are_refused(crawler):
    assert broken(crawler.ask("GET", "/events?type=created")) == {"type": "oneof"}
    assert crawler.ask("GET", "/events?type=").status_code == 200


def test_what_happens_to_a_webhook_is_an_event(crawler):
    hook = crawler.post("/publishers/webhooks", url="https://hook.example/e")["id"]
    crawler.merge(f"/webhooks/{hook}", url="https://hook.example/f")
    crawler.ask("DELETE", f"/webhooks/{hook}")
    found = crawler.ask("GET", f"/events?entityId={hook}").json()["data"]
    assert sorted((event["type"], event["entityType"], event["actor"]) for event in found) == [
        (type, "webhooks", "crawler") for type in ("create", "delete", "update")
    ]


def test_every_fault_of_a_body_is_told_with_its_path(crawler):
    body = {
        "codeHosting": [{"url": "https://code.example/a"}, {"url": "nowhere"}, {"group": False}],
        "description": "x" * 256,
        "email": "nobody",
    }
    assert broken(crawler.ask("POST", "/publishers", body)) == {
        "codeHosting[1].url": "http_url",
        "codeHosting[2].url": "required",
        "description": "max",
        "email": "email",
    }
    answer = crawler.ask("POST", "/publishers", body | {"active": "yes"})
    assert answer.status_code == 400
    assert {"field": "active", "rule": "type", "value": "yes"} in answer.json()["validationErrors"]
    unknown = crawler.ask("POST", "/catalogs", {"name": "C", "sources": [{"url": "https://a.example", "more": 1}]})
    assert broken(unknown) == {"sources[0].more": "unknown"}
    assert broken(crawler.merge(f"/software/{crawler.software('n')['id']}/analysis", scan={"v": 0})) == {
        "scan": "version"
    }


def test_what_crawlers_posted_is_counted_for_who_watches_the_service(crawler, sqlite_store):
    app = crawler.client.app
    app.state.metrics_token = "t" * 40

    def figures():
        answer = crawler.client.get("/metrics", headers={"authorization": f"Bearer {app.state.metrics_token}"})
        lines = (line.rpartition(" ") for line in answer.text.splitlines() if line.startswith("forge_open_catalog"))
        return {name.removeprefix("forge_open_catalog_"): int(number) for name, _, number in lines}

    assert set(figures().values()) == {0}
    software = crawler.software("counted")
    crawler.post(f"/software/{software['id']}/logs", message="about it")
    hooks = [crawler.post("/software/webhooks", url=f"https://hook.example/{number}")["id"] for number in range(3)]
    for hook, outcome in zip(hooks, ("204", "500", None), strict=True):
        if outcome:
            sqlite_store.opencatalog.webhooks.called(UUID(hook), outcome, now=NOW)
    told = figures()
    assert (told['posted{kind="software"}'], told['posted{kind="logs"}'], told['posted{kind="events"}']) == (1, 1, 4)
    assert [told[f'webhooks{{state="{state}"}}'] for state in ("answered", "failed", "none")] == [1, 1, 1]
    assert crawler.client.get("/metrics", headers=token()).status_code == 401
