"""Desk and log in a real browser: no finding of axe, no sideways scroll, both directions; a decision without script."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import update
from support.browser import STATES, Looked
from support.factories.core import NOW, a_store, identity
from support.factories.rewriting import rewriting
from support.open_findings import open_findings
from support.serving import served
from support.world import a_site, fill

from catalog import moderation
from catalog.rules.decision import serving_basis
from catalog.rules.person import Person
from catalog.store.store import Store
from catalog.tables.core import mirror
from forge.web.core.session import NAME

LONG = "averylongwordwithoutanyspace" * 6


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    folder = tmp_path_factory.mktemp("desk")
    with a_store(sqlite_template, folder) as store:
        fill(store, ("fr", "en", "ar"))
        found = _found(store)
        with a_site(store, folder / "data") as app, served(app) as base:
            yield SimpleNamespace(base=base, store=store, **found)


def _found(store: Store) -> dict[str, object]:
    """Findings of each kind, one decided on, one project hidden, and a session of a moderator."""
    token = store.people.invite("bruno@example.org", "moderator", "fr", now=NOW)
    bruno, cookie, _ = store.people.sign_in(token, "fr", now=NOW)
    galette, asleep = identity("galette"), identity("asleep")
    with rewriting(store.engine) as connection:
        connection.execute(update(mirror).where(mirror.c.project_id == galette).values(free=None))
    commit = "1" * 40
    matters = (
        (galette, "license-changed", {"before": "MIT", "after": None, "free": None, "commit": commit}),
        (asleep, "code-gone", {"url": f"https://b.example/{LONG}.git", "reason": LONG, "seen": None}),
        (galette, "license-unsure", {"files": ["LICENSE", "\u202eCOPYING"], "license": None, "commit": commit}),
    )
    for number, (project, kind, detail) in enumerate(matters):
        store.findings.add(project, kind, f"k{number}", detail, now=NOW - timedelta(days=9 - number))
    queue = {finding.kind: finding.number for finding in open_findings(store)}
    _decide(store, bruno, "asleep", "looked-at", "as-it-should-be", "", queue["code-gone"])
    _decide(store, bruno, "galette", "serve", "read", f"It is the MIT licence.\n{LONG}")
    _decide(store, bruno, "ended", "hide", "asked", "Requested by the maintainers.")
    return {"queue": queue, "cookie": cookie}


def _decide(store: Store, someone: Person, slug: str, choice: str, reason: str, words: str, finding=None) -> None:
    seen = serving_basis(store.decisions.subject(slug).observation)
    wish = moderation.DecisionRequest(choice, reason, words, seen)
    moderation.decide(store, someone, slug, wish, finding=finding, now=NOW - timedelta(hours=2))


def _signed_in(browser, desk, **settings):
    context = browser.new_context(**settings)
    context.add_cookies([{"name": NAME, "value": desk.cookie, "url": desk.base}])
    return context


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), STATES)
def test_no_page_of_desk_and_log_has_a_finding_or_scrolls_sideways(desk, browser, tag, scheme, width, every):
    number, done = desk.queue["license-unsure"], desk.queue["code-gone"]
    kinds = (
        "/desk",
        f"/desk/{done}",
        "/desk/groups/license-unsure",
        "/desk/projects/ended",
        "/log",
        "/desk/undo/1",
        "/me",
    )
    states = (f"/desk/{number}", "/desk?project=no", "/desk/undo/2", "/desk/undo/99", "/projects/galette")
    context = _signed_in(browser, desk, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    looked = Looked(page, every)
    looked.open(f"{desk.base}/{tag}", kinds, states)
    page.goto(f"{desk.base}/{tag}/desk/{number}")
    page.locator("form button").first.click()
    looked.kind("wrong")
    page.locator('input[name="choice"][value="looked-at"]').check()
    page.locator('input[name="reason"][value="read"]').check()
    page.locator("textarea").fill(LONG)
    page.locator("form button").first.click()
    looked.kind("check")
    assert page.locator('button[value="decide"]').count() == 1
    context.clear_cookies()
    page.locator('button[value="decide"]').click()
    looked.kind("signed out")
    assert page.locator("textarea").input_value() == LONG
    context.close()
    assert looked.found == {}


def test_a_moderator_decides_and_takes_back_without_script_or_mouse(desk, browser):
    context = _signed_in(browser, desk, java_script_enabled=False, viewport={"width": 360, "height": 700})
    page = context.new_page()
    page.goto(f"{desk.base}/fr/me")
    page.get_by_role("link", name="À la modération").press("Enter")
    page.get_by_role("link", name="Dossier suivant").press("Enter")
    assert "Sa licence n’est plus certaine" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("button", name="Aperçu de la décision").press("Enter")
    page.get_by_role("link", name="Choisissez ce que vous décidez").press("Enter")
    page.keyboard.press("Space")
    page.get_by_label("Une personne a lu la licence").press("Space")
    page.get_by_label("Votre explication").fill("Même licence, autre texte.")
    page.get_by_role("button", name="Aperçu de la décision").press("Enter")
    assert "Même licence, autre texte." in page.locator("dl").inner_text()
    page.get_by_role("button", name="Modifier").press("Enter")
    assert page.get_by_label("Votre explication").input_value() == "Même licence, autre texte."
    page.get_by_role("button", name="Aperçu de la décision").press("Enter")
    page.get_by_role("button", name="Confirmer la décision").press("Enter")
    assert page.url.endswith(f"/fr/desk/{desk.queue['license-changed']}#decided")
    page.wait_for_load_state()  # the browser refuses to go back while it exchanges one page for the next
    page.go_back()
    page.get_by_role("button", name="Confirmer la décision").press("Enter")
    assert page.url.endswith("#decided") and desk.store.decisions.count() == 4
    page.locator("#decided").get_by_role("link", name="Annuler").press("Enter")
    page.get_by_label("Il y avait une erreur").press("Space")
    page.get_by_role("button", name="Annuler").press("Enter")
    page.goto(f"{desk.base}/fr/log")
    log = page.locator("main").inner_text()
    assert "La décision 4 a été annulée" in log and "Même licence, autre texte." in log and "Annulée" in log
    context.close()
