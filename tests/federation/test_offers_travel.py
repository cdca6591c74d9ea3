"""Translations and corrections on their way from one store to the home of a record and back; on both databases."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from support.factories.core import NOW, a_catalog, a_manifest, a_project, later, load
from support.factories.offers import GALETTE, TEXTS, Catalogue, answer, correct, met
from support.factories.people import a_person

from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.federation import offering
from catalog.federation.offering import Draft, Proposal
from catalog.model import Translated
from catalog.rules import translation_offer
from catalog.rules.decision import PUBLISH, REFUSE
from catalog.store import Store
from forge.export.home import Home
from forge.export.publiccode import publiccode
from forge.export.software import software


@pytest.fixture
def two(store: Store, tmp_path: Path) -> Iterator[tuple[Catalogue, Catalogue]]:
    """The home of a project, and a catalogue that follows it."""
    other = Store(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    load(store, a_catalog(a_project()))
    manifest = a_manifest(id=uuid4(), name={"es": "Catálogo de la red"})
    load(other, a_catalog(a_project("paheko", repository="https://git.example.org/paheko"), manifest=manifest))
    folders = tmp_path / "home", tmp_path / "other"
    for path in folders:
        path.mkdir()
    yield Catalogue(store, folders[0], "home.example.org"), Catalogue(other, folders[1], "other.example.org")
    other.close()


def test_a_translation_travels_to_its_home_and_comes_back_with_credit_until_the_original_changes(two) -> None:
    home, other = two
    at_other, at_home = met(home, other)
    someone = a_person(other.store)
    draft = Draft("es", "fr", TEXTS, "person", None)
    (given,) = offering.give(other.store, someone, GALETTE, draft, now=NOW)
    (ours,) = other.store.translation_offers.all(outgoing=True)
    assert (ours.id, ours.state, ours.translator, ours.slug) == (given, "waiting", "Catálogo de la red", "galette")
    with pytest.raises(Invalid):
        offering.give(other.store, someone, GALETTE, draft, now=NOW)

    other.tell(later(hours=1))
    home.hear(other, at_home, later(hours=1))
    (waits,) = home.store.translation_offers.all(outgoing=False)
    assert (waits.id, waits.home, waits.stale) == (given, "Catálogo de la red", False)
    answer(home.store, when=later(hours=2))
    home.tell(later(hours=3))
    other.hear(home, at_other, later(hours=3))
    page = other.store.public_records.project("galette")
    assert page.record.summary["es"] == TEXTS["summary"]
    record = other.store.translation_offers.home_of(GALETTE)
    assert record is not None
    said = record.texts["es"]["texts"]["summary"]
    assert (said["origin"], said["translator"], said["method"]) == ("translation", "Catálogo de la red", "person")
    assert [(offer.state, offer.stale) for offer in other.store.translation_offers.all(outgoing=True)] == [
        ("accepted", False)
    ]
    credit = Translated("summary", "es", "Catálogo de la red", "person")
    assert page.record.translated == (credit,) == home.store.exported_records.project("galette").record.translated
    assert "  # summary: translated by Catálogo de la red (CC-BY-4.0)\n  es:\n" in publiccode_of(home.store)
    with home.store.public_dump.tables() as (_, document):
        assert document().projects[0].translated == (credit,)

    other.tell(later(hours=4))
    home.hear(other, at_home, later(hours=4))
    assert [offer.state for offer in home.store.translation_offers.all(outgoing=False)] == ["accepted"]

    correct(home.store, "fr", "Tenir les adhésions et les dons", later(hours=5))
    (stale,) = home.store.translation_offers.shown(GALETTE)
    assert stale.stale and stale.text == TEXTS["summary"]
    home.tell(later(hours=6))
    other.hear(home, at_other, later(hours=6))
    assert [(offer.state, offer.stale) for offer in other.store.translation_offers.all(outgoing=True)] == [
        ("accepted", True)
    ]
    assert other.store.public_records.project("galette").record.translated == (replace(credit, stale=True),)
    assert "and the original changed since\n  es:" in publiccode_of(home.store)
    correct(other.store, "es", "Otras palabras, de aquí", later(hours=7))
    assert other.store.public_records.project("galette").record.translated == ()


def publiccode_of(store: Store) -> str:
    found = store.exported_records.project("galette")
    return publiccode(software(found), Home("https://home.example.org", store.manifest()))


def test_who_may_offer_what_in_whose_name(two) -> None:
    home, other = two
    home.tell(NOW)
    other.hear(home, other.follow(home), NOW)
    someone, nobody = a_person(other.store), a_person(other.store, "ana@example.org", None)
    draft = Draft("es", "fr", TEXTS, "person", None)
    with pytest.raises(NotAllowed):
        offering.give(other.store, nobody, GALETTE, draft, now=NOW)
    with pytest.raises(NotFound):
        offering.give(home.store, a_person(home.store), GALETTE, draft, now=NOW)
    for text in ("x" * 121, "  "):
        with pytest.raises(Invalid) as no:
            offering.give(other.store, someone, GALETTE, Draft("es", "fr", {"summary": text}, "person", None), now=NOW)
        assert set(no.value.errors) == {"summary"}
    with pytest.raises(Invalid) as no:
        offering.give(other.store, someone, GALETTE, Draft("es", "fr", TEXTS, "machine", uuid4()), now=NOW)
    assert set(no.value.errors) == {"method", "translator"}
    assert other.store.translation_offers.all(outgoing=True) == ()


def test_a_correction_travels_to_its_home_and_who_proposed_it_sees_what_became_of_it(two) -> None:
    home, other = two
    at_other, at_home = met(home, other)
    someone = a_person(other.store)

    def propose(field: str, value: object, language: str = "", now: datetime = NOW) -> None:
        wish = Proposal(field, language, value, "", None)
        offering.propose(other.store, someone, GALETTE, wish, now=now)

    refused = [("value", "homepage", "nowhere"), ("value", "license", "GPL-3.0-or-later"), ("field", "runs", {})]
    for wrong, field, value in refused:
        with pytest.raises(Invalid) as no:
            propose(field, value)
        assert set(no.value.errors) == {wrong}
    propose("homepage", "https://wrong.example")
    propose("homepage", "https://galette.example")
    propose("languages", ["fr", {"term": "es", "percent": 60}])
    propose("summary", "Tenir la liste des membres", "fr")
    assert len(other.store.translation_offers.all(outgoing=True)) == 3
    other.tell(later(hours=1))
    home.hear(other, at_home, later(hours=1))
    assert {case.answers["field"] for case in home.store.submissions.queue()} == {"homepage", "languages", "summary"}

    correct(home.store, "fr", "Tenir les adhésions", later(hours=2))
    by_field = {offer.field: offer.stale for offer in home.store.translation_offers.all(outgoing=False)}
    assert by_field == {"homepage": False, "languages": False, "summary": True}
    for field, choice, reason in (
        ("homepage", PUBLISH, ""),
        ("summary", REFUSE, "not-checkable"),
        ("languages", PUBLISH, ""),
    ):
        fields = [case.answers["field"] for case in home.store.submissions.queue()]
        answer(home.store, fields.index(field), choice, reason, later(hours=3))
    home.tell(later(hours=4))
    other.hear(home, at_other, later(hours=4))
    record = other.store.public_records.project("galette").record
    assert record.homepage == "https://galette.example" and record.summary["fr"] == "Tenir les adhésions"
    states = {offer.field: offer.state for offer in other.store.translation_offers.all(outgoing=True)}
    assert states == {
        "homepage": translation_offer.ACCEPTED,
        "languages": translation_offer.ACCEPTED,
        "summary": translation_offer.OTHERWISE,
    }
    other.tell(later(hours=5))
    home.hear(other, at_home, later(hours=5))
    assert home.store.submissions.queue() == ()
