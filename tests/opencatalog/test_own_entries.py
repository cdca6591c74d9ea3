"""The Open Catalog API of our own catalogue: what of ours is in it, found by any address, walked page by page; nothing
is written, and no query is our fault."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from support.factories.core import (
    NOW,
    a_catalog,
    a_maintenance,
    a_project,
    a_store,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.metadata import missing_in
from support.factories.rewriting import rewriting
from support.world import HEAD, a_client, a_site, an_observation, fill

from catalog.tables import core as tables

GALETTE = f"/v1/software/{identity('galette')}"
REPOSITORY = "https://github.com/galette/galette.git"


@pytest.fixture(scope="module")
def site(sqlite_template, tmp_path_factory):
    """The site with a bit of everything."""
    folder = tmp_path_factory.mktemp("v1")
    with a_store(sqlite_template, folder) as store:
        fill(store)
        with a_site(store, folder / "data") as app:
            yield app


@pytest.fixture
def client(site):
    return a_client(site)


@pytest.fixture
def ours(store, tmp_path):
    """A client of two projects, one that is context, one without a known license; an organization leads the first."""
    load(
        store,
        a_catalog(
            a_project("galette", repository=REPOSITORY, other_repositories=("https://old.example/galette",),
                      maintenance=(a_maintenance("ana-maintains"), a_maintenance("funds-it", role="funder"))),
            a_project("paheko"),
            a_project("coopcycle", context_only=True, license="LicenseRef-Coopyleft"),
            a_project("unsure", license=None),
            a_project("nowhere", repository=None),
            an_organization("ana-maintains"), an_organization("funds-it"),
        ),
    )  # fmt: skip
    with a_site(store, tmp_path / "data") as app:
        yield a_client(app)


def listed(client, query="", kind="software"):
    return [record["id"] for record in client.get(f"/v1/{kind}{query}").json()["data"]]


def test_the_list_holds_our_free_projects_in_the_order_of_creation(ours, store):
    both = sorted((identity("galette"), identity("paheko")), key=lambda id: id.hex)
    assert listed(ours) == [str(id) for id in both]
    with rewriting(store.engine) as connection:
        last = update(tables.project).where(tables.project.c.id == both[0])
        connection.execute(last.values(added_at=later(days=1)))
    assert listed(ours) == [str(id) for id in both[::-1]]
    galette = ours.get(GALETTE).json()
    assert galette["url"] == REPOSITORY and galette["aliases"] == ["https://old.example/galette"]
    assert galette["active"] is True and galette["vitality"] is None


def test_a_project_whose_files_show_a_free_license_is_listed_without_a_stated_one(ours, store):
    unsure = identity("unsure")
    assert str(unsure) not in listed(ours)
    store.observations.observe(unsure, HEAD, an_observation(), free=True, last_commit_at=NOW, now=NOW)
    assert str(unsure) in listed(ours)


@pytest.mark.parametrize("how", ["blocked", "opted out"])
def test_what_is_not_to_be_shown_is_no_software(ours, store, how):
    if how == "blocked":
        store.takedowns.block("paheko", "Asked.", now=NOW)
    else:
        with rewriting(store.engine) as connection:
            gone = update(tables.project).where(tables.project.c.slug == "paheko")
            connection.execute(gone.values(opted_out_at=NOW))
    assert listed(ours) == [str(identity("galette"))]
    assert listed(ours, f"?url={a_project('paheko').repository}") == []
    assert ours.get(f"/v1/software/{identity('paheko')}").status_code == 404


def test_software_is_found_by_its_address_in_every_spelling(ours):
    for url in ("https://github.com/galette/galette", REPOSITORY, "https://www.GitHub.com/Galette/Galette/",
                "https://old.example/galette"):  # fmt: skip
        assert listed(ours, f"?url={url}") == [str(identity("galette"))], url
    for url in ("https://no.example/x", "no address", "https://[::1", "%00", "%25_"):
        assert listed(ours, f"?url={url}") == [], url


def test_who_leads_a_project_is_a_publisher_and_no_one_else_is(ours, store):
    (publisher,) = ours.get("/v1/publishers").json()["data"]
    assert publisher["alternativeId"] == "ana-maintains"
    assert [code["url"] for code in publisher["codeHosting"]] == [REPOSITORY]
    for key in ("ana-maintains", publisher["id"]):
        assert ours.get(f"/v1/publishers/{key}").json() == publisher
    assert ours.get("/v1/publishers/funds-it").status_code == 404
    with rewriting(store.engine) as connection:
        connection.execute(update(tables.organization).values(hidden="hidden"))
    assert listed(ours, kind="publishers") == []


def test_this_instance_is_the_root_catalog(ours):
    (root,) = ours.get("/v1/catalogs").json()["data"]
    assert root["alternativeId"] == "\u2205" and root["sources"] == [] and root["createdAt"] == "2026-11-24T12:30:00Z"
    for key in ("%E2%88%85", root["id"]):
        assert ours.get(f"/v1/catalogs/{key}").json() == root
    mark = quote(base64.b64encode(json.dumps([root["createdAt"], root["id"]]).encode()).decode())
    for query in (
        f"page[after]={mark}",
        f"page[before]={mark}",
        f"from={root['createdAt']}",
        f"to={root['createdAt']}",
    ):
        assert listed(ours, f"?{query}", "catalogs") == [], query
    assert listed(ours, "?from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z", "catalogs") == [root["id"]]


def test_a_store_without_a_document_has_no_root(store, tmp_path):
    with a_site(store, tmp_path / "data") as app:
        client = a_client(app)
        assert listed(client, kind="catalogs") == []
        assert client.get("/v1/catalogs/%E2%88%85").status_code == 404


@pytest.mark.parametrize(("name", "link"), [("page[after]", "next"), ("page[before]", "prev")])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_walk_along_the_links_meets_each_once_while_others_come_in(store, tmp_path, size, name, link):
    projects = [a_project(f"tool-{number}") for number in range(6)]
    load(store, a_catalog(*projects[:5]))
    end = base64.b64encode(json.dumps(["2999-01-01T00:00:00Z", "0" * 32]).encode()).decode()
    met, query = [], f"?page[size]={size}" + (f"&page[before]={quote(end)}" if link == "prev" else "")
    with a_site(store, tmp_path / "data") as app:
        client = a_client(app)
        while query is not None:
            document = client.get(f"/v1/software{query}").json()
            page = [record["id"] for record in document["data"]]
            met += page if link == "next" else page[::-1]
            query = document["links"][link]
            assert query is None or (query.startswith("?") and "page[size]" in query and name in query)
            load(store, a_catalog(*projects), digest="2", now=later(days=1))
    there = sorted((str(identity(f"tool-{number}")) for number in range(5)), reverse=link == "prev")
    assert [id for id in met if id != str(identity("tool-5"))] == there and len(met) == len(set(met))


def test_the_file_of_an_entry_is_written_from_what_is_known(client):
    written = client.get(GALETTE).json()["publiccodeYml"]
    assert missing_in(written) == [] and "Coop des Halles" in written


def test_nothing_is_written(client):
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/v1/software", GALETTE, "/v1/catalogs/%E2%88%85", "/v1/status"):
            answer = client.request(method, path, json={"active": False})
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS"), (method, path)
            assert answer.headers["content-type"] == "application/problem+json"
    for path in ("/v1/bundles", "/v1/events", "/v1/webhooks/1", f"{GALETTE}/analysis", f"{GALETTE}/logs"):
        assert client.get(path).status_code == 404


def test_answers_are_kept_ten_seconds_and_another_sites_program_may_read(client):
    for path in ("/v1/software", "/v1/publishers", "/v1/catalogs", "/v1/logs", GALETTE):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "public, max-age=10"
        assert answer.headers["access-control-allow-origin"] == "*"
    assert client.get("/v1/status").headers["cache-control"] == "no-store"
    asked = client.options("/v1/software", headers={"origin": "https://else.example"})
    assert asked.status_code == 204 and asked.headers["access-control-allow-methods"] == "GET, HEAD"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/v1/software", "/v1/publishers", "/v1/catalogs", "/v1/logs"]),
    query=st.dictionaries(
        st.sampled_from(["page[size]", "page[after]", "page[before]", "from", "to", "url"]) | st.text(max_size=4),
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
    answer = client.get(path, params={key.decode(): value.decode() for key, value in query.items()})
    assert answer.status_code in (200, 400, 414, 422), answer.text
