"""The interface for programs: every route described and every described one routed, answers as their schemas say, parts
of lists without a gap, languages, fields, tags, errors that name what is wrong, and how much may be asked."""

import re
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from starlette.testclient import TestClient
from support.factories.core import a_catalog, a_project, an_adoption, an_organization, identity, later, load
from support.factories.rewriting import rewriting
from support.world import a_client, a_site, fill

from catalog.search import IndexWriter
from catalog.search.facets import BY_NAME
from catalog.store.store import Store
from catalog.vocabulary import names
from forge.server.index_follower import catch_up
from forge.web.api import quota
from forge.web.api.route import DescribedRoute
from forge.web.core.list_query import SORTS
from forge.web.core.rate_limits import HOUR, AttemptLimit

HERE = {"slug": "galette", "name": "stage", "country": "ES", "number": "1", "reference": "AAAA-AAAA"}
FILLED = {"/api/v1/collections/{slug}": {"slug": "suite"}, "/api/v1/organizations/{slug}": {"slug": "coop-des-halles"},
          "/api/v1/organizations/{slug}/adoptions": {"slug": "coop-des-halles"}}  # fmt: skip


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict:
    return client.get("/openapi.json").json()


def described(app) -> list[DescribedRoute]:
    return [route for route in app.routes if isinstance(route, DescribedRoute)]


def address_of(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: (HERE | FILLED.get(path, {}))[match[1]], path)


def closed(schema):
    """The schema without room for what it does not name: an answer holds nothing that is not described."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: closed(part) for name, part in schema.items() if name not in ("example", "examples")}
    return {"additionalProperties": False, **told} if "properties" in told else told


def schema_of(document, path, method="get", status="200"):
    answer = document["paths"][path][method]["responses"][status]
    return next(iter(answer["content"].values()))["schema"]


def check(schema, document, value):
    whole = closed(schema) | {"components": document["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


def test_a_list_tells_the_state_of_a_copy_that_is_not_on_the_disk_as_the_copy_itself_does(client):
    def states(limit):
        listed = client.get(f"/api/v1/projects?q=galette&limit={limit}").json()["projects"]
        return {record["slug"]: record["mirror_state"] for record in listed}["galette"], told()["state"]

    def told():
        return client.get("/api/v1/projects/galette").json()["mirror"]

    copy = client.app.state.code_readers.mirrors / f"{identity('galette')}.git"
    assert states(10) == ("mirrored", "mirrored")
    copy.rename(copy.with_name("away"))
    try:
        assert states(11) == ("waiting", "waiting") and "last_success_at" not in told()
    finally:
        copy.with_name("away").rename(copy)


def everything(client, address, name):
    """All records of a list, read in parts by `next`."""
    found = []
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        found += told[name]
        address = told["next"]
        assert (f'<{address}>; rel="next"' in answer.headers.get("link", "")) is (address is not None)
    return found


def test_every_route_below_the_interface_is_described_and_every_described_one_is_routed(client, document):
    routed = {route.path: set(route.methods) - {"HEAD", "OPTIONS"} for route in client.app.routes
              if getattr(route, "path", "").startswith("/api/")}  # fmt: skip
    told = {
        path: {name.upper() for name in operations if name != "parameters"}
        for path, operations in document["paths"].items()
    }
    assert told == routed and len(told) > 15
    assert all(
        isinstance(route, DescribedRoute) for route in client.app.routes if "/api/" in getattr(route, "path", "")
    )


def test_the_description_is_openapi_3_1_and_each_operation_has_words_and_an_id_of_its_own(document):
    assert document["openapi"].startswith("3.1")
    operations = [
        operation for path in document["paths"].values() for name, operation in path.items() if name != "parameters"
    ]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids) and all(len(operation["summary"]) > 10 for operation in operations)
    for path, by_method in document["paths"].items():
        assert {parameter["name"] for parameter in by_method.get("parameters", ())} == set(
            re.findall(r"\{(\w+)\}", path)
        )
    for operation in operations:
        for answer in operation["responses"].values():
            for content in answer.get("content", {}).values():
                Draft202012Validator.check_schema(content["schema"])


def test_every_answer_is_what_its_schema_says_and_holds_nothing_else(client, document):
    read = [route for route in described(client.app) if "GET" in route.operations
            and not route.operations["GET"].needs_token]  # fmt: skip
    for route in read:
        answer = client.get(address_of(route.path))
        status = str(answer.status_code)
        assert status in document["paths"][route.path]["get"]["responses"], (route.path, status)
        check(schema_of(document, route.path, status=status), document, answer.json())
    assert len(read) > 15


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/projects/nothing", 404),
        ("/api/v1/projects/blocked", 410),
        ("/api/v1/organizations/nobody", 404),
        ("/api/v1/vocabularies/none", 404),
        ("/api/v1/countries/XX", 404),
        ("/api/v1/decisions/abc", 404),
        ("/api/v1/calls/none", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/projects?limt=3", 400),
        ("/api/v1/projects?limit=0", 400),
        ("/api/v1/projects?limit=101", 400),
        ("/api/v1/projects?limit=2&limit=3", 400),
        ("/api/v1/projects?cursor=x", 404),
        ("/api/v1/projects?sort=stars", 400),
        ("/api/v1/organizations?country=france", 400),
        ("/api/v1/adoptions?confirmed=perhaps", 400),
    ],
)
def test_an_error_is_a_problem_that_names_what_is_wrong(client, document, path, status):
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    check({"$ref": "#/components/schemas/Problem"}, document, answer.json())
    if status == 400:
        name = path.partition("?")[2].partition("=")[0]
        assert name in [problem["field"] for problem in answer.json()["problems"]]


def test_a_parameter_that_is_nearly_one_is_named_with_the_one_that_is_meant(client):
    told = client.get("/api/v1/projects?limt=3&conutry=FR").json()["problems"]
    assert [record["field"] for record in told] == ["limt", "conutry"]
    assert "limit is one" in told[0]["message"] and "country is one" in told[1]["message"]


def test_a_former_slug_leads_on_for_good_with_its_query(client):
    answer = client.get("/api/v1/projects/galette-old/adoptions?limit=2")
    assert (answer.status_code, answer.headers["location"]) == (308, "/api/v1/projects/galette/adoptions?limit=2")


@pytest.mark.parametrize("query", [*({name: value} for name, value in (
    ("q", "members"), ("domain", "accounting"), ("kind", "association"), ("use", "self-hosted"), ("language", "fr"),
    ("country", "ES"), ("help", "FR"), ("alive", "active"), ("license", "AGPL-3.0-or-later"))),
    *({"sort": sort} for sort in SORTS), {"domain": "accounting", "language": "fr", "sort": "name"}],
    ids=lambda query: urlencode(query))  # fmt: skip
def test_search_finds_what_the_find_page_finds(client, query):
    html = client.get(f"/en/projects?{urlencode(query)}").text
    shown = re.findall(r'<h2><a href="/en/projects/([a-z0-9-]+)">', html)
    told = client.get(f"/api/v1/projects?{urlencode(query)}&limit=100").json()
    found = [project["slug"] for project in told["projects"]]
    assert set(shown) <= set(found) and (len(found) == told["total"]) and (len(found) > 20 or len(shown) == len(found))


def test_the_filters_of_the_page_are_those_of_the_interface(document):
    given = {parameter["name"] for parameter in document["paths"]["/api/v1/projects"]["get"]["parameters"]}
    assert set(BY_NAME) | {"q", "sort"} <= given


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_parts_of_a_list_hold_each_project_once(client, sort, limit):
    slugs = [record["slug"] for record in everything(client, f"/api/v1/projects?sort={sort}&limit={limit}", "projects")]
    assert len(slugs) == len(set(slugs)) == client.get("/api/v1/projects").json()["total"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/organizations?", "organizations"),
        ("/api/v1/adoptions?", "adoptions"),
        ("/api/v1/projects/galette/adoptions?", "adoptions"),
        ("/api/v1/projects/galette/history?", "lines"),
        ("/api/v1/decisions?", "decisions"),
        ("/api/v1/calls?", "calls"),
    ],
)
def test_every_list_is_the_same_in_parts_and_in_one(client, path, name):
    whole = everything(client, f"{path}limit=100", name)
    assert everything(client, f"{path}limit=2", name) == whole == everything(client, f"{path}limit=7", name)


@pytest.mark.parametrize("query", ["sort=best", "sort=recent", "sort=name", "q=keep", "sort=uses&domain=accounting"])
def test_nothing_is_skipped_or_given_twice_while_projects_are_added(sqlite_store, tmp_path, query):
    def stated(numbers):
        return a_catalog(
            *(
                a_project(
                    f"tool-{number}",
                    name=f"Tool {chr(97 + number * 7 % 26)}",
                    domains=("accounting",),
                    adoptions=(an_adoption("coop"),) if number % 3 == 0 else (),
                )
                for number in numbers
            ),
            an_organization("coop"),
        )

    load(sqlite_store, stated(range(0, 40, 2)))
    with a_site(sqlite_store, tmp_path / "data") as app:
        client, address, given, day = a_client(app), f"/api/v1/projects?{query}&limit=3", [], 1
        while address:
            told = client.get(address).json()
            given += [project["slug"] for project in told["projects"]]
            address = told["next"]
            if day < 8:  # after each part more are there, also before the place where the reader stands
                load(
                    sqlite_store,
                    stated([*range(0, 40, 2), *range(1, 5 * day, 2)]),
                    now=later(days=day),
                    digest=f"{day}",
                )
                with IndexWriter.open(tmp_path / "data" / "search") as writer:
                    catch_up(sqlite_store, writer)
                day += 1
    assert len(given) == len(set(given))
    assert {f"tool-{number}" for number in range(0, 40, 2)} <= set(given)


def test_texts_come_in_all_their_languages(client):
    said = client.get("/api/v1/projects/galette").json()["record"]["features"]
    assert said == [{"text": {"en": "Cards", "fr": "Fiches"}}, {"text": {"en": "Fees", "fr": "Cotisations"}}]


@pytest.mark.parametrize("path", ["", "/projects", "/projects/galette", "/organizations", "/vocabularies/domain"])
def test_who_has_it_already_is_told_so_and_any_site_may_read(client, path):
    answer = client.get(f"/api/v1{path}")
    assert answer.headers["access-control-allow-origin"] == "*" and answer.json()["license"] == "CC0-1.0"
    for wanted in (answer.headers["etag"], f'"x", {answer.headers["etag"]}', "*"):
        again = client.get(f"/api/v1{path}", headers={"if-none-match": wanted})
        assert (again.status_code, again.content) == (304, b"") and "ratelimit" in again.headers
    asked = client.options(f"/api/v1{path}")
    assert asked.status_code == 204 and "authorization" not in asked.headers["access-control-allow-headers"].lower()
    assert client.head(f"/api/v1{path}").status_code == 200


def test_declared_and_detected_license_stand_side_by_side(client):
    told = client.get("/api/v1/projects/galette").json()["today"]
    assert told["license_declared"] == "GPL-3.0-or-later" and told["license_detected"] == ["AGPL-3.0"]


def test_a_project_tells_of_its_copy_here_and_where_it_is_cloned(client):
    told = client.get("/api/v1/projects/galette").json()
    assert told["mirror"]["state"] == "mirrored" and told["clone_url"].endswith("/git/galette.git")
    assert not {"mirror", "clone_url"} & client.get("/api/v1/projects/unknown").json().keys()


def test_a_copy_is_cloned_here_also_while_its_origin_cannot_be_reached(sqlite_store, tmp_path):
    fill(sqlite_store)
    with rewriting(sqlite_store.engine) as connection:
        connection.exec_driver_sql("UPDATE mirror SET state = 'unreachable'")
    with a_site(sqlite_store, tmp_path / "data") as app:
        told = a_client(app).get("/api/v1/projects/galette").json()
    assert told["mirror"]["state"] == "unreachable" and told["clone_url"].endswith("/git/galette.git")


def test_vocabularies_are_all_there(client):
    assert [vocabulary["name"] for vocabulary in client.get("/api/v1/vocabularies").json()["vocabularies"]] == list(
        names()
    )


def test_the_first_address_leads_to_every_list(client):
    told = client.get("/api/v1").json()
    for address in (*told["lists"].values(), told["description"]):
        assert client.get(address).status_code == 200
    assert told["change"] == client.app.state.store.change()


def test_what_is_left_is_told_and_beyond_it_when_to_come_again(sqlite_store, tmp_path, monkeypatch):
    load(sqlite_store, a_catalog(a_project()))
    monkeypatch.setattr(quota, "READ_LIMIT", AttemptLimit("api-read", 3, HOUR))
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        left = [client.get("/api/v1/countries").headers["ratelimit"] for _ in range(3)]
        assert [re.search(r"r=(\d+)", value)[1] for value in left] == ["2", "1", "0"]
        assert client.get("/api/v1/countries").headers["ratelimit-policy"] == '"api-read";q=3;w=3600'
        answer = client.get("/api/v1/projects")
        assert answer.status_code == 429 and answer.json()["status"] == 429
        assert 0 < int(answer.headers["retry-after"]) <= 3600
        # Another process sees the same count.
        app.state.quotas = quota.Quotas()
        assert client.get("/api/v1/countries").status_code == 429


def test_reading_is_not_written_down_each_time(client):
    counted = []
    engine = client.app.state.store.rate_limits
    real = engine.add
    try:
        engine.add = lambda *given, **more: counted.append(given[2]) or real(*given, **more)
        for _ in range(2 * quota.BATCH):
            client.get("/api/v1/countries")
    finally:
        engine.add = real
    assert counted and set(counted) == {quota.BATCH} and len(counted) <= 3


def test_what_was_told_is_the_same_over_both_databases(store: Store, tmp_path):
    load(store, a_catalog(a_project(adoptions=(an_adoption("coop"),)), an_organization("coop"), a_project("b")))
    with a_site(store, tmp_path / "data") as app:
        client = a_client(app)
        for path in ("organizations", "adoptions", "projects", "calls", "decisions", "countries"):
            assert (
                client.get(f"/api/v1/{path}?limit=1" if path != "countries" else f"/api/v1/{path}").status_code == 200
            )
        assert [record["slug"] for record in everything(client, "/api/v1/projects?limit=1&sort=name", "projects")]
        (use,) = everything(client, "/api/v1/adoptions?limit=1", "adoptions")
        assert use["standing"] == "found"
