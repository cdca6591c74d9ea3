"""What another catalogue takes back, or is not asked for any more, and what is left of it here; on both databases."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.received import COOP, PAYROLL, USE, a_catalogue, a_delta, gone, key, receive, theirs, use
from support.factories.rewriting import rewriting

from catalog.errors import NotFound
from catalog.federation import merge
from catalog.federation.merge import Taken
from catalog.federation.shapes import ORGANIZATION, PROJECT, Acknowledgement, Tombstone
from catalog.rules.peer import Peer
from catalog.rules.submission import adoption_id
from catalog.store import Store
from catalog.store.adoptions import rows as adoption_rows
from catalog.store.core.public_changes import changing
from catalog.store.federation import peers
from catalog.store.federation.publish.deletion_receipts import Erasure, Word
from catalog.tables.adoptions import adoption
from catalog.tables.federation import foreign, taken_back


def test_what_its_home_takes_back_goes_at_once_and_is_acknowledged(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL, COOP, USE)
    before = store.change()
    assert receive(store, home, tombstones=[gone(USE), gone(COOP)]) == Taken(removed=2)
    assert store.public_records.project("payroll").adoptions == ()
    with pytest.raises(NotFound):
        store.public_records.organization("coop")
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(adoption)).scalar_one() == 0
        assert connection.execute(select(func.count()).where(foreign.c.record_id == COOP.id)).scalar_one() == 0
    assert store.change() > before
    said = [(kind, record, to) for kind, record, to, _ in store.deletion_receipts.given()]
    assert said == [("adoption", USE.id, home.instance_id), ("organization", COOP.id, home.instance_id)]


def test_the_index_is_told_of_a_project_that_went(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL)
    before = store.change()
    receive(store, home, tombstones=[gone(PAYROLL)])
    _, _, dropped = store.index_rows.changed(before)
    assert dropped == (PAYROLL.id,)


def test_a_record_that_was_told_again_after_its_tombstone_is_shown_again(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL)
    receive(store, home, tombstones=[gone(PAYROLL)])
    receive(store, home, theirs("payroll", revision=3), tombstones=[gone(PAYROLL)])
    assert store.public_records.project("payroll").record.name == "Payroll"


def test_what_was_taken_back_here_outlives_every_pull(store: Store) -> None:
    load(
        store,
        a_catalog(
            a_project(repository="https://git.example.org/galette"),
            an_organization("halles", identifiers={"siren": "1"}),
        ),
    )
    told = [
        theirs("galette"),
        theirs("halles-es", ORGANIZATION, identifiers={"siren": "1"}),
        use("galette", "halles-es"),
    ]
    with changing(store.engine) as (connection, change):
        ids = identity("galette"), identity("halles", "organization")
        adoption_rows.withdraw_adoption(connection, *ids, change=change, now=NOW)
    home = a_catalogue(store)
    for revision in (1, 2):
        receive(store, home, *told[:2], use("galette", "halles-es", revision=revision, version=str(revision)))
        assert store.public_records.project("galette").adoptions == ()


def test_after_a_catalogue_is_forgotten_nothing_of_it_is_left_and_ours_is_whole(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette"), an_organization("halles")))
    before = list(store.record_pages.slugs())
    home = a_catalogue(store)
    receive(store, home, theirs("galette", license="MIT"), PAYROLL, COOP, USE)
    with changing(store.engine) as (connection, change):
        merge.forget(connection, home.id, change=change, now=NOW)
        peers.remove(connection, peers.held(connection, home.id), now=NOW)
    assert list(store.record_pages.slugs()) == before
    assert {fact.origin for fact in store.facts.page("galette").facts} == {"curated"}
    with store.engine.connect() as connection:
        for table in (foreign, adoption):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_kind_that_is_not_taken_any_more_leaves_and_the_others_stay(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL, COOP, USE)
    with changing(store.engine) as (connection, change):
        peers.decide(connection, home, {"organization": "block"}, role="operator", person_id=None, now=NOW)
        merge.decided(connection, home.id, change=change, now=NOW)
    assert [slug for _, slug in store.record_pages.slugs()] == ["payroll"]
    assert store.public_records.project("payroll").adoptions == ()


def test_what_people_said_here_about_a_foreign_record_survives_its_end(store: Store) -> None:
    load(store, a_catalog(an_organization("halles")))
    home = a_catalogue(store)
    receive(store, home, PAYROLL, texts={"payroll": {"es": {"summary": "Calcula", "description": "Texto de ellas"}}})
    with changing(store.engine) as (connection, change):
        said = an_adoption("halles", verification="domain-confirmed")
        ids = PAYROLL.id, identity("halles", "organization")
        adoption_rows.write_adoption(connection, *ids, said, change=change, now=NOW)
    receive(store, home, tombstones=[gone(PAYROLL)])
    page = store.public_records.project("payroll")
    assert [line.organization.slug for line in page.adoptions] == ["halles"]
    assert (page.record.summary, page.record.description, page.record.license) == ({}, {}, None)
    assert page.chosen == {}


def test_a_follower_that_owes_its_word_for_a_month_is_named(store: Store) -> None:
    load(store, a_catalog(a_project(), an_organization("coop-des-halles")))
    a_declared_adoption(store)
    home = a_catalogue(store)
    manifest = store.manifest()
    assert manifest is not None
    old = Acknowledgement("adoption", key("an earlier one"), manifest.id, NOW - timedelta(days=60))
    merge.apply_delta(store, home.id, a_delta(acknowledgements=(old,)), now=NOW)
    with changing(store.engine) as (connection, change):
        ids = identity("galette"), identity("coop-des-halles", "organization")
        adoption_rows.withdraw_adoption(connection, *ids, change=change, now=NOW)
    assert store.deletion_receipts.late(now=NOW + timedelta(days=29)) == ()
    (late,) = store.deletion_receipts.late(now=NOW + timedelta(days=31))
    assert (late.records, late.since) == (1, NOW)
    word = Acknowledgement("adoption", adoption_id(*ids), manifest.id, NOW + timedelta(days=31))
    merge.apply_delta(store, home.id, a_delta(acknowledgements=(word,)), now=NOW)
    assert store.deletion_receipts.late(now=NOW + timedelta(days=31)) == ()


def test_what_is_taken_back_once_more_is_acknowledged_once_more(
    store: Store,
) -> None:
    home = a_catalogue(store)
    for days, said in ((0, 0), (9, 9), (9, 9)):
        stone = Tombstone(PROJECT, key("x"), later(days=days), "withdrawn", days + 1)
        merge.apply_delta(store, home.id, a_delta(tombstones=[stone]), now=later(hours=1, days=days))
        ((*_, at),) = store.deletion_receipts.given()
        assert at == later(hours=1, days=said)
    stone = Tombstone(PROJECT, key("x"), later(days=20), "withdrawn", 30)
    merge.apply_delta(
        store, home.id, a_delta(tombstones=[stone]), now=later(days=19)
    )  # of a clock that is ahead of ours
    ((*_, at),) = store.deletion_receipts.given()
    assert at == later(days=20)


def test_who_erased_what_was_taken_back_is_known_with_its_day_and_who_is_late(store: Store) -> None:
    load(store, a_catalog(a_project(), an_organization("coop-des-halles")))
    manifest = store.manifest()
    assert manifest is not None
    gone_use = key("use")
    prompt, slow, new = (a_catalogue(store, f"{name}.example.org") for name in "bcd")

    def word(home: Peer, record: UUID, at: datetime) -> None:
        said = Acknowledgement("adoption", record, manifest.id, at)
        merge.apply_delta(store, home.id, a_delta(acknowledgements=(said,)), now=NOW)

    for home in (prompt, slow):
        word(home, gone_use, NOW - timedelta(days=60))
    assert store.deletion_receipts.receipt_of("adoption", gone_use, now=NOW) is None
    with rewriting(store.engine) as connection:
        row = {
            "kind": "adoption",
            "record_id": gone_use,
            "ground": "withdrawn",
            "revision": 2,
            "sequence": 3,
            "at": NOW,
        }
        connection.execute(taken_back.insert().values(row))
    word(prompt, gone_use, later(days=1))
    word(new, key("another"), later(days=2))
    found = store.deletion_receipts.receipt_of("adoption", gone_use, now=later(days=7))
    assert found == Erasure(NOW, (Word("b.example.org", later(days=1), False), Word("c.example.org", None, False)))
    found = store.deletion_receipts.receipt_of("adoption", gone_use, now=later(days=8))
    assert found is not None and found.words[1] == Word("c.example.org", None, True)


def test_a_tombstone_of_a_record_that_never_was_here_is_answered_too(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, tombstones=[Tombstone(PROJECT, key("x"), NOW, "erased", 1)])
    assert [(kind, record) for kind, record, _, _ in store.deletion_receipts.given()] == [(PROJECT, key("x"))]
