"""Families in rows, on both databases: who shares a beginning, what was counted of two, what a page is given."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event
from support.factories.core import NOW, a_catalog, a_project, an_adoption, an_organization, identity, later, load

from catalog.model import Relation, ScreenLanguage
from catalog.rules.forks import MEMBERS, HistoryRelation, branches, family_tree, kin_outside_tree
from catalog.store.projects.forks import COMPARE_FORKS, comparison_key
from catalog.store.store import Store

BEGINNING, LIBRARY = "b" * 40, "1" * 40
SLUGS = ("parent", "child", "cousin", "alone")

pytestmark = pytest.mark.sqlite_first


def the_family(store: Store, *more, **changes):
    """A parent, a child that says so, a cousin that says nothing, and one that has no family."""
    stated = {"relations": (Relation("fork-of", "parent"),)}
    given = {"child": stated} | changes
    projects = [a_project(slug, **given.get(slug, {})) for slug in SLUGS]
    load(store, a_catalog(*projects, *more))


def read(store: Store, slug: str, *roots: str, commit: str | None = None, now=NOW) -> None:
    """A visit read the mirror at a commit, which is made of its slug where none is given."""
    commit = commit or slug[0] * 40
    given = {"free": True, "last_commit_at": NOW, "now": now}
    store.observations.observe(identity(slug), commit, {"commit": commit}, roots=roots, **given)


def kin(slug: str, other: str, **changes) -> HistoryRelation:
    given = {
        "kind": "fork",
        "own_commits": 312,
        "other_commits": 40,
        "shared_commits": 900,
        "merge_base": "e" * 40,
        "since": NOW - timedelta(days=1900),
        "head": slug[0] * 40,
        "other_head": other[0] * 40,
    }
    return HistoryRelation(identity(slug), identity(other), **(given | changes))


def relatives(store: Store, slug: str):
    found = store.forks.relatives(identity(slug))
    return found and (found[0], {relative.project_id: relative for relative in found[1]})


def queued(store: Store) -> list[str]:
    jobs = store.jobs.lease("test", now=later(days=1), lease=timedelta(seconds=60), kinds=[COMPARE_FORKS], limit=10)
    return sorted(job.key for job in jobs)


def test_mirrors_that_share_a_beginning_are_relatives_and_a_job_counts_them(store):
    the_family(store)
    read(store, "parent", BEGINNING)
    assert queued(store) == []
    read(store, "child", BEGINNING)
    read(store, "alone", "a" * 40)
    assert queued(store) == [comparison_key(identity("child"))]
    head, found = relatives(store, "child")
    assert (head, list(found)) == ("c" * 40, [identity("parent")])
    assert (found[identity("parent")].stated, found[identity("parent")].known) == (True, None)
    assert relatives(store, "alone") == ("a" * 40, {})
    assert relatives(store, "cousin") is None


def test_a_history_that_was_taken_in_is_told_from_one_that_both_took_in(store):
    the_family(store)
    read(store, "parent", BEGINNING, LIBRARY)
    read(store, "child", "c" * 40, LIBRARY)
    read(store, "cousin", LIBRARY)
    _, found = relatives(store, "parent")
    assert list(found) == [identity("cousin")]
    assert (found[identity("cousin")].mine, found[identity("cousin")].theirs) == (False, True)
    _, found = relatives(store, "cousin")
    assert {(relation.mine, relation.theirs) for relation in found.values()} == {(True, False)}
    assert len(found) == 2


def test_a_new_commit_queues_the_job_again_also_while_it_waits(store):
    the_family(store)
    read(store, "parent", BEGINNING)
    read(store, "child", BEGINNING, now=later(days=2))
    read(store, "parent", BEGINNING, commit="f" * 40)
    assert queued(store) == [comparison_key(identity("parent"))]


def test_what_was_counted_is_known_from_both_sides_and_asked_again_when_a_head_moves(store):
    the_family(store)
    read(store, "parent", BEGINNING)
    read(store, "child", BEGINNING)
    before = store.change()
    assert store.forks.keep(identity("child"), [kin("child", "parent")], [], now=NOW)
    assert store.change() == before + 1
    _, found = relatives(store, "parent")
    assert found[identity("child")].known == ("p" * 40, "c" * 40)
    family = store.forks.page(identity("parent"))
    assert family.kin[identity("parent"), identity("child")] == kin("child", "parent").seen_from_other()
    assert family.kin[identity("child"), identity("parent")] == kin("child", "parent")


def test_counting_the_same_again_is_no_public_change(store):
    the_family(store)
    read(store, "parent", BEGINNING)
    read(store, "child", BEGINNING)
    store.forks.keep(identity("child"), [kin("child", "parent")], [], now=NOW)
    before = store.change()
    moved = kin("child", "parent", head="f" * 40)
    assert not store.forks.keep(identity("child"), [moved], [], now=later(days=1))
    assert store.change() == before
    assert store.forks.keep(identity("child"), [replace(moved, own_commits=313)], [], now=later(days=2))


def test_what_is_no_kin_any_more_goes(store):
    the_family(store)
    for slug in ("parent", "child", "cousin"):
        read(store, slug, BEGINNING)
    store.forks.keep(identity("child"), [kin("child", "parent"), kin("child", "cousin")], [], now=NOW)
    assert store.forks.keep(identity("child"), [], [identity("cousin")], now=NOW)
    assert set(store.forks.page(identity("child")).kin) == {
        (identity("child"), identity("parent")),
        (identity("parent"), identity("child")),
    }
    read(store, "parent", "9" * 40)  # a history that was written anew
    assert store.forks.keep(identity("parent"), [], [], now=NOW)
    assert store.forks.page(identity("parent")).kin == {}


def test_a_page_is_given_members_relations_counts_and_whom_each_serves(store):
    reader = an_organization("coop-lima", country="PE")
    child = {
        "relations": (Relation("derived-from", "parent"), Relation("works-with", "alone")),
        "deployment_countries": ("PE",),
        "languages": (ScreenLanguage("es"), ScreenLanguage("qu", 40)),
        "adoptions": (an_adoption("coop-lima"), an_adoption("coop-des-halles", visibility="network")),
    }
    the_family(store, reader, an_organization(), child=child)
    for slug in ("parent", "child", "cousin"):
        read(store, slug, BEGINNING)
    store.forks.keep(identity("child"), [kin("child", "parent"), kin("child", "cousin")], [], now=NOW)
    family = store.forks.page(identity("child"))
    assert {member.slug for member in family.members.values()} == {"parent", "child", "cousin"}
    served = family.members[identity("child")]
    assert (served.deployment_countries, served.languages) == (("PE",), ("es", "qu"))
    assert served.adopter_countries == ("PE",)
    root = family_tree(family)
    assert [(branch.member.slug, branch.kin and branch.kin.own_commits) for branch in branches(root)] == [
        ("parent", None),
        ("child", 312),
    ]
    assert [relation.other_id for relation in kin_outside_tree(family, root)] == [identity("cousin")]


def test_a_project_without_family_costs_one_query_and_any_family_five(store):
    the_family(store)
    asked = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert store.forks.page(identity("alone")).members == {}
    assert len([statement for statement in asked if "SELECT" in statement.upper()]) == 1
    asked.clear()
    assert len(store.forks.page(identity("child")).members) == 2
    assert len([statement for statement in asked if "SELECT" in statement.upper()]) == 5


def test_one_that_is_blocked_is_in_no_family_and_is_compared_with_none(store):
    the_family(store, child={"relations": (Relation("fork-of", "parent"), Relation("part-of", "cousin"))})
    for slug in ("parent", "child", "cousin"):
        read(store, slug, BEGINNING)
    store.forks.keep(identity("child"), [kin("child", "parent")], [], now=NOW)
    store.mirrors.block("parent", "Requested by the maintainers.", now=NOW)
    family = store.forks.page(identity("child"))
    assert {member.slug for member in family.members.values()} == {"child", "cousin"}
    assert family.kin == {}
    assert list(relatives(store, "child")[1]) == [identity("cousin")]
    assert relatives(store, "parent") is None


def test_one_that_is_context_or_has_left_the_catalogue_is_no_hindrance(store):
    the_family(store, parent={"context_only": True})
    family = store.forks.page(identity("child"))
    assert family.members[identity("parent")].context_only
    for slug in ("child", "cousin"):
        read(store, slug, BEGINNING)
    store.forks.keep(identity("child"), [kin("child", "cousin")], [], now=NOW)
    load(store, a_catalog(a_project("child")), digest="2")
    assert set(store.forks.page(identity("child")).members) == {identity("child")}


def test_a_family_that_knows_no_end_is_cut(store):
    many = [a_project(f"fork-{number}", relations=(Relation("fork-of", "parent"),)) for number in range(MEMBERS + 20)]
    the_family(store, *many)
    family = store.forks.page(identity("child"))
    assert len(family.members) == MEMBERS
    assert {identity("child"), identity("parent")} <= set(family.members)


@pytest.mark.parametrize("steps", [3])
def test_relations_are_followed_in_both_directions(store, steps):
    chain = [
        a_project(f"step-{number}", relations=(Relation("successor-of", f"step-{number - 1}"),) if number else ())
        for number in range(steps)
    ]
    load(store, a_catalog(*chain))
    for number in range(steps):
        family = store.forks.page(identity(f"step-{number}"))
        assert [branch.member.slug for branch in branches(family_tree(family))] == [
            f"step-{number}" for number in range(steps)
        ]
