"""A project's family on its page: a tree in nested lists, with words for distance, and nothing merged."""

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from support.factories.core import NOW, a_catalog, a_project, identity, load
from support.world import a_client, a_site, an_observation

from catalog.model import Relation
from catalog.rules.forks import HistoryRelation
from forge.i18n import languages
from forge.web.core.render import Site
from forge.web.projects.forks import SHOWN_OTHERS, family_view
from tests.projects.test_fork_rules import a_family, a_kin, a_member, a_tie, an_id

HERE = SimpleNamespace(record=SimpleNamespace(name="P0"))
SINCE = NOW - timedelta(days=1900)  # in 2021


def kin(first, other, kind="fork", own=312, others=40, **changes):
    return replace(a_kin(first, other, kind), own_commits=own, other_commits=others, since=SINCE, **changes)


def html(family, tag="en"):
    view = family_view(HERE, family)
    template = Site(None).environment(languages.page_language(tag)).get_template("projects/parts/forks.html")
    return languages.mark_untranslated(template.render(family=view))


def words(family, tag="en"):
    return " ".join(re.sub(r"<[^>]+>", " ", html(family, tag)).split())


def test_a_tree_is_nested_lists_with_the_page_marked_and_the_distance_in_words():
    family = a_family(a_tie(0, 1), a_tie(2, 0, "derived-from"), kin=[kin(0, 1), kin(2, 0, own=1, others=2)])
    said = words(family)
    assert said.startswith("P1 P0 (this page) Modified copy of P1 312 changes of its own since 2021")
    assert "lacks 40 changes of P1" in said
    assert "P2 Based on P0 1 change of its own since 2021 lacks 2 changes of P0" in said
    drawn = html(family)
    assert drawn.count("<ul") == drawn.count("</ul>") == 3
    assert drawn.count("<li>") == drawn.count("</li>") == 3
    assert '<a href="/en/projects/p1">' in drawn
    assert "/projects/p0" not in drawn


def test_each_kind_of_kinship_has_its_words():
    kinds = {
        "same": "the same code as P0",
        "ahead": "contains all of P0 , plus 312 changes of its own",
        "behind": "fully contained in P0 , which has 40 more changes",
        "fork": "312 changes of its own since 2021",
        "contains": "includes the history of P0",
        "within": "its history is included in P0",
        "beginning": "shares only its beginning with P0 (100 changes)",
    }
    for kind, sentence in kinds.items():
        said = words(a_family(kin=[kin(1, 0, kind)]))
        assert said.startswith("These projects share history with it, for reasons nobody has stated: P1")
        assert sentence in said


def test_the_words_about_another_are_seen_from_that_one():
    assert "fully contained in P0 , which has 7 more changes" in words(a_family(kin=[kin(0, 1, "ahead", 7, 0)]))


def test_it_says_whom_each_serves_and_what_became_of_it():
    served = replace(
        a_member(1), deployment_countries=("PE", "BO"), languages=("es",), adopter_countries=("PE",), gone=True
    )
    family = a_family(a_tie(1, 0), members=2)
    family = replace(family, members={**family.members, an_id(1): replace(served, context_only=True)})
    said = words(family)
    assert "for Peru, Bolivia interface in Spanish used in Peru not free software" in said
    assert "the original is gone, our copy remains" in said


def test_one_that_is_moving_to_another_says_so():
    assert "P0 is moving to this project" in words(a_family(a_tie(0, 1, "moving-to"), members=2))


def test_a_beginning_that_many_share_is_a_short_list():
    family = a_family(members=30, kin=[kin(0, number, "beginning") for number in range(1, 30)])
    view = family_view(HERE, family)
    assert (len(view.others), view.more) == (SHOWN_OTHERS, 29 - SHOWN_OTHERS)
    assert "And 19 more." in words(family)


def test_a_project_without_family_has_no_view():
    assert family_view(HERE, a_family()) is None
    assert family_view(HERE, replace(a_family(), members={})) is None


def test_a_relation_that_the_tree_shows_is_not_listed_beside_it():
    family = a_family(a_tie(0, 1), a_tie(2, 0, "successor-of"), a_tie(0, 3, "derived-from"))
    line = {"inverse": False, "type": "fork-of", "slug": "p1"}
    lines = [line, line | {"inverse": True, "type": "successor-of", "slug": "p2"}, line | {"type": "works-with"}]
    lines.append(line | {"type": "derived-from", "slug": "p3"})  # it stands below p1 already
    beside = family_view(HERE, family).beside([SimpleNamespace(**line) for line in lines])
    assert [relation_line.type for relation_line in beside] == ["works-with", "derived-from"]


def test_names_of_strangers_are_escaped():
    family = a_family(a_tie(1, 0), members=2, kin=[kin(1, 0, "same")])
    hostile = replace(a_member(0), name="<script>\u202ex")
    drawn = html(replace(family, members={**family.members, an_id(0): hostile}))
    assert "<script" not in drawn
    assert "\u202e" not in drawn


def test_french_says_the_same():
    said = words(a_family(a_tie(0, 1), members=2, kin=[kin(0, 1)]), "fr")
    assert "312 changements propres depuis 2021" in said
    assert "il lui manque 40 modifications de P1" in said


def test_the_page_of_a_project_shows_its_family_and_no_blocked_member(sqlite_store, tmp_path):
    child = a_project("child", relations=(Relation("fork-of", "parent"), Relation("part-of", "suite")))
    load(sqlite_store, a_catalog(a_project("parent"), child, a_project("suite"), a_project("copy")))
    for slug in ("parent", "child", "copy"):
        head = slug[0] * 40
        given = {"free": True, "last_commit_at": NOW, "roots": ["b" * 40], "now": NOW}
        sqlite_store.observations.observe(identity(slug), head, an_observation() | {"commit": head}, **given)
    counted = [
        HistoryRelation(identity("child"), identity(other), kind, 312, 0, 900, "e" * 40, SINCE, "c" * 40, other[0] * 40)
        for other, kind in (("parent", "fork"), ("copy", "ahead"))
    ]
    sqlite_store.forks.keep(identity("child"), counted, [], now=NOW)
    with a_site(sqlite_store, tmp_path / "data") as app:
        client = a_client(app)
        shown = client.get("/en/projects/child").text
        assert "312 changes of its own since 2021" in shown
        assert '<a href="/en/projects/copy">' in shown
        sqlite_store.mirrors.block("parent", "Requested by the maintainers.", now=NOW)
        hidden = client.get("/en/projects/child").text
        assert "/projects/parent" not in hidden
        assert "/projects/copy" in hidden
