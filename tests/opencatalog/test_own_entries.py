"""The Open Catalog API of our own catalogue: who may write, what of ours is shown and never changed, no person named;
what no bytes, cursor or patch can do."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.factories.core import NOW, a_store, identity
from support.world import HEAD, a_client, a_site, fill, the_statements

from catalog.rules import permissions
from catalog.rules.open_catalog import normalized_url
from catalog.store.core.render_cache import PUBLICCODE
from forge.cli import forge
from forge.config.settings import UnusableSettings, from_environment
from forge.observe.publiccode import check_file as checked_file
from forge.web.core import rate_limits
from forge.web.opencatalog import patches, tokens
from forge.web.opencatalog.problems import Refused

KEY = b"test-paseto-key-dont-use-in-prod"
GALETTE = f"/v1/software/{identity('galette')}"
PATCH = {"content-type": "application/json-patch+json"}
PERSONS = """publiccodeYmlVersion: "0.4"
# kept by Jane Comment
name: X
url: https://code.example/x
legal:
  license: MIT
  repoOwner: Jane Owner
maintenance:
  type: community
  contacts:
    - name: Jane Doe
      email: jane@doe.example
localisation:
  localisationReady: true
"""


def token(name="crawler", *, key=KEY, now=NOW, **lifetime) -> dict[str, str]:
    made = tokens.make(key, name, now=now, lifetime=timedelta(**(lifetime or {"days": 1})))
    return {"authorization": f"Bearer {made}"}


@pytest.fixture(scope="module")
def site(sqlite_template, tmp_path_factory):
    """The site with a bit of everything, whose crawlers have a key; tests keep to addresses of their own."""

    folder = tmp_path_factory.mktemp("v1")
    with a_store(sqlite_template, folder) as store:
        fill(store)
        with a_site(store, folder / "data", open_catalog_key=KEY) as app:
            yield app


@pytest.fixture
def client(site):
    return a_client(site)


def post(client, path="/v1/software", **body):
    return client.post(path, json=body, headers=token())


def software(client, name, **changes):
    answer = post(client, url=f"https://code.example/{name}", **({"publiccodeYml": "-"} | changes))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_without_a_key_nobody_writes_and_everybody_reads(sqlite_store, tmp_path):
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        assert post(client, url="https://x.example", publiccodeYml="-").status_code == 401
        assert client.get("/v1/software").status_code == 200 and client.get("/v1/events").status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer v2.local.AAAA"},
        {"authorization": "Bearer v4.local.AAAA"},
        {"authorization": token()["authorization"].removeprefix("Bearer ")},
        token(key=b"x" * 32),
        token(now=NOW - timedelta(days=2)),
        token(now=NOW + timedelta(hours=1)),
        {"authorization": token()["authorization"][:-4] + "AAAA"},
        {"authorization": "Bearer v2.local." + "A" * 5000},
    ],
    ids=["none", "empty", "spoilt", "of version 4", "bare", "another key", "expired", "not yet", "forged", "long"],
)
def test_a_token_that_is_nobodys_changes_nothing_and_learns_only_that(client, headers):
    answer = client.post("/v1/software", json={"url": "https://no.example", "publiccodeYml": "-"}, headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"title": "token authentication failed", "status": 401})
    assert client.get("/v1/events", headers=headers).status_code == 401
    assert client.get("/v1/software", headers=headers).status_code == 200


def test_a_wrong_token_is_tried_a_few_hundred_times_and_a_crawler_writes_so_often(client, monkeypatch):
    from dataclasses import replace

    from forge.web.opencatalog import route as opencatalog_route

    monkeypatch.setattr(
        opencatalog_route, "WRONG_TOKENS", replace(opencatalog_route.WRONG_TOKENS, action="v1-token-t", most=2)
    )
    wrong = [client.post("/v1/logs", json={}, headers=token(key=b"x" * 32)) for _ in range(3)]
    assert [one.status_code for one in wrong] == [401, 401, 429] and wrong[-1].json()["status"] == 429
    monkeypatch.setattr(opencatalog_route, "WRITES", rate_limits.Limit("v1-write-t", 2, rate_limits.HOUR))
    sent = [client.post("/v1/logs", json={"message": "hi"}, headers=token("often")) for _ in range(3)]
    assert [one.status_code for one in sent] == [200, 200, 429]


def test_a_crawler_is_in_no_level_of_persons_and_no_person_is_one():
    assert permissions.CRAWLER not in permissions.LEVELS and permissions.CRAWLER_RULES.keys().isdisjoint(
        permissions.RULES
    )
    assert all(
        permissions.crawler_may("x", one) and not permissions.crawler_may(None, one)
        for one in permissions.CRAWLER_RULES
    )


def test_an_entry_of_ours_is_changed_by_no_crawler(client):
    before = client.get(GALETTE).json()
    for body in ({"active": False}, {"url": "https://evil.example"}, {"aliases": ["https://evil.example"]},
                 {"vitality": "1"}, {"publiccodeYml": "name: evil"},
                 {"url": "https://evil.example", "aliases": ["https://other.example"], "publiccodeYml": "name: evil"},
                 {"url": before["url"], "aliases": None, "publiccodeYml": "x", "active": False}):  # fmt: skip
        answer = client.patch(GALETTE, json=body, headers=token())
        assert (answer.status_code, answer.json()["code"]) == (409, "own-entry"), body
    for name, value in (("active", False), ("publiccodeYml", "name: evil")):
        operations = [{"op": "replace", "path": f"/{name}", "value": value}]
        assert client.patch(GALETTE, content=json.dumps(operations), headers=token() | PATCH).status_code == 409
    assert client.delete(GALETTE, headers=token()).status_code == 409
    for path in ("/v1/publishers/ana-maintains", "/v1/catalogs/%E2%88%85"):
        assert client.patch(path, json={"active": False}, headers=token()).status_code == 409
        assert client.delete(path, headers=token()).status_code == 409
    assert client.get(GALETTE).json() == before


def test_a_patch_that_says_what_an_entry_of_ours_says_is_fine(client):
    before = client.get(GALETTE).json()
    said = {"url": before["url"].replace("https://", "HTTPS://www."), "aliases": [], "active": True}
    assert client.patch(GALETTE, json=said, headers=token()).json() == before


@pytest.mark.parametrize("aliases", [None, [], ["https://else.example/galette"]])
def test_what_a_crawler_read_in_a_repository_of_ours_is_passed_over(client, aliases):
    before = client.get(GALETTE).json()
    read = {"url": before["url"], "aliases": aliases, "publiccodeYml": "name: as its makers say"}
    moved = read | {"url": "https://else.example/new", "aliases": [before["url"], *(aliases or ())]}
    for said in (read, moved):
        for path in (GALETTE, GALETTE.replace("/v1/", "/v1/catalogs/%E2%88%85/")):
            answer = client.patch(path, json=said, headers=token())
            assert (answer.status_code, answer.json()) == (200, before)
    assert client.get("/v1/software", params={"url": "https://else.example/new"}).json()["data"] == []


def test_a_url_of_ours_is_posted_by_nobody_in_any_spelling(client):
    for url in ("https://github.com/example/galette", "https://GitHub.com/example/galette.git/"):
        answer = post(client, url=url, publiccodeYml="-")
        assert answer.status_code == 409 and str(identity("galette")) in answer.json()["detail"]


def test_the_file_of_an_entry_of_ours_is_written_where_its_repository_has_none(client, site):
    written = client.get(GALETTE).json()["publiccodeYml"]
    assert checked_file(written.encode()).problems == () and "Coop des Halles" in written
    assert client.patch(GALETTE, json={"publiccodeYml": written}, headers=token()).status_code == 200
    key = identity("galette")
    kept = site.state.store.mirrors.mirror(key).observation
    told = kept | {"publiccode": {"file": "publiccode.yml", "oid": "9" * 40, "commit": HEAD}}
    site.state.store.mirrors.keep_rendering("9" * 40, PUBLICCODE, "name: of the mirror")
    site.state.store.observations.observe(
        key, HEAD, told, facts=the_statements(), free=True, last_commit_at=NOW, now=NOW
    )
    found = client.get("/v1/software?page[size]=10000").json()["data"]
    assert next(one for one in found if one["id"] == str(key))["publiccodeYml"] == "name: of the mirror"


def operate(client, path, *operations):
    return client.patch(path, content=json.dumps(operations), headers=token() | PATCH)


def test_what_a_log_is_about_is_not_changed(client):
    log = post(client, f"{GALETTE}/logs", message="about it").json()
    path = f"/v1/logs/{log['id']}"
    for one in ({"op": "replace", "path": "/entity", "value": "/software/x"}, {"op": "remove", "path": "/entity"}):
        answer = operate(client, path, one)
        assert (answer.status_code, answer.json()["detail"]) == (422, "entity cannot be changed")
    assert operate(client, path, {"op": "test", "path": "/entity", "value": log["entity"]}).json()["id"] == log["id"]
    about_nothing = post(client, "/v1/logs", message="about nothing").json()
    added = {"op": "add", "path": "/entity", "value": log["entity"]}
    assert operate(client, f"/v1/logs/{about_nothing['id']}", added).status_code == 422
    assert client.get(path).json()["entity"] == log["entity"]


def test_the_dates_of_a_publishers_code_are_not_changed(client):
    code = [{"url": "https://code.example/dated"}]
    made = post(client, "/v1/publishers", description="Dated", codeHosting=code).json()
    dated = {"op": "replace", "path": "/codeHosting/0/createdAt", "value": "2020-01-01T00:00:00Z"}
    assert operate(client, f"/v1/publishers/{made['id']}", dated).status_code == 422


def test_a_bundle_whose_software_is_gone_is_still_renamed_and_what_is_hidden_comes_back(client, site):
    gone, kept = software(client, "bundled-1"), software(client, "bundled-2")
    bundle = post(client, "/v1/bundles", name="Tools", softwareIds=[gone["id"], str(identity("galette"))]).json()
    path = f"/v1/bundles/{bundle['id']}"
    client.delete(f"/v1/software/{gone['id']}", headers=token())
    site.state.store.mirrors.block("galette", "Asked.", now=NOW)
    try:
        assert client.get(path).json()["softwareIds"] == []
        renamed = client.patch(path, json={"name": "More tools"}, headers=token())
        assert (renamed.status_code, renamed.json()["name"]) == (200, "More tools")
        again = operate(client, path, {"op": "replace", "path": "/name", "value": "Tools again"})
        assert again.status_code == 200 and again.json()["softwareIds"] == []
        assert client.patch(path, json={"softwareIds": []}, headers=token()).status_code == 422
    finally:
        site.state.store.mirrors.unblock("galette")
    assert client.get(path).json()["softwareIds"] == [str(identity("galette"))]
    other = client.patch(path, json={"softwareIds": [kept["id"]]}, headers=token())
    assert other.json()["softwareIds"] == [kept["id"]]


def test_how_many_use_a_project_is_told_in_a_namespace_that_no_crawler_writes(client):
    told = client.get(f"{GALETTE}/analysis").json()["forge"]
    assert told["usedBy"] == {"confirmed": 1, "declared": 0, "found": 61} and told["v"] == 1
    assert client.patch(f"{GALETTE}/analysis", json={"forge": {"v": 1}}, headers=token()).status_code == 422
    kept = client.patch(f"{GALETTE}/analysis", json={"scan": {"v": 2, "grade": "A"}}, headers=token()).json()
    assert kept["forge"] == told and kept["scan"]["grade"] == "A"


def test_no_person_is_named_to_those_who_bear_no_token(client):
    one = software(client, "persons", publiccodeYml=PERSONS)
    assert one["publiccodeYml"] == PERSONS
    shown = client.get(f"/v1/software/{one['id']}").json()["publiccodeYml"]
    assert "Jane" not in shown and "doe.example" not in shown and "'Maintainers of X'" in shown
    assert client.get(f"/v1/software/{one['id']}", headers=token()).json() == one
    hidden = software(client, "unclear", publiccodeYml="maintenance: {contacts: [{name: Jane Doe}]}")
    assert client.get(f"/v1/software/{hidden['id']}").json()["publiccodeYml"] is None
    code = [{"url": "https://code.example/persons"}]
    publisher = post(
        client, "/v1/publishers", description="Persons", codeHosting=code, email=" Jane@Doe.example "
    ).json()
    assert publisher["email"] == "jane@doe.example"
    assert "email" not in client.get(f"/v1/publishers/{publisher['id']}").json()


def test_answers_are_kept_ten_seconds_and_those_for_bearers_of_tokens_not_at_all(client):
    for path in ("/v1/software", "/v1/publishers", "/v1/catalogs", "/v1/logs", "/v1/bundles", GALETTE):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "public, max-age=10" and "Authorization" in answer.headers["vary"]
        assert answer.headers["access-control-allow-origin"] == "*"
        assert client.get(path, headers=token()).headers["cache-control"] == "no-store"
    assert client.get("/v1/status").headers["cache-control"] == "no-store"


def test_another_sites_program_may_read_and_ask_first(client):
    answer = client.options("/v1/software", headers={"origin": "https://else.example"})
    assert answer.status_code == 204 and "Authorization" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"


def test_a_body_beyond_its_bound_is_not_read_to_its_end(client):
    assert client.post("/v1/logs", content=b"x" * 1_100_000, headers=token()).status_code == 413
    answer = client.post("/v1/logs", content=b"x" * 950_000, headers=token())
    assert answer.status_code == 413 and answer.headers["content-type"] == "application/problem+json"


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5) | st.sampled_from(["url", "aliases", "v", "message"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
PATHS = (
    "/v1/software", "/v1/publishers", "/v1/catalogs", "/v1/logs", "/v1/bundles", "/v1/software/webhooks", GALETTE,
    f"{GALETTE}/analysis", f"{GALETTE}/logs", "/v1/publishers/ana-maintains", "/v1/catalogs/%E2%88%85",
)  # fmt: skip


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS),
    method=st.sampled_from(["POST", "PATCH"]),
    body=st.binary(max_size=60) | ANY.map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from(["application/json", PATCH["content-type"], "text/plain", ""]),
)
@example("/v1/logs", "POST", b'{"message": "\\ud800\\u0000x"}', "application/json")
@example(f"{GALETTE}/analysis", "PATCH", b'{"x": {"v": 1, "n": 1e999}}', "application/json")
@example(
    f"{GALETTE}/analysis", "PATCH", b'{"x": {"v": 1, "n": ' + b"[" * 5000 + b"]" * 5000 + b"}}", "application/json"
)
@example("/v1/logs", "POST", b'{"message": ' + b"9" * 5000 + b"}", "application/json")
@example("/v1/software", "POST", b'{"url": "https://[::1", "publiccodeYml": "-"}', "application/json")
def test_no_bytes_in_a_body_are_our_fault(client, path, method, body, kind):
    answer = client.request(method, path, content=body, headers=token() | {"content-type": kind})
    assert answer.status_code in (200, 400, 404, 405, 409, 422), answer.text
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/v1/software", "/v1/publishers", "/v1/catalogs", "/v1/logs", "/v1/bundles", "/v1/events"]),
    query=st.dictionaries(
        st.sampled_from(["page[size]", "page[after]", "page[before]", "from", "to", "url", "search", "filter", "all",
                         "entityId", "entityType"]) | st.text(max_size=4),
        st.text(max_size=20) | st.integers().map(str) | st.datetimes().map(lambda at: f"{at.isoformat()}Z")
        | st.tuples(st.text(max_size=25), st.text(max_size=36)).map(
            lambda pair: base64.b64encode(json.dumps(pair).encode()).decode()),
        max_size=4,
    ),
)  # fmt: skip
@example("/v1/software", {"page[after]": base64.b64encode(b'["0001-01-01T00:00:00+23:59","00"]').decode()})
@example("/v1/software", {"from": "9999-12-31T23:59:59-23:59"})
@example("/v1/software", {"page[size]": "9" * 3000})
def test_no_query_is_our_fault(client, path, query):
    query = {key.encode("utf-8", "replace"): value.encode("utf-8", "replace") for key, value in query.items()}
    answer = client.get(path, params={key.decode(): value.decode() for key, value in query.items()}, headers=token())
    assert answer.status_code in (200, 400, 414, 422), answer.text


@given(
    url=st.text(max_size=40)
    | st.from_regex(r"(https?|ssh)://[a-zA-Z0-9.@:\[\]-]{0,20}(/[a-z%./?#]{0,15})?", fullmatch=True)
)
@example("https://www.www.a.example")
@example("http://a.example/./../%2e/b//?x#")
@example("https://u@p@WWW.a.example:443/")
def test_a_normalized_url_is_normal(url):
    assert normalized_url(normalized_url(url)) == normalized_url(url)


def test_spellings_of_one_address_are_one():
    for one, other in {
        "https://www.example.org": "https://example.org", "https://example.org/path/": "https://example.org/path",
        "HTTPS://EXAMPLE.ORG/Path": "https://example.org/Path", "http://example.org:80/": "http://example.org",
        "https://example.org:443/a/../b/./c": "https://example.org/b/c", "no address": "no address",
        "https://example.org:8443": "https://example.org:8443", "https://www.org": "https://www.org",
    }.items():  # fmt: skip
        assert normalized_url(one) == other


OPERATIONS = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
         "path": st.sampled_from(["", "/id", "/createdAt", "/catalogId", "/a", "/a/0", "/a/-", "/b/c", "/id/x"])},
        optional={"value": ANY, "from": st.sampled_from(["", "/id", "/a", "/a/0", "/b", "/updatedAt"])},
    ),
    max_size=4,
)  # fmt: skip


@given(operations=OPERATIONS)
def test_no_operations_change_what_never_changes(operations):
    document = {"id": "1", "catalogId": "2", "createdAt": "3", "updatedAt": "4", "a": [1, {"x": 2}], "b": {"c": None}}
    before = json.dumps(document)
    try:
        result = patches.patched(document, operations)
    except Refused as refused:
        assert refused.status in (400, 422)
    else:
        assert {name: result[name] for name in patches.IMMUTABLE} == {
            name: document[name] for name in patches.IMMUTABLE
        }
    assert json.dumps(document) == before


def test_a_document_that_is_copied_into_itself_again_and_again_is_refused():
    doubling = [{"op": "copy", "from": "/a", "path": "/a/-"}] * 100
    with pytest.raises(Refused, match="too large"):
        patches.patched({"a": ["x" * 1000]}, doubling)


@pytest.mark.parametrize(
    ("operations", "result"),
    [
        ([{"op": "add", "path": "/a/1", "value": 9}], {"a": [1, 9, 2]}),
        ([{"op": "add", "path": "/a/-", "value": 9}], {"a": [1, 2, 9]}),
        ([{"op": "remove", "path": "/a/0"}], {"a": [2]}),
        ([{"op": "replace", "path": "/a/0", "value": [3]}], {"a": [[3], 2]}),
        ([{"op": "move", "from": "/a/0", "path": "/b"}], {"a": [2], "b": 1}),
        ([{"op": "copy", "from": "/a", "path": "/b"}, {"op": "remove", "path": "/b/0"}], {"a": [1, 2], "b": [2]}),
        ([{"op": "test", "path": "/a/0", "value": 1.0}], {"a": [1, 2]}),
        ([{"op": "add", "path": "/~01~1", "value": 0}], {"a": [1, 2], "~1/": 0}),
        ([{"op": "test", "path": "/a/0", "value": True}], None),
        ([{"op": "add", "path": "/a/3", "value": 0}], None),
        ([{"op": "remove", "path": "/a/2"}], None),
        ([{"op": "remove", "path": "/a/01"}], None),
        ([{"op": "replace", "path": "/a/-", "value": 0}], None),
        ([{"op": "replace", "path": "/b", "value": 0}], None),
        ([{"op": "add", "path": "/a/0"}], None),
        ([{"op": "add", "path": "a", "value": 0}], None),
        ([{"op": "move", "from": "/a", "path": "/a/0"}], None),
        ([{"op": "upsert", "path": "/a", "value": 0}], None),
    ],
)
def test_operations_do_what_their_standard_says(operations, result):
    if result is not None:
        assert patches.patched({"a": [1, 2]}, operations) == result
        return
    with pytest.raises(Refused) as refused:
        patches.patched({"a": [1, 2]}, operations)
    assert refused.value.status == 422


@pytest.mark.parametrize("value", ["short", base64.b64encode(b"x" * 31).decode(), "é" * 44])
def test_a_key_that_is_none_is_refused_and_told_to_nobody(value):
    with pytest.raises(UnusableSettings) as no:
        from_environment({"FORGE_OPEN_CATALOG_KEY": value})
    assert "FORGE_OPEN_CATALOG_KEY" in str(no.value) and value not in str(no.value)


def test_a_command_makes_a_token_that_the_key_opens(monkeypatch, tmp_path):
    monkeypatch.setenv("FORGE_DATA", str(tmp_path))
    assert CliRunner().invoke(forge, ["crawler", "ours"]).exit_code == 1
    monkeypatch.setenv("FORGE_OPEN_CATALOG_KEY", base64.b64encode(KEY).decode())
    made = CliRunner().invoke(forge, ["crawler", "ours", "--days", "2"])
    now = datetime.now(UTC)
    assert made.exit_code == 0 and tokens.crawler(KEY, made.output.strip(), now=now).name == "ours"
    assert tokens.crawler(KEY, made.output.strip(), now=now + timedelta(days=3)) is None
