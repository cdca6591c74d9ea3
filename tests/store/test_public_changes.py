"""Change numbers move for exactly those records whose pages show something else."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from support.factories.adoptions import a_use, opened
from support.factories.calls import COOP, GALETTE, somebody
from support.factories.core import (
    NOW,
    a_catalog,
    a_declared_adoption,
    a_maintenance,
    a_project,
    an_adoption,
    an_organization,
    identity,
    later,
    load,
)
from support.factories.received import a_catalogue, gone, receive, theirs, use
from support.public_changes import new_holes, watched

from catalog import model, moderation
from catalog.model import Relation, Runs
from catalog.ownership import unlist
from catalog.store.core.engine import reading, writing
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.documents import overrides
from catalog.store.store import Store
from catalog.submissions import adoption_actions
from catalog.tables.core import organization, project
from catalog.tables.ownership import membership

HELPER = identity("helper", "organization")


def galette(**changes) -> model.Project:
    stated = {
        "adoptions": (an_adoption(provider="helper"),),
        "maintenance": (a_maintenance("maker"),),
        "runs": Runs(hosted=("host",)),
    }
    return a_project(**(stated | changes))


def the_catalog(*more: model.Project, **changes) -> model.Document:
    """`galette` is used by `coop-des-halles` with the help of `helper`, made by `maker`, hosted by `host`; `plugin` is
    part of it; `paheko` and `other` have nothing to do with it."""
    organizations = [an_organization(slug) for slug in ("helper", "maker", "host", "other")]
    organizations.append(an_organization(homepage="https://coop.example/"))
    plugin = a_project("plugin", relations=(Relation("part-of", "galette"),))
    return a_catalog(galette(**changes), plugin, a_project("paheko"), *more, *organizations)


@pytest.fixture
def world(store: Store) -> Store:
    load(store, the_catalog())
    return store


@contextmanager
def moved(store: Store, *slugs: str) -> Iterator[None]:
    """Inside, the numbers of these records move, and of no other; and the search index is told of the projects."""
    before, number = numbers(store), store.change()
    yield
    after = numbers(store)
    assert {slug for slug in before.keys() | after.keys() if before.get(slug) != after.get(slug)} == set(slugs)
    _, changed, dropped = store.index_rows.changed(number)
    assert {*changed, *dropped} == {identity(slug) for slug in slugs if slug in ("galette", "plugin", "paheko")}
    assert (store.change() > number) == bool(slugs)


def numbers(store: Store) -> dict[str, int]:
    with reading(store.engine) as connection:
        rows = [connection.execute(select(table.c.slug, table.c.change)).all() for table in (project, organization)]
    return {slug: number for found in rows for slug, number in found}


def test_a_use_that_is_declared_shown_to_fewer_or_withdrawn_moves_both_ends_and_who_helps(world: Store) -> None:
    draft = a_use(world, provider="helper")
    with moved(world, "galette", "coop-des-halles", "helper"):
        someone, _ = opened(world, draft)
    for visibility in ("counted", "public"):
        with moved(world, "galette", "coop-des-halles", "helper"):
            adoption_actions.show_to(world, someone, GALETTE, COOP, visibility)
    with moved(world, "galette", "coop-des-halles", "helper"):
        adoption_actions.take_away(world, someone, GALETTE, COOP, now=later(days=1))


def test_a_use_that_nobody_sees_moves_nothing(world: Store) -> None:
    with moved(world):
        opened(world, a_use(world, project=identity("paheko"), visibility="counted"))


def test_a_use_that_nobody_reconfirms_moves_both_ends(world: Store) -> None:
    a_declared_adoption(world, "paheko", "other")
    with moved(world, "paheko", "other"):
        world.reconfirmations.age(now=later(days=30 * 19))
    with moved(world, "paheko", "other"):
        world.reconfirmations.age(now=later(days=30 * 25))


def test_an_organization_of_another_name_moves_all_that_name_it(world: Store) -> None:
    """Also the project that it hosts, and the use that it helps with, with the page of who uses."""
    said = {"name": {"value": "The helper", "declaration": "A", "own": False}}
    with (
        moved(world, "helper", "galette", "coop-des-halles"),
        changing(world.engine) as (connection, change),
    ):
        overrides.declare_organization_values(connection, HELPER, said, change=change, now=NOW)
    host = identity("host", "organization")
    with moved(world, "host", "galette"), changing(world.engine) as (connection, change):
        overrides.declare_organization_values(connection, host, said, change=change, now=NOW)
    about = {"about": {"value": {"fr": "Elle aide."}, "declaration": "A", "own": False}}
    with moved(world, "host"), changing(world.engine) as (connection, change):
        overrides.declare_organization_values(connection, host, about, change=change, now=NOW)


NAMED = ("galette", "plugin", "coop-des-halles", "helper", "maker", "host")


def block(store: Store) -> Iterator[None]:
    store.takedowns.block("galette", "Asked.", now=NOW)
    yield
    store.takedowns.unblock("galette")


def hide(store: Store) -> Iterator[None]:
    moderation.decide(store, None, "galette", moderation.DecisionRequest("hide", "law", "Asked.", ""), now=NOW)
    yield
    moderation.decide(store, None, "galette", moderation.DecisionRequest("show", "mistake", "", ""), now=later(days=1))


def unlisted(store: Store) -> Iterator[None]:
    keeper = somebody(store, "ana@example.org", maintained_projects=[GALETTE])
    unlist.opt_out(store, keeper, GALETTE, "", "fr", now=NOW)
    yield
    unlist.list_again(store, keeper, GALETTE, now=later(days=1))


@pytest.mark.parametrize("way", [block, hide, unlisted])
def test_a_project_that_is_taken_away_or_shown_again_moves_all_that_name_it(
    world: Store, way: Callable[[Store], Iterator[None]]
) -> None:
    steps = way(world)
    with moved(world, *NAMED):
        next(steps)
    with moved(world, *NAMED):
        next(steps, None)


def test_a_document_that_renames_a_project_moves_all_that_name_it_and_one_that_describes_it_moves_it_alone(
    world: Store,
) -> None:
    with moved(world, *NAMED):
        load(world, the_catalog(name="Galette 2"), now=later(hours=1), digest="2")
    with moved(world, "galette"):
        load(world, the_catalog(name="Galette 2", description={"en": "More."}), now=later(hours=2), digest="3")


def test_a_document_moves_the_organizations_whose_lines_it_changes(world: Store) -> None:
    with moved(world, "galette", "coop-des-halles", "helper", "host"):
        load(world, the_catalog(adoptions=(), runs=None), now=later(hours=1), digest="2")
    with moved(world, "galette", "other"):
        stated = the_catalog(adoptions=(an_adoption("other"),), runs=None)
        load(world, stated, now=later(hours=2), digest="3")
    with moved(world):
        load(world, stated, now=later(hours=3), digest="4")


def test_whoever_may_be_asked_no_more_moves_both_pages(world: Store) -> None:
    """Questions end with the last who represents the organization: here with their account."""
    eva = somebody(world, "eva@coop.example", represented_organizations=[COOP])
    with moved(world, "galette", "coop-des-halles"):
        world.questions.allow(GALETTE, COOP, ["fr"], 3, now=NOW)
    assert world.questions.askable(GALETTE)
    with moved(world, "galette", "coop-des-halles"):
        world.account_erasure.delete(eva.id, now=NOW)
    assert not world.questions.askable(GALETTE)
    with writing(world.engine) as connection:
        assert connection.execute(select(membership)).all() == []


def test_what_a_person_wrote_and_withdrew_moves_the_pages_that_showed_it(world: Store) -> None:
    draft = a_use(world, project=identity("paheko"))
    with moved(world, "paheko", "coop-des-halles"):
        _, sent = opened(world, draft)
    with moved(world, "paheko", "coop-des-halles"):
        adoption_actions.take_back(world, sent.id, now=later(days=1))


def test_an_account_that_ends_moves_the_project_that_counted_as_kept_through_it(world: Store) -> None:
    ana = somebody(world, "ana@example.org", maintained_projects=[GALETTE])
    assert world.verifications.standing("project", GALETTE, NOW)
    with moved(world, "galette"):
        world.account_erasure.delete(ana.id, now=NOW)
    assert not world.verifications.standing("project", GALETTE, NOW)


@contextmanager
def numbers_moved(store: Store, *slugs: str) -> Iterator[None]:
    """As `moved`, where projects have another catalogue's identity."""
    before = numbers(store)
    yield
    after = numbers(store)
    assert {slug for slug in before.keys() | after.keys() if before.get(slug) != after.get(slug)} == set(slugs)


def test_what_another_catalogue_tells_and_takes_back_moves_the_pages_that_show_it(world: Store) -> None:
    """Of a project that is here too, and of one that it alone knows, with who uses it there."""
    home = a_catalogue(world)
    address = "https://github.com/example/paheko.git"
    lent, other = (theirs("paheko", repository=address, revision=number, license=license)
                   for number, license in ((1, "MIT"), (2, "GPL-3.0-or-later")))  # fmt: skip
    with numbers_moved(world, "paheko", "payroll", "coop"):
        receive(world, home, lent, theirs("payroll"), theirs("coop", "organization"), use("payroll", "coop"))
    with moved(world, "paheko"):
        receive(world, home, other)
    with numbers_moved(world, "payroll", "coop"):
        receive(world, home, theirs("payroll", name="Payslips", revision=2))
    with numbers_moved(world, "payroll", "coop"):
        receive(world, home, tombstones=[gone(use("payroll", "coop"))])
    with moved(world, "paheko"):
        receive(world, home, tombstones=[gone(other)])


def test_the_net_names_who_forgot_which_record(world: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with watched() as watch:
        world.takedowns.block("paheko", "Asked.", now=NOW)
        assert watch.holes == []
        monkeypatch.setattr(PublicChange, "publish", lambda _: 0)
        world.takedowns.block("galette", "Asked.", now=NOW)
    assert {hole.slug for hole in watch.holes} == set(NAMED)
    assert {hole.writer for hole in watch.holes} == {"catalog.store.projects.takedowns.Takedowns.block"}
    assert len(new_holes(watch)) == len(NAMED)


def test_verbs_that_touch_the_same_records_at_once_wait_for_each_other(world: Store) -> None:
    """Both ends of a use are written in one order, by a change of the use, the project or the organization."""
    speaker, _ = opened(world, a_use(world, provider="helper"))
    name = {"name": {"value": "The helper", "declaration": "A", "own": False}}

    def show(turn: int) -> None:
        adoption_actions.show_to(world, speaker, GALETTE, COOP, "public" if turn % 2 else "counted")

    def rename(turn: int) -> None:
        with changing(world.engine) as (connection, change):
            said = {"name": name["name"] if turn % 2 else None}
            overrides.declare_organization_values(connection, HELPER, said, change=change, now=later(minutes=turn))

    def take_away(turn: int) -> None:
        if turn % 2:
            world.takedowns.unblock("galette")
        else:
            world.takedowns.block("galette", "Asked.", now=NOW)

    before = world.change()
    with ThreadPoolExecutor(3) as several:
        runs = [
            several.submit(lambda verb: [verb(turn) for turn in range(10)], verb) for verb in (show, rename, take_away)
        ]
        for run in runs:
            run.result()
    assert world.change() > before + 20 and len(set(numbers(world).values())) > 1
