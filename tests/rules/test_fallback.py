"""What our record leaves open and another catalogue tells is shown, found and credited wherever the record is, and is
none of our record: what we publish does not hold it, and it leaves with whoever told it.
"""

import dataclasses
import html
import re
from pathlib import Path
from typing import Any

import pytest
from support.factories.core import NOW, a_project
from support.factories.received import a_catalogue, key, receive, theirs
from support.world import a_client

from catalog.model import Project
from catalog.rules.fact import CURATED, ChosenFact, Fact
from catalog.rules.fallback import FALLBACK_FIELDS, with_fallbacks
from tests.hostile.test_visibility_everywhere import a_world

CODE = "https://git.example.org/zebra"
TOLD = {
    "made_for": ["cooperative"],
    "replaces": ["Zqexcel"],
    "cost": {"en": "Zqcost: nothing for groups"},
    "deployment_countries": ["ES"],
    "languages": ["es", "ca"],
}
OURS = a_project("zebra", name="Zebra", repository=CODE, made_for=(), replaces=(), languages=(), cost={})


def _lent(world: Any, **body: Any) -> None:
    body = {name: value for name, value in (TOLD | body).items() if name != "cost"}
    receive(
        world.store,
        a_catalogue(world.store),
        theirs("zebra-es", repository=CODE, **body),
        texts={"zebra-es": {"en": {"cost": TOLD["cost"]["en"]}}},
    )


def _plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.fixture
def zebra(sqlite_template: Path) -> Any:
    with a_world(sqlite_template, {}) as (world, app, indexed):
        document = world.document
        world.store.curated_document.load(
            dataclasses.replace(document, projects=(*document.projects, OURS)), digest="zebra", now=NOW
        )
        yield world, a_client(app), indexed


def test_a_page_shows_what_another_catalogue_tells_of_what_ours_leaves_open_and_says_so(zebra: Any) -> None:
    world, client, indexed = zebra
    assert "Zqcost" not in client.get("/en/projects/zebra").text
    _lent(world)
    indexed()
    page = _plain(client.get("/en/projects/zebra").text)
    assert "Zqcost: nothing for groups" in page and "Zqexcel" in page
    assert "From the catalogue Catalogue of b.example.org" in page
    for path in ("/en/compare/sheet?p=zebra", "/en/compare?p=zebra"):
        assert "Zqcost: nothing for groups" in _plain(client.get(path).text), path
    assert "the catalogue Catalogue of b.example.org" in _plain(client.get("/en/compare/sheet?p=zebra").text)
    told = client.get("/api/v1/projects/zebra").json()
    assert told["record"]["made_for"] == ["cooperative"] and told["record"]["replaces"] == ["Zqexcel"]
    lent = {name for name, choice in told["chosen"].items() if choice["fact"]["origin"].startswith("peer:")}
    assert lent >= {"made_for", "replaces", "cost"}


def test_what_is_lent_is_found_and_stands_on_the_card(zebra: Any) -> None:
    world, client, indexed = zebra
    _lent(world)
    indexed()
    assert "/en/projects/zebra" in client.get("/en/projects?q=Zqexcel").text
    assert "/en/projects/zebra" in client.get("/en/projects?made-for=cooperative").text
    card = client.get("/en/projects?q=zebra").text
    assert "Spanish and 1 more" in _plain(card.partition('href="/en/projects/zebra"')[2].partition("</ul>")[0])


def test_what_is_lent_is_not_ours_to_publish_and_leaves_with_whoever_told_it(zebra: Any) -> None:
    world, client, indexed = zebra
    _lent(world)
    indexed()
    assert "Zqcost" not in str(world.store.public_records.project("zebra").record)
    for path in ("/export/projects.csv", "/export/catalog.yaml"):
        answer = client.get(path)
        assert answer.status_code in (200, 404) and "Zqexcel" not in answer.text, path
    receive(world.store, world.store.peers.get(key("b.example.org")), whole=True)
    indexed()
    assert "Zqcost" not in client.get("/en/projects/zebra").text
    assert "/en/projects/zebra" not in client.get("/en/projects?q=Zqexcel").text


def _chosen(field: str, value: Any, origin: str) -> ChosenFact:
    return ChosenFact(Fact(field, value, origin, {}, NOW, NOW))


def test_what_the_record_says_itself_stands_and_only_others_lend() -> None:
    ours = Project(slug="zebra", name="Zebra", summary={}, made_for=("association",))
    lent = {name: _chosen(name, value, "peer:b.example.org") for name, value in TOLD.items()}
    found = with_fallbacks(ours, lent)
    assert (found.made_for, found.replaces, found.cost) == (("association",), ("Zqexcel",), TOLD["cost"])
    assert found.languages == ()  # which files may tell as well, so that they are chosen elsewhere
    nobody = {name: _chosen(name, value, CURATED) for name, value in TOLD.items()}
    assert with_fallbacks(ours, nobody) is ours


def test_every_field_that_is_lent_is_one_of_a_project() -> None:
    assert set(FALLBACK_FIELDS) <= {field.name for field in dataclasses.fields(Project)}
