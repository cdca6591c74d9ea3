"""Which records are published, and which are withdrawn."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from support.exchange_reader import ExchangeReader, all_bytes
from support.factories.core import (
    NOW,
    a_catalog,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.rewriting import rewriting

from catalog import moderation
from catalog.exchange import limits
from catalog.exchange.writing import as_json, canonical
from catalog.publication.exchange_view import line_of
from catalog.rules.decision import HIDE, SHOW
from catalog.store.store import Store
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project
from forge.exchange.publish import write

HERE = "https://forge.example"
USES = (an_adoption(), an_adoption("ana-maintains", visibility="counted"))


@pytest.fixture
def world(store: Store) -> Store:
    records = (a_project(adoptions=USES), a_project("paheko"), an_organization(), an_organization("ana-maintains"))
    load(store, a_catalog(*records))
    return store


def published(store: Store, data: Path, now=NOW) -> Any:
    write(store, data, HERE, now=now)
    return data / "exchange"


def grounds(reader: ExchangeReader) -> dict[str, str]:
    return {kind: said.ground for (kind, _), said in reader.withdrawn.items()}


def test_what_a_moderator_hid_is_withdrawn_until_it_is_shown_again(world: Store, tmp_path: Path) -> None:
    with ExchangeReader(published(world, tmp_path), NOW) as reader:
        moderation.decide(
            world, None, "galette", moderation.DecisionRequest(HIDE, "court", "A judgment of 3 May.", ""), now=NOW
        )
        published(world, tmp_path, later(hours=1))
        assert grounds(reader.visit()) == {"project": "withdrawn", "adoption": "withdrawn"}
        number = reader.withdrawn["project", identity("galette")].n
        moderation.decide(world, None, "galette", moderation.DecisionRequest(SHOW, "over", "", ""), now=later(hours=1))
        published(world, tmp_path, later(hours=2))
        assert grounds(reader.visit()) == {}
        assert reader.records("projects")["galette"].returns == number


def test_opted_out_projects_and_hidden_organizations_leave_with_what_hangs_on_them(
    world: Store, tmp_path: Path
) -> None:
    with ExchangeReader(published(world, tmp_path), NOW) as reader:
        with rewriting(world.engine) as connection:
            connection.execute(update(project).where(project.c.slug == "galette").values(opted_out_at=NOW))
            hidden = organization.c.slug == "ana-maintains"
            connection.execute(update(organization).where(hidden).values(hidden="hidden"))
        folder = published(world, tmp_path, later(hours=1))
        told = grounds(reader.visit())
        assert told == {"project": "opted-out", "organization": "withdrawn", "adoption": "withdrawn"}
        raw = all_bytes(folder)
        assert b"galette" not in raw and b"ana-maintains" not in raw


def test_a_use_that_nobody_saw_publicly_is_no_withdrawal(world: Store, tmp_path: Path) -> None:
    with ExchangeReader(published(world, tmp_path), NOW) as reader:
        with rewriting(world.engine) as connection:
            mine = adoption.c.organization_id == identity("ana-maintains", "organization")
            connection.execute(update(adoption).where(mine).values(visibility="counted"))
        published(world, tmp_path, later(hours=1))
        assert not reader.visit().withdrawn


def test_what_came_from_elsewhere_does_not_go_out_again(world: Store, tmp_path: Path) -> None:
    with rewriting(world.engine) as connection:
        theirs = identity("elsewhere", "peer")
        connection.execute(update(project).where(project.c.slug == "paheko").values(peer_id=theirs))
        connection.execute(update(adoption).values(origin="peer:other.example"))
    with ExchangeReader(published(world, tmp_path), NOW) as reader:
        assert set(reader.records("projects")) == {"galette"} and not reader.adoptions()


def test_what_a_reader_would_refuse_is_left_out_before_it_leaves(sqlite_store: Store, tmp_path: Path) -> None:
    """A value that the format has no place for costs that value, not the record."""
    long = {"fr": "mot " * 10_000}
    odd = a_project("odd", notes=long, homepage="https://odd.example/", domains=("member-management",))
    load(sqlite_store, a_catalog(odd))
    with ExchangeReader(published(sqlite_store, tmp_path), NOW) as reader:
        told = reader.records("projects")["odd"]
        assert told.body["homepage"] == "https://odd.example/" and "notes" not in told.body


def test_a_project_with_more_users_than_a_record_may_have_tells_of_the_surest() -> None:
    from tests.exchange.make_vectors import State

    record = State().projects[0]
    use = replace(record.adoptions[0], body={"lesson": {"fr": "mot " * 1_000}})
    kept, line = line_of(replace(record, adoptions=(use,) * 1_000))
    assert 300 < len(kept.adoptions) < 1_000 and line == canonical(as_json(kept)) and len(line) <= limits.RECORD_BYTES
    assert line_of(replace(record, body={"notes": {"fr": "x" * (limits.RECORD_BYTES + 1)}}, adoptions=(use,))) is None
