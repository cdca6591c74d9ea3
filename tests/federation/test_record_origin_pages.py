"""What pages tell of other catalogues' records: whose each is, from when, under which licence; and that a kind which
nobody decided to take, or which was blocked, is on no page, feed, answer, export or index.
"""

from dataclasses import replace
from pathlib import Path

import pytest
from support.factories.core import NOW
from support.factories.received import a_catalogue, key, origin_of, receive, theirs, use
from support.visitors import signed_in
from support.world import a_client

from catalog import moderation
from catalog.federation import received_rows
from catalog.record_kind import ORGANIZATION
from catalog.rules.peer import NEW
from catalog.store.core.public_changes import changing
from catalog.store.federation import peers
from tests.hostile.test_visibility_everywhere import a_world, everything

WORDS = ("zqpayroll", "zqcoop", "zqversion", "zqsummary")
PAYROLL = theirs("zqpayroll", repository="https://git.example.org/zqpayroll", domains=["member-management"])
COOP = theirs("zqcoop", ORGANIZATION, country="ES", homepage="https://zqcoop.example.org")
USE = use("zqpayroll", "zqcoop", version="zqversion")
TEXTS = {"zqpayroll": {"en": {"summary": "Work out zqsummary"}, "fr": {"summary": "Calculer zqsummary"}}}


def test_a_foreign_record_says_whose_it_is_from_when_and_under_which_licence(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, indexed):
        receive(world.store, a_catalogue(world.store), PAYROLL, COOP, USE, texts=TEXTS)
        indexed()
        client = a_client(app)
        for path in ("/en/projects/zqpayroll", "/en/organizations/zqcoop"):
            page = client.get(path).text
            assert "According to" in page and "Catalogue of b.example.org" in page, path
            assert ", 24 November 2026." in page, path
            assert "CC0-1.0" in page and "CC-BY-4.0" in page, path
            assert f'href="https://b.example.org{path.removeprefix("/en")}"' in page, path
        assert "From the catalogue" in client.get("/en/projects/zqpayroll").text
        users = client.get("/en/projects/zqpayroll/users").text
        assert "Someone stated here" not in users and "has not been checked here" in users
        assert "b.example.org</bdi>, which says:" in users or "b.example.org, which says:" in users
        assert "Catalogue de b.example.org" in client.get("/fr/projects/zqpayroll").text


def test_a_foreign_record_is_found_by_search_list_and_interface_with_its_licence(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, indexed):
        receive(world.store, a_catalogue(world.store), PAYROLL, COOP, USE, texts=TEXTS)
        indexed()
        client = a_client(app)
        assert "/en/projects/zqpayroll" in client.get("/en/projects?q=zqsummary").text
        assert "/en/organizations/zqcoop" in client.get("/en/organizations?q=zqcoop").text
        facts = client.get("/api/v1/projects/zqpayroll/facts").json()
        told = str(facts)
        assert origin_of("b.example.org") in told and "CC0-1.0" in told and "CC-BY-4.0" in told


def test_a_catalogues_name_reads_in_the_direction_of_its_language(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, indexed):
        home = a_catalogue(world.store)
        names = {"en": "Forge: free software", "ar": "Forge: \u0628\u0631\u0645\u062c\u064a\u0627\u062a"}
        card = dict(home.card) | {"name": names}
        moderation.visited(world.store, home, batch_number=None, now=NOW, card=card)
        manifest = replace(world.document.manifest, languages=("en", "fr", "ar"))
        document = replace(world.document, manifest=manifest)
        world.store.curated_document.load(document, digest="ar", now=NOW)
        receive(world.store, world.store.peers.get(home.id), PAYROLL, texts=TEXTS)
        indexed()
        client = a_client(app)
        assert f'<bdi dir="rtl">{names["ar"]}</bdi>' in client.get("/ar/projects/zqpayroll").text
        assert f'<bdi lang="en" dir="ltr">{names["en"]}</bdi>' in client.get("/fr/projects/zqpayroll").text
        moderation.visited(world.store, home, batch_number=None, now=NOW, card=card | {"name": {'x"><b>': "Forja <b>"}})
        page = client.get("/fr/projects/zqpayroll?again=1").text
        assert '<bdi dir="auto">Forja &lt;b&gt;</bdi>' in page and "<b>" not in page.partition("<main")[2]


def test_a_record_of_ours_says_who_else_tells_of_it(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, indexed):
        code = world.document.projects[0].repository
        receive(world.store, a_catalogue(world.store), theirs("galette-es", repository=code))
        indexed()
        page = a_client(app).get("/en/projects/galette").text
        assert "Other catalogues that tell of it" in page
        assert 'href="https://b.example.org/projects/galette-es"' in page


@pytest.mark.parametrize(
    "how",
    [*(pytest.param(how, marks=pytest.mark.full) for how in ("never taken", "removed", "taken back")), "left"],
)
def test_what_was_not_let_in_or_left_again_is_told_nowhere(sqlite_template: Path, how: str) -> None:
    with a_world(sqlite_template, {}) as (world, app, indexed):
        store, client = world.store, a_client(app, packed=True)
        indexed()
        before = everything(app, client)
        home = a_catalogue(store)
        if how == "never taken":
            receive(store, home, kinds=frozenset())
        else:
            receive(store, home, PAYROLL, COOP, USE, texts=TEXTS)
            indexed()
            assert "zqpayroll" in client.get("/en/projects?q=zqsummary").text
        if how == "taken back":
            receive(store, home, whole=True)
        with changing(store.engine) as (connection, change):
            if how in ("left", "removed"):
                received_rows.forget(connection, home.id, change=change, now=NOW)
            if how == "left":
                peers.decide(connection, home, NEW, now=NOW)
            elif how == "removed":
                peers.remove(connection, home, now=NOW)
        indexed()
        after = everything(app, client)
        text = "\n".join(body for _, _, body in after.values())
        for word in WORDS:
            assert word not in text, [path for path, answer in after.items() if word in answer[2]]
        assert {path for path, answer in after.items() if answer[0] >= 500} == set()
        assert before["lists"] == after["lists"]


def test_a_moderator_sees_both_sides_and_says_that_they_are_not_the_same(sqlite_template: Path) -> None:
    with a_world(sqlite_template, {}) as (world, app, indexed):
        receive(
            world.store,
            a_catalogue(world.store),
            theirs("galette-es", repository=world.document.projects[0].repository),
        )
        indexed()
        desk = signed_in(app, world.store, "bruno@example.org")
        path = f"/en/desk/separate/project/{key('galette-es')}"
        assert path in desk.get("/en/desk/projects/galette").text
        page = desk.get(path).text
        assert "Galette-es" in page and "/en/projects/galette" in page
        wrong = desk.post(path, data={"words": "Write to ana@example.org"})
        assert wrong.status_code == 422 and "Write to ana@example.org" in wrong.text
        assert desk.post(path, data={"words": ""}).status_code == 303
        assert a_client(app).get("/en/projects/galette-es").status_code == 200
        assert desk.get(path).status_code == 404
        assert a_client(app).get(path).status_code in (303, 403)
        assert "galette" in a_client(app).get("/en/log").text.lower()
        assert desk.get("/en/desk/separate/project/nothing").status_code == 404
