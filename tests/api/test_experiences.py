"""What organizations and people told, as programs get it: experiences, what blocks somebody, who says "us too", and
what moderators said of two records. In parts, over both databases, and never what nobody published.
"""

import pytest
from support.factories.calls import BRUNO, COOP, GALETTE, a_call, a_support, published, somebody
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_project,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.rewriting import rewriting
from support.world import a_client, a_site

from catalog.rules.call import FIXED
from catalog.store.core.public_changes import changing
from catalog.store.documents import overrides
from catalog.store.store import Store
from catalog.submissions import maintainer_reply
from catalog.tables.core import organization
from tests.api.test_api import check, everything, schema_of
from tests.submissions.test_experience import send_experience
from tests.submissions.test_obstacle import a_report

SECOND, THIRD, TWIN = (identity(f"coop-{name}", "organization") for name in ("second", "third", "twin"))
WORDS = "Their members say so"
ADDRESSES = {name: f"{name}@{name}.example.org" for name in ("second", "third")}


@pytest.fixture
def filled(store: Store) -> Store:
    groups = [
        an_organization(f"coop-{name}", homepage=f"https://{name}.example.org") for name in ("second", "third", "twin")
    ]
    load(store, a_catalog(a_project(), a_project("other"), an_organization(), *groups))
    for slug in ("coop-des-halles", "coop-second"):
        a_declared_adoption(store, organization=slug, stage="in-production", since="2021")
    published(store, send_experience(store))
    published(store, send_experience(store, BRUNO, organization=SECOND, now=later(days=1), again="no"), later(days=1))
    send_experience(store, "c@example.org", organization=COOP, now=later(days=2), context="zqwaiting")
    return store


def a_site_of(store: Store, folder):
    return a_site(store, folder / "data")


def test_what_organizations_learned_comes_newest_first_and_in_parts(filled, tmp_path):
    with a_site_of(filled, tmp_path) as app:
        client = a_client(app)
        found = everything(client, "/api/v1/experiences?limit=1", "experiences")
        assert [(record["organization"]["slug"], record["again"]) for record in found] == [
            ("coop-second", "no"), ("coop-des-halles", "yes"),
        ]  # fmt: skip
        assert found[1]["project"]["slug"] == "galette" and (found[1]["stage"], found[1]["since"]) == (
            "in-production",
            "2021",
        )
        assert found[1]["context"].startswith("We keep 300") and found[1]["language"] == "pt"
        whole = client.get("/api/v1/experiences")
        assert "zqwaiting" not in whole.text and "@" not in whole.text
        document = client.get("/openapi.json").json()
        check(schema_of(document, "/api/v1/experiences"), document, whole.json())
        for query, number in (("project=other", 0), ("organization=coop-second", 1), ("project=galette", 2)):
            assert len(client.get(f"/api/v1/experiences?{query}").json()["experiences"]) == number
        assert set(client.get("/api/v1/experiences?fields=again").json()["experiences"][0]) == {"again"}
        with rewriting(filled.engine) as connection:
            connection.execute(organization.update().where(organization.c.id == SECOND).values(hidden="hidden"))
        assert len(everything(client, "/api/v1/experiences?limit=1", "experiences")) == 1


def test_what_blocks_somebody_is_told_once_it_is_published_and_without_its_code(filled, tmp_path):
    shown, waiting = a_report(filled), a_report(filled, now=later(hours=1), happened="zqwaiting")
    published(filled, shown)
    published(filled, a_report(filled, now=later(hours=2), project=identity("other"), audience="visual-impairment"))
    ana = somebody(filled, maintained_projects=[GALETTE])
    maintainer_reply.answer_obstacle(
        filled, ana, GALETTE, shown.reference, state=FIXED, words="Mended.", version="2.0", language="en", now=NOW
    )
    with a_site_of(filled, tmp_path) as app:
        client = a_client(app)
        found = everything(client, "/api/v1/obstacles?limit=1", "obstacles")
        assert [record["project"]["slug"] for record in found] == ["other", "galette"]
        assert (found[1]["state"], found[1]["answer"]["text"], found[1]["answer"]["version"]) == (
            "fixed",
            "Mended.",
            "2.0",
        )
        whole = client.get("/api/v1/obstacles")
        document = client.get("/openapi.json").json()
        check(schema_of(document, "/api/v1/obstacles"), document, whole.json())
        for secret in (shown.reference, waiting.reference, "zqwaiting"):
            assert secret not in whole.text
        for query, number in (("project=other", 1), ("audience=seniors", 1), ("state=fixed", 1)):
            assert len(client.get(f"/api/v1/obstacles?{query}").json()["obstacles"]) == number
        assert client.get("/api/v1/obstacles?state=nice").status_code == 400


def test_who_says_us_too_is_told_by_name_where_they_want_that(filled, tmp_path):
    call = a_call(filled)
    a_support(filled, call.reference, SECOND, ADDRESSES["second"])
    a_support(filled, call.reference, COOP, BRUNO, later(days=1))
    a_support(filled, call.reference, THIRD, ADDRESSES["third"], show="counted")
    with a_site_of(filled, tmp_path) as app:
        client = a_client(app)
        path = f"/api/v1/calls/{call.reference}/supports"
        found = everything(client, f"{path}?limit=1", "supports")
        assert [record["organization"]["slug"] for record in found] == ["coop-des-halles", "coop-second"]
        assert client.get(f"/api/v1/calls/{call.reference}").json()["supporters"]["named"] == 2
        document = client.get("/openapi.json").json()
        check(schema_of(document, "/api/v1/calls/{reference}/supports"), document, client.get(path).json())
        assert client.get("/api/v1/calls/2222-2222/supports").status_code == 404


def test_an_organizations_own_word_stands_beside_the_documents(filled, tmp_path):
    with changing(filled.engine) as (connection, change):
        said = {"homepage": {"value": "https://own.example.org", "declaration": "AAAA-2222", "own": True}}
        overrides.declare_organization_values(connection, SECOND, said, change=change, now=later(days=1))
    with a_site_of(filled, tmp_path) as app:
        facts = a_client(app).get("/api/v1/organizations/coop-second/facts").json()["facts"]
        said = {fact["origin"]: fact for fact in facts if fact["field"] == "homepage"}
        assert (said["declared"]["value"], said["declared"]["shown"]) == ("https://own.example.org", True)
        assert (said["curated"]["value"], said["curated"]["shown"]) == ("https://second.example.org", False)
        assert said["curated"]["disputed"] and said["declared"]["source"]["maintainer"] is True
