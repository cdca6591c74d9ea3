"""What an attack by a catalogue that is followed found once: what it says of itself makes nothing of ours its own."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.factories.core import NOW, a_catalog, a_project, load
from support.factories.deltas import a_visit, came
from support.factories.people import a_person
from support.factories.received import a_catalogue, a_delta, gone, receive, theirs
from support.world import a_client, a_site

from catalog import moderation
from catalog.federation.take_over import TakeOverResult
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.peer import NEW, PAUSED
from catalog.store.store import Store


def told(record, **body):
    """A record of theirs that says the identity of `record`."""
    return replace(theirs("stolen", **body), id=record)


def test_a_record_that_says_the_identity_of_ours_is_shown_nowhere_without_evidence(store: Store) -> None:
    load(store, a_catalog(a_project()))
    mine = store.public_records.project("galette")
    home = a_catalogue(store)
    receive(store, home, told(mine.id, name="Evil", repository="https://evil.example.org/galette"))
    assert store.received_records.catalogues_stating(PROJECT, mine.id) == ()
    assert [slug for _, slug in store.record_pages.slugs()] == ["galette"]
    assert store.public_records.project("galette").record.name == "Galette"


def test_a_record_that_says_the_identity_and_address_of_ours_can_be_parted_regression(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette")))
    mine = store.public_records.project("galette")
    home = a_catalogue(store)
    receive(store, home, told(mine.id, name="Evil", repository="https://git.example.org/galette"))
    (voice,) = store.received_records.catalogues_stating(PROJECT, mine.id)
    assert (voice.home_of, store.public_records.project("galette").record.name) == (False, "Galette")

    moderation.separate(store, a_person(store), PROJECT, mine.id, "Another one", now=NOW)
    assert store.received_records.catalogues_stating(PROJECT, mine.id) == ()
    receive(store, home, told(mine.id, name="Evil", repository="https://git.example.org/galette"))
    assert store.received_records.catalogues_stating(PROJECT, mine.id) == ()
    assert store.public_records.project("galette").record.name == "Galette"


def test_of_two_catalogues_that_say_one_identity_the_elder_is_its_home_regression(store: Store) -> None:
    first, other = a_catalogue(store), a_catalogue(store, "c.example.org")
    record = theirs("payroll")
    receive(store, first, record)
    receive(store, other, replace(record, body=record.body | {"name": "Evil"}))
    page = store.public_records.project("payroll")
    assert page.record.name == "Payroll"
    assert [
        (statement.host, statement.home_of) for statement in store.received_records.catalogues_stating(PROJECT, page.id)
    ] == [
        ("b.example.org", True),
        ("c.example.org", False),
    ]


def test_of_a_catalogue_that_is_not_read_any_more_what_a_visit_brings_is_not_kept_regression(store: Store) -> None:
    home = a_catalogue(store)
    for state in (PAUSED, NEW):
        moderation.decide_peer(store, None, home.id, state, now=NOW)
        assert receive(store, home, theirs("payroll"), theirs("coop", ORGANIZATION)) == TakeOverResult()
    assert store.received_records.held(home.id) == {}


def test_what_a_later_visit_saw_taken_back_is_not_kept_by_one_that_began_before_regression(store: Store) -> None:
    home, record = a_catalogue(store), theirs("payroll")
    receive(store, home, record, sequence=1)
    moderation.visited(store, home, batch_number=1, now=NOW)
    late = store.peers.get(home.id)
    visit = a_visit(store, home.id, a_delta(), allowed=(), now=NOW)
    receive(store, home, tombstones=[gone(record)], sequence=3)
    moderation.visited(store, late, batch_number=3, now=NOW)
    came(visit, a_delta(record, sequence=2))
    assert visit.finish() == TakeOverResult()
    moderation.visited(store, late, batch_number=2, now=NOW)
    assert store.peers.get(home.id).taken is None  # the next visit hands over all
    assert store.received_records.held(home.id) == {}


@pytest.mark.parametrize(
    "page", ["javascript:alert(1)", "https://evil.example/x", "http://[x", "//evil.example", "?a", ""]
)
def test_a_page_that_a_record_states_is_one_of_its_catalogue_and_takes_no_page_of_ours_down_regression(
    sqlite_store: Store, tmp_path: Path, page: str
) -> None:
    """Resolved like a link it led to any address, and where it was none each list that held the record answered 500."""
    home = a_catalogue(sqlite_store)
    receive(sqlite_store, home, replace(theirs("payroll"), page=page))
    key = sqlite_store.public_records.project("payroll").id
    (voice,) = sqlite_store.received_records.catalogues_stating(PROJECT, key)
    assert voice.address == f"https://b.example.org/{page.lstrip('/')}"
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        for path in ("/projects", "/projects/payroll", "/projects/payroll/facts"):
            answer = client.get(f"/en{path}")
            assert answer.status_code == 200 and "Payroll" in answer.text, path
            assert 'href="https://evil' not in answer.text
