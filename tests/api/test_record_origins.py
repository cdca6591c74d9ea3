"""What programs are told of records that are not ours: whose each is, under which licence, who else tells of it; and
that no page of such a record leads to what is not there, and no export of ours holds it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from support.factories.core import NOW, a_catalog, a_manifest, a_project, a_store, an_organization, load
from support.factories.received import a_catalogue, origin_of, receive, theirs, use
from support.formats import rows
from support.world import HEAD, a_client, a_site, an_observation

from catalog.model import Maintenance
from catalog.record_kind import ORGANIZATION
from catalog.rules.fact import Statement
from catalog.store.documents.imported_lists import ImportedRecord, Layer
from catalog.store.store import Store
from forge.export.catalogue_exports import WHOLE_EXPORTS
from tests.api.test_api import check, schema_of

HERE = "https://code.example.org/here"
LIST = Layer("awesome", "sheet", "CC-BY-SA-3.0", NOW)
ITEM = {"wikidata": "Q4242"}  # by which two catalogues say the same organization
FOREIGN = ("zqpayroll", "zqcoop", "zqlisted", "Lists zqwords")


@pytest.fixture(scope="module")
def store(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Ours beside records of two catalogues and of a list; `here` is told by one of each, too."""
    folder = tmp_path_factory.mktemp("home")
    with a_store(sqlite_template, folder) as store:
        groups = an_organization(), an_organization("second", homepage="https://second.example.org", name="Second")
        load(store, a_catalog(a_project("here", repository=HERE, homepage=None), *groups))
        payroll = theirs("zqpayroll", homepage="https://zqpayroll.example.org", domains=["accounting"])
        coop = theirs("zqcoop", ORGANIZATION, country="ES", homepage="https://zqcoop.example.org", identifiers=ITEM)
        said = {"zqpayroll": {"en": {"summary": "Work out wages"}}}
        receive(store, a_catalogue(store), payroll, coop, use("zqpayroll", "zqcoop"), texts=said)
        again = [theirs("zqpayroll", home="c", repository="https://git.example.org/zqpayroll"),
                 theirs("here-too", home="c", repository=HERE), use("zqpayroll", "zqcoop", home="c"),
                 theirs("zqcoop", ORGANIZATION, home="c", identifiers=ITEM)]  # fmt: skip
        receive(store, a_catalogue(store, "c.example.org"), *again)
        said = [
            ImportedRecord(
                "a", {"name": "zqlisted", "summary": {"en": "Lists zqwords"}, "repository": "https://x.example.org/l"}
            ),
            ImportedRecord(
                "b",
                {"name": "Here", "summary": {"en": "x"}, "repository": HERE, "homepage": "https://lent.example.org"},
            ),
        ]
        store.imported_lists.replace(LIST, said, a_manifest(), now=NOW)
        yield store


@pytest.fixture(scope="module")
def client(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with a_site(store, tmp_path_factory.mktemp("site") / "data") as app:
        yield a_client(app)


def told(client: TestClient, path: str) -> dict:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def hosts(voices: list[dict]) -> list[str | None]:
    return [statement["host"] for statement in voices]


def test_a_record_of_another_catalogue_names_its_home_its_page_its_date_and_its_licences(client: TestClient) -> None:
    record = told(client, "projects/zqpayroll")
    home = record["origin"]["home"]
    assert (home["host"], home["address"]) == ("b.example.org", "https://b.example.org/projects/zqpayroll")
    assert home["names"] == {"en": "Catalogue of b.example.org", "fr": "Catalogue de b.example.org"}
    assert (home["updated_at"], home["license"], home["texts_license"]) == (
        "2026-11-24T12:30:00Z", "CC0-1.0", "CC-BY-4.0",
    )  # fmt: skip
    assert record["license"] == "CC0-1.0" and hosts(record["origin"]["told_by"]) == ["c.example.org"]
    summary = record["chosen"]["summary"]["fact"]
    assert (summary["origin"], summary["source"]["license"]) == (origin_of("b.example.org"), "CC-BY-4.0")
    group = told(client, "organizations/zqcoop")["origin"]
    assert group["home"]["host"] == "b.example.org" and hosts(group["told_by"]) == ["c.example.org"]


def test_lists_say_of_each_record_whose_it_is(client: TestClient) -> None:
    cards = {project["slug"]: project for project in told(client, "projects")["projects"]}
    assert cards["zqpayroll"]["origin"]["home"]["host"] == "b.example.org"
    assert "home" not in cards["here"]["origin"] and hosts(cards["here"]["origin"]["told_by"]) == [
        "c.example.org",
        "awesome",
    ]
    groups = {organization["slug"]: organization for organization in told(client, "organizations")["organizations"]}
    assert "origin" not in groups["second"]
    assert groups["zqcoop"]["origin"]["home"]["address"].startswith("https://b.example.org/")
    for path in ("adoptions", "projects/zqpayroll/adoptions", "organizations/zqcoop/adoptions"):
        (used,) = [
            adoption for adoption in told(client, path)["adoptions"] if adoption["organization"]["slug"] == "zqcoop"
        ]
        whose = used["record_origin"]
        assert used["origin"] == origin_of("b.example.org") and whose["home"]["host"] == "b.example.org"
        assert hosts(whose["told_by"]) == ["c.example.org"]


def test_what_only_a_list_tells_of_is_the_lists_and_what_it_lends_is_named(client: TestClient) -> None:
    record = told(client, "projects/zqlisted")
    home = record["origin"]["home"]
    assert (home["host"], home["license"], record["license"]) == ("awesome", "CC-BY-SA-3.0", "CC-BY-SA-3.0")
    assert "peer_id" not in home or home["peer_id"] is None
    here = told(client, "projects/here")
    assert "home" not in here["origin"] and here["license"] == "CC0-1.0"
    lent = here["chosen"]["homepage"]["fact"]
    assert (lent["origin"], lent["source"]["license"]) == ("peer:awesome", "CC-BY-SA-3.0")


def test_answers_about_others_records_are_as_their_schemas_say(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, schema in (
        ("projects/zqpayroll", "projects/{slug}"), ("projects/zqlisted", "projects/{slug}"), ("projects", "projects"),
        ("organizations/zqcoop", "organizations/{slug}"), ("organizations", "organizations"),
        ("organizations/zqcoop/facts", "organizations/{slug}/facts"), ("adoptions", "adoptions"),
    ):  # fmt: skip
        answer = client.get(f"/api/v1/{path}").json()
        check(schema_of(document, f"/api/v1/{schema}"), document, answer)


def test_each_fact_of_an_organization_names_who_says_it(client: TestClient) -> None:
    facts = told(client, "organizations/zqcoop/facts")["facts"]
    country = [fact for fact in facts if fact["field"] == "country"]
    assert [(record["value"], record["origin"], record["shown"]) for record in country] == [
        ("ES", origin_of("b.example.org"), True)
    ]
    assert country[0]["source"]["license"] == "CC0-1.0"
    own = told(client, "organizations/second/facts")["facts"]
    assert {record["origin"] for record in own} == {"curated"} and all(record["shown"] for record in own)


def test_no_export_holds_what_we_are_not_home_of(client: TestClient, store: Store) -> None:
    for name in WHOLE_EXPORTS:
        whole = client.get(f"/export/{name}")
        assert whole.status_code == 200
        assert not [word for word in FOREIGN if word in whole.text], name
    assert [row["slug"] for row in rows(client.get("/export/projects.csv").content)] == ["here"]
    # A mirror that read its code makes a list's project no record of ours.
    (listed,) = [project for project in told(client, "projects")["projects"] if project["slug"] == "zqlisted"]
    store.observations.observe(
        UUID(listed["id"]), HEAD, an_observation(), facts=[Statement("homepage", "https://zq.example.org")],
        free=True, last_commit_at=NOW, now=NOW,
    )  # fmt: skip
    assert [row["slug"] for row in rows(client.get("/export/projects.csv").content)] == ["here"]
    assert told(client, "projects/zqlisted")["origin"]["home"]["host"] == "awesome"


@pytest.mark.parametrize("path", ["projects/zqpayroll", "organizations/zqcoop", "projects/zqlisted", "projects/here",
                                  "organizations/second", "about/peers"])  # fmt: skip
def test_every_address_of_ours_on_its_page_answers(client: TestClient, path: str) -> None:
    page = client.get(f"/en/{path}").text
    found = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"#]*)', page)}
    assert len(found) > 10
    for address in sorted(found):
        assert client.get(address).status_code < 400, address
    if path.startswith("projects/zq"):
        assert "/export/" not in page
        assert ("Data for developers, in the original catalogue:" in page) is (path == "projects/zqpayroll")


def test_the_data_in_a_page_of_anothers_record_name_its_home(client: TestClient) -> None:
    page = client.get("/fr/projects/zqpayroll").text
    assert '"@id":"https://b.example.org/projects/zqpayroll"' in page
    assert '"sdPublisher":{"@type":"Organization","name":"Catalogue de b.example.org"}' in page
    assert '"@id":"http://testserver/projects/here"' in client.get("/fr/projects/here").text


def test_no_answer_names_a_person_who_maintains_a_project(client_of) -> None:
    led = a_project(maintenance=(Maintenance("lead", person="Zora Quill"), Maintenance("lead", organization="coop")))
    client = client_of(led, an_organization("coop", name="Coop"))
    answers = [client.get(f"/api/v1/projects{path}").text for path in ("", "/galette", "/galette/facts")]
    assert "Zora Quill" in client.get("/en/projects/galette").text and "Coop" in answers[1]
    assert not any("Zora" in answer for answer in answers)
