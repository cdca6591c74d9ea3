"""The desk's pages of what people sent, in a real browser: nothing that axe finds, decided without script."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from support.browser import STATES, Looked
from support.factories.core import NOW, identity
from support.factories.submissions import begin_draft
from support.serving import served
from support.world import a_site, fill

from catalog import submissions
from catalog.rules.submission import CORRECT
from catalog.store.core.engine import reading
from catalog.store.store import Store
from catalog.tables.people import message
from forge.web.core.session import NAME

LOOKS = [*STATES, pytest.param("en", "light", 320, True, marks=pytest.mark.full)]
GALETTE = identity("galette")
LONG = "averylongwordwithoutanyspace" * 4


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Iterator[SimpleNamespace]:
    fill(sqlite_store, ("fr", "en", "ar"))
    cookies = {}
    for name in ("bruno", "chris"):
        token = sqlite_store.people.invite(f"{name}@example.org", "moderator", "fr", now=NOW)
        cookies[name] = sqlite_store.people.sign_in(token, "fr", now=NOW)[1]
    sent = [
        _sent(sqlite_store, at, value)
        for at, value in enumerate(("https://one.example", f"https://two.example/{LONG}", "https://three.example"))
    ]
    pair = tuple(sorted((identity("tool-1"), identity("tool-2")), key=str))
    sqlite_store.merges.resemble("project", [(pair[0], pair[1])], now=NOW)
    with a_site(sqlite_store, tmp_path / "data") as app, served(app) as base:
        yield SimpleNamespace(base=base, store=sqlite_store, sent=sent, cookies=cookies)


def _sent(store: Store, at: int, value: str) -> str:
    answers = {"field": "homepage", "value": value, "source": "https://example.org/page"}
    now = NOW - timedelta(hours=9 - at)
    _, submission = begin_draft(store, CORRECT, "en", project_id=GALETTE, answers=answers, now=now)
    submissions.send(store, submission.id, email=f"s{at}@example.org", now=now)
    with reading(store.engine) as connection:
        rows = connection.execute(select(message.c.argument).where(message.c.kind == "confirm-submission")).scalars()
        token = next(argument["token"] for argument in rows if argument["reference"] == submission.reference)
    submissions.open_link(store, token, "en", now=now)
    return submission.reference


def _signed_in(browser, desk, name="bruno", **settings):
    context = browser.new_context(**settings)
    context.add_cookies([{"name": NAME, "value": desk.cookies[name], "url": desk.base}])
    return context


@pytest.mark.parametrize(("tag", "scheme", "width", "every"), LOOKS)
def test_no_page_of_what_people_sent_has_a_finding_or_scrolls_sideways(desk, browser, tag, scheme, width, every):
    context = _signed_in(browser, desk, viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    looked = Looked(page, every)
    first = f"{desk.base}/{tag}/desk/declarations/{desk.sent[1]}"
    states = ("/desk", "/desk?kind=correct", f"/desk/declarations/{desk.sent[1]}",
              "/desk/joins?kind=project&one=galette&other=x")  # fmt: skip
    page.goto(f"{desk.base}/{tag}/desk")
    pair = page.locator('#found + ul a[href*="/desk/joins/"]').first.get_attribute("href")
    looked.open(f"{desk.base}/{tag}", ("/desk/joins",), states)
    looked.open(desk.base, (pair,), status=200)
    page.goto(first)
    page.locator('form:has(textarea[name="words"]) button').click()
    looked.kind("wrong")
    page.locator('input[name="choice"][value="refuse"]').check()
    page.locator('input[name="reason"][value="not-checkable"]').check()
    page.locator('textarea[name="words"]').fill(LONG)
    page.locator('form:has(textarea[name="words"]) button').click()
    looked.kind("check")
    page.locator('button[value="decide"]').click()
    looked.state("next")
    looked.open(f"{desk.base}/{tag}", (), ("/log",))
    page.goto(f"{desk.base}{pair}")
    page.locator("#choice-1").check()
    page.locator("main form button").last.click()
    looked.kind("join")
    context.close()
    assert looked.found == {}


def test_two_moderators_without_script_decide_one_after_the_other(desk, browser):
    given = {"java_script_enabled": False, "viewport": {"width": 320, "height": 700}}
    first, other = (_signed_in(browser, desk, name, **given).new_page() for name in ("bruno", "chris"))
    first.goto(f"{desk.base}/en/desk")
    first.get_by_role("link", name="Next case").press("Enter")
    assert first.url.endswith(desk.sent[0])
    other.goto(f"{desk.base}/en/desk")
    first.get_by_role("button", name="Publish", exact=True).press("Enter")
    assert "done=1" in first.url and "Undo" in first.get_by_role("status").inner_text()
    assert first.url.split("?")[0].endswith(desk.sent[1])
    other.get_by_role("link", name="Next case").press("Enter")
    assert other.url.endswith(desk.sent[1])
    other.get_by_text("Publish with my corrections").press("Enter")
    other.get_by_label("Website").fill("https://two.example")
    other.locator('form:has([name="edit.value"]) button:not([name])').press("Enter")
    assert "https://two.example" in other.locator("main").inner_text()
    other.get_by_role("button", name="Confirm the decision").press("Enter")
    first.goto(f"{desk.base}/en/log")
    assert "Published with corrections" in first.locator("main").inner_text()
    assert desk.store.decisions.count() == 2 and desk.store.decisions.faults() == ()
