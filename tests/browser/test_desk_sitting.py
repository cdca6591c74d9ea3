"""One sitting of a moderator on a phone, without script: twenty cases of all kinds, each in a few presses, until
nothing is left."""

from datetime import timedelta

from playwright.sync_api import Page
from support.serving import served

from benchmarks.year import START, Year
from forge.web.core.session import NAME

KINDS = (
    *("register", "correct", "correct-own", "adopt", "adopt-own", "claim", "report", "gone", "deletions", "twin"),
    *(
        "correct",
        "adopt",
        "register",
        "gone",
        "report",
        "claim",
        "deletions",
        "correct",
        "adopt",
        "twin",
        "gone",
        "report",
    ),
)


def test_twenty_cases_of_all_kinds_are_decided_in_one_sitting(browser, tmp_path):
    year = Year(tmp_path, projects=30)
    try:
        for at, kind in enumerate(KINDS):
            year.now = START + timedelta(minutes=at)
            year.happen(kind)
        waiting = sum(year.store.moderation_queue.counts(now=year.now).values())
        year.now = START + timedelta(hours=2)
        someone = year.moderators[0]
        someone.again(year.now)
        with served(year.app) as base:
            context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
            context.add_cookies([{"name": NAME, "value": someone.client.cookies[NAME], "url": base}])
            page = context.new_page()
            page.goto(f"{base}/en/desk")
            text = page.locator("main").inner_text()
            assert text.index("People are waiting") < text.index("Found automatically")
            page.get_by_role("link", name="Next case").click()
            decided = 0
            while "/desk/" in page.url and "/desk?" not in page.url and decided < 2 * len(KINDS):
                _decide(page)
                decided += 1
            assert "Nothing to review." in page.locator("main").inner_text()
            context.close()
        assert waiting == decided == year.store.decisions.count() >= 20
        assert year.store.moderation_queue.counts(now=year.now) == {} and year.store.decisions.faults() == ()
    finally:
        year.close()


def _decide(page: Page) -> None:
    """The usual answer: what people sent is published, a finding needs nothing, two records are two."""
    if "/desk/declarations/" in page.url:
        page.locator('button[name="step"][value="decide"]').click()
        return
    if "/desk/joins/" in page.url:
        page.locator("#choice").check()
        page.get_by_role("button", name="Continue").click()
        return
    page.locator('input[name="choice"][value="looked-at"]').check()
    page.locator('input[name="reason"][value="as-it-should-be"]').check()
    page.get_by_role("button", name="Preview the decision").click()
    page.get_by_role("button", name="Confirm the decision").click()
    page.goto(page.url.split("/en/")[0] + "/en/desk/next")
