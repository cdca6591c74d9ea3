"""A page with a chart and a family in a real browser: no finding of axe, no sideways scroll, in both directions."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from support.browser import a_window, looked_at
from support.factories.core import (
    NOW,
    a_catalog,
    a_manifest,
    a_project,
    a_store,
    an_adoption,
    an_organization,
    identity,
    load,
)
from support.serving import served
from support.world import a_site, an_observation

from catalog.model import Relation, ScreenLanguage
from catalog.rules.forks import HistoryRelation
from catalog.store.store import Store
from tests.projects.test_activity import TOLD


@pytest.fixture(scope="module")
def base(sqlite_template, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("family")
    with a_store(sqlite_template, folder) as store:
        fill(store)
        with a_site(store, folder / "data") as app, served(app) as base:
            yield base


def fill(store: Store) -> None:
    """A parent, what came of it, a copy that nobody explains, and one that only began with the same skeleton."""
    served = {"deployment_countries": ("PE", "BO"), "languages": (ScreenLanguage("es"), ScreenLanguage("qu", 40))}
    projects = (
        a_project("parent"),
        a_project("child", relations=(Relation("fork-of", "parent"),)),
        a_project("grandchild", relations=(Relation("derived-from", "child"),), **served),
        a_project("copy"),
        a_project("skeleton"),
    )
    used = (an_adoption("coop-des-halles", verification="domain-confirmed", seen_at="2026-05-04"),)
    projects = (projects[0], a_project("child", relations=projects[1].relations, adoptions=used), *projects[2:])
    load(store, a_catalog(*projects, an_organization(), manifest=a_manifest(languages=("fr", "en", "ar"))))
    last = NOW - timedelta(days=430)
    for project in projects:
        head = project.slug[0] * 40
        seen = an_observation() | {"commit": head, "activity": TOLD}
        given = {"free": True, "last_commit_at": last, "roots": ["b" * 40], "now": NOW}
        store.observations.observe(identity(project.slug), head, seen, **given)
    kin = (("parent", "fork", 312, 40), ("copy", "ahead", 300, 0), ("skeleton", "beginning", 900, 800))
    counted = [
        HistoryRelation(
            identity("child"), identity(other), kind, own, others, 900, "e" * 40, last, "c" * 40, other[0] * 40
        )
        for other, kind, own, others in kin
    ]
    store.forks.keep(identity("child"), counted, [], now=NOW)


@pytest.mark.parametrize(("tag", "scheme", "width"), [("fr", "light", 1280), ("ar", "dark", 320)])
def test_a_chart_and_a_tree_have_no_finding(base, browser, tag, scheme, width):
    with a_window(browser, scheme, width) as page:
        assert looked_at(page, f"{base}/{tag}/projects/child") == ([], 0)


def test_bars_follow_the_colour_scheme_and_the_first_month_stands_where_reading_begins(base, browser):
    for tag, first_is_left in (("fr", True), ("ar", False)):
        page = browser.new_page(color_scheme="dark")
        page.goto(f"{base}/{tag}/projects/child")
        bars = page.locator("figure.months rect")
        assert bars.count() == 12
        assert (bars.first.bounding_box()["x"] < bars.last.bounding_box()["x"]) == first_is_left
        fill, ink = page.evaluate(
            "[getComputedStyle(document.querySelector('.months rect')).fill,"
            " getComputedStyle(document.querySelector('.months svg')).color]"
        )
        assert fill == ink
        page.close()
