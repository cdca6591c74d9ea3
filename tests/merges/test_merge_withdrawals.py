"""What another catalogue takes back, or is not asked for any more, and what is left of it here; on both databases."""

import pytest
from sqlalchemy import func, select
from support.factories.core import (
    NOW,
    a_catalog,
    a_project,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.factories.deltas import TakeOverResult
from support.factories.received import COOP, PAYROLL, USE, a_catalogue, gone, receive, theirs, use

from catalog.errors import NotFound
from catalog.federation import received_rows
from catalog.record_kind import ORGANIZATION
from catalog.store.adoptions import adoption_rows
from catalog.store.core.public_changes import changing
from catalog.store.federation import peers
from catalog.store.federation.taken_over import erased_of
from catalog.store.store import Store
from catalog.tables.adoptions import adoption
from catalog.tables.federation import received_record


def test_what_its_home_takes_back_goes_at_once_and_is_acknowledged(store: Store) -> None:
    home = a_catalogue(store)
    receive(store, home, PAYROLL, COOP, USE)
    before = store.change()
    assert receive(store, home, tombstones=[gone(USE), gone(COOP)]) == TakeOverResult(withdrawn=2)
    assert store.public_records.project("payroll").adoptions == ()
    with pytest.raises(NotFound):
        store.public_records.organization("coop")
    with store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(adoption)).scalar_one() == 0
        assert connection.execute(select(func.count()).where(received_record.c.record_id == COOP.id)).scalar_one() == 0
    assert store.change() > before
    with store.engine.connect() as connection:
        assert set(erased_of(connection, home.instance_id)) == {("adoption", USE.id), ("organization", COOP.id)}


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
    receive(store, home, PAYROLL)
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
    for version in ("1", "2"):
        receive(store, home, *told[:2], use("galette", "halles-es", version=version))
        assert store.public_records.project("galette").adoptions == ()


def test_after_a_catalogue_is_forgotten_nothing_of_it_is_left_and_ours_is_whole(store: Store) -> None:
    load(store, a_catalog(a_project(repository="https://git.example.org/galette"), an_organization("halles")))
    before = list(store.record_pages.slugs())
    home = a_catalogue(store)
    receive(store, home, theirs("galette", license="MIT"), PAYROLL, COOP, USE)
    with changing(store.engine) as (connection, change):
        received_rows.forget(connection, home.id, change=change, now=NOW)
        peers.remove(connection, peers.held(connection, home.id), now=NOW)
    assert list(store.record_pages.slugs()) == before
    assert {fact.origin for fact in store.facts.page("galette").facts} == {"curated"}
    with store.engine.connect() as connection:
        for table in (received_record, adoption):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


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
