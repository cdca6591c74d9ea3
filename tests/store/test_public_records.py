"""Public records as rows: one for each that everybody may see, the same as what it is built of, whatever happened."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from support.factories.calls import somebody
from support.factories.core import (
    NOW,
    a_catalog,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)

from catalog.errors import OptedOut, Removed
from catalog.model import Relation, Runs
from catalog.ownership import unlist
from catalog.publication.body import body_of, packed, unpacked
from catalog.store.core.among import among
from catalog.store.core.engine import reading, writing
from catalog.store.core.public_changes import changing, publish_put_off
from catalog.store.organizations.search import OrganizationFilter
from catalog.store.public_records.building import TABLES, build_records
from catalog.store.store import Store
from catalog.tables.core import project
from catalog.tables.public_records import organization_category, public_mention, public_record
from tests.store.kills import killed_at

GALETTE, COOP = identity("galette"), identity("coop-des-halles", "organization")


def the_catalog(**changes):
    stated = {
        "adoptions": (an_adoption(provider="helper"),),
        "maintenance": (a_maintenance("maker"), a_maintenance(None, person="Ana of the makers")),
        "runs": Runs(hosted=("host",)),
    }
    organizations = [an_organization(slug) for slug in ("helper", "maker", "host")]
    plugin = a_project("plugin", relations=(Relation("part-of", "galette"),))
    return a_catalog(a_project(**stated | changes), plugin, an_organization(), *organizations)


@pytest.fixture
def filled(store: Store) -> Store:
    load(store, the_catalog())
    return store


def stored(store: Store) -> dict[tuple[str, str], dict]:
    with reading(store.engine) as connection:
        rows = connection.execute(select(public_record)).all()
    return {(row.kind, row.slug): unpacked(row.body) for row in rows}


def built(store: Store) -> dict[tuple[str, str], dict]:
    found = {}
    with reading(store.engine) as connection:
        for kind, table in TABLES.items():
            ids = list(connection.execute(select(table.c.id)).scalars())
            for record in build_records(connection, kind, ids).values():
                body = body_of(record.record, record.projects)
                found[kind, record.record.slug] = unpacked(packed(body))
    return found


def test_what_everybody_may_see_has_a_row_and_what_nobody_may_has_none(filled: Store) -> None:
    organizations = ("coop-des-halles", "helper", "host", "maker")
    named = {("project", "galette"), ("project", "plugin"), *(("organization", slug) for slug in organizations)}
    assert stored(filled).keys() == named
    filled.takedowns.block("galette", "Asked.", now=NOW)
    assert stored(filled).keys() == named - {("project", "galette")}
    assert "Galette" not in repr(stored(filled))
    with pytest.raises(Removed):
        filled.public_records.project("galette")
    filled.takedowns.unblock("galette")
    assert stored(filled) == built(filled) and stored(filled).keys() == named


def test_of_a_project_that_is_not_listed_three_values_are_kept_and_no_card(filled: Store) -> None:
    keeper = somebody(filled, "ana@example.org", maintained_projects=[GALETTE])
    unlist.opt_out(filled, keeper, GALETTE, "", "fr", now=NOW)
    body = stored(filled)["project", "galette"]
    assert body["shown"]["record"].keys() <= {"slug", "id", "name", "summary", "repository", "license"}
    assert "coop-des-halles" not in repr(body) and "Ana of the makers" not in repr(body)
    assert filled.public_records.cards([GALETTE]) == ()
    with pytest.raises(OptedOut):
        filled.public_records.reach("galette")


def test_names_of_persons_lie_apart_from_what_leaves_from_here(filled: Store) -> None:
    body = stored(filled)["project", "galette"]
    assert "Ana of the makers" in repr(body["page_only"])
    assert "Ana of the makers" not in repr((body["shown"], body["refs"]))
    lines = filled.public_records.project("galette").maintenance
    assert [line.maintenance.person for line in lines] == [None, "Ana of the makers"]


def test_a_record_names_others_once_and_by_their_ids(filled: Store) -> None:
    body = stored(filled)["project", "galette"]
    assert body["refs"]["organizations"][str(COOP)] == ["coop-des-halles", "coop des halles", "cooperative", "FR"]
    assert body["shown"]["adoptions"][0]["organization"] == str(COOP)
    with reading(filled.engine) as connection:
        mine = select(public_mention.c.of_id).where(public_mention.c.id == GALETTE)
        named = set(connection.execute(mine).scalars())
    others = {identity(slug, "organization") for slug in ("coop-des-halles", "helper", "maker", "host")}
    assert named == {identity("plugin"), *others}


def test_the_same_again_writes_and_counts_nothing(filled: Store) -> None:
    before, change = stored(filled), filled.change()
    with writing(filled.engine) as connection:
        rows = connection.execute(select(public_record.c.id, public_record.c.change)).all()
    assert filled.public_record_upkeep.rebuild() == (6, 0)
    with writing(filled.engine) as connection:
        assert connection.execute(select(public_record.c.id, public_record.c.change)).all() == rows
    assert (stored(filled), filled.change()) == (before, change)


def test_a_row_that_is_wrong_or_lost_is_found_and_written_anew(filled: Store) -> None:
    good = stored(filled)
    assert filled.public_record_upkeep.differing()[1] == ()
    with writing(filled.engine) as connection:
        connection.execute(update(project).where(project.c.id == GALETTE).values(name="Another"))
        connection.execute(delete(public_record).where(public_record.c.slug == "maker"))
    _, wrong = filled.public_record_upkeep.differing()
    assert {("project", "galette"), ("organization", "maker")} <= set(wrong)
    assert filled.public_records.organization("maker").record.name  # built on reading
    with writing(filled.engine) as connection:
        connection.execute(update(project).where(project.c.id == GALETTE).values(name="Galette"))
    filled.public_record_upkeep.rebuild()
    assert stored(filled) == good and filled.public_record_upkeep.differing()[1] == ()


def test_a_row_of_an_older_shape_is_built_on_reading_and_written_by_the_job(filled: Store) -> None:
    page, card = filled.public_records.project("galette"), filled.public_records.cards([GALETTE])
    with writing(filled.engine) as connection:
        connection.execute(update(public_record).values(version=0, body=packed({"shown": {}})))
    assert filled.public_records.project("galette") == page and filled.public_records.cards([GALETTE]) == card
    assert filled.public_records.organization("maker").maintained == 1
    assert filled.public_record_upkeep.write_outdated() == 6
    assert filled.public_record_upkeep.write_outdated() == 0
    assert stored(filled) == built(filled)
    assert filled.public_records.cards([GALETTE], quoted=True)[0].slug == "galette"


def test_what_a_series_of_transactions_puts_off_is_built_by_its_end_or_by_the_job(filled: Store) -> None:
    for name, end in (
        ("First", lambda: publish_put_off(filled.engine)),
        ("Second", filled.public_record_upkeep.write_outdated),  # as after a kill
    ):
        before, change = stored(filled), filled.change()
        for at in (1, 2):
            with changing(filled.engine, later=True) as (connection, public):
                mine = project.c.id == GALETTE
                record = connection.execute(select(project.c.record).where(mine)).scalar_one()
                values = {"name": f"{name} {at}", "record": record | {"name": f"{name} {at}"}}
                connection.execute(update(project).where(mine).values(values))
                public.touch("project", GALETTE)
        assert stored(filled) == before and filled.change() == change
        end()
        assert stored(filled) == built(filled) != before and filled.change() == change + 1
        assert publish_put_off(filled.engine) == 0 and filled.change() == change + 1


def test_organizations_are_counted_in_the_categories_of_what_they_use_now(filled: Store) -> None:
    above = {"member-portal": "member-management"}

    def counted(**filters) -> dict[str, int]:
        domains = filled.record_pages.organization_list(OrganizationFilter(**filters), above)[2]["domain"]
        total, cards = filled.record_pages.organizations(
            OrganizationFilter(domains=("member-portal", "member-management"))
        )
        assert total == len(cards) == domains.get("member-management", 0)
        return domains

    def other(number: str, **changes) -> None:
        load(filled, the_catalog(**changes), now=later(days=int(number)), digest=number)

    assert counted() == {"member-management": 1} == counted(text="coop") == counted(country="FR")
    other("1", domains=("member-portal",))
    assert counted() == {"member-portal": 1, "member-management": 1} == counted(text="halles")
    other("2", domains=("accounting",))
    assert counted() == {"accounting": 1} and counted(text="maker") == {}
    filled.takedowns.block("galette", "Asked.", now=NOW)
    assert counted() == {}
    filled.takedowns.unblock("galette")
    assert counted() == {"accounting": 1}
    with writing(filled.engine) as connection:
        connection.execute(update(organization_category).values(term="erp"))
    assert [*filled.public_record_upkeep.differing()[1]] == [("organization", "coop-des-halles")]
    filled.public_record_upkeep.rebuild()
    assert counted() == {"accounting": 1} and filled.public_record_upkeep.differing()[1] == ()
    other("3", adoptions=())
    assert counted() == {}


def test_two_records_that_exchange_their_slugs_keep_both_rows(filled: Store) -> None:
    one, two = identity("galette"), identity("plugin")
    swapped = a_catalog(a_project("plugin", id=one), a_project("galette", id=two))
    load(filled, swapped, now=later(days=1), digest="2")
    ids = {slug: filled.public_records.project(slug).id for slug in ("galette", "plugin")}
    assert ids == {"plugin": one, "galette": two} and stored(filled) == built(filled)


@pytest.mark.parametrize(
    "verb",
    [
        lambda store: store.takedowns.block("galette", "Asked.", now=NOW),
        pytest.param(
            lambda store: load(store, the_catalog(name="Galette 2", adoptions=()), now=later(days=1), digest="2"),
            marks=pytest.mark.full,
        ),
    ],
    ids=["block", "load"],
)
def test_a_process_that_is_killed_at_any_step_leaves_records_as_they_were(
    sqlite_url: str, tmp_path: Path, verb: Callable[[Store], object]
) -> None:
    first = Store(sqlite_url)
    load(first, the_catalog())
    before, change = stored(first), first.change()
    first.close()
    step = 1
    while killed_at(sqlite_url, step, verb):
        again = Store(sqlite_url)
        assert (stored(again), again.change()) == (before, change)
        assert built(again) == before
        again.close()
        step += 1
    after = Store(sqlite_url)
    assert step > 5 and stored(after) == built(after) != before and after.change() > change
    after.close()


def test_a_condition_takes_any_number_of_keys_of_any_type(filled: Store) -> None:
    many = [uuid4() for _ in range(70_000)]  # more than either database takes as parameters of their own
    with reading(filled.engine) as connection:
        for column, key in ((project.c.id, GALETTE), (project.c.slug, "galette"), (project.c.slug, '"], é')):
            keys = [*many, key] if column is project.c.id else [key, "none"]
            found = connection.execute(select(project.c.slug).where(among(column, keys))).scalars().all()
            assert found == (["galette"] if key in (GALETTE, "galette") else [])
            assert not connection.execute(select(project.c.slug).where(among(column, []))).first()
            others = connection.execute(select(project.c.slug).where(~among(column, keys))).scalars().all()
            assert sorted([*found, *others]) == ["galette", "plugin"]
