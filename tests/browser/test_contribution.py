"""Naming who helps in a real browser, in French, on a narrow phone and without script: from "not known yet" to the
public line by a message's link, and away again. Each page on the way has no finding of axe and no sideways scroll.
"""

import pytest
from support.browser import Reader

from forge.i18n.languages import page_language
from tests.browser.test_adoption import site  # noqa: F401 - a fixture
from tests.submissions.test_adoption_pages import link_of

NOBODY = page_language("fr").gettext(
    "No organization has told us yet that it installs or hosts this software for others."
)


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.full)])
def test_who_helps_is_named_confirmed_by_its_link_seen_and_taken_away(site, browser, every):  # noqa: F811
    reader = Reader(browser, 320, every)
    page, look, press = reader.page, reader.look, reader.press
    page.goto(f"{site.base}/fr/projects/galette")
    page.locator('main a[href$="/galette/correct#unknown"]').click()
    page.locator('main a[href$="/galette/help"]').first.click()
    look("form")
    press()
    assert page.title().startswith("Err") and page.locator("#role-problem").count() == 1
    page.locator("main #q").fill("halles")
    page.locator("main search button").click()
    reader.look_again("found")
    page.locator('input[value="coop-des-halles"]').check()
    page.locator('input[name="role"][value="host"]').check()
    press()
    page.locator("#email").fill("eva@coop.example")
    page.locator('main button[value="send"]').click()
    look("sent")
    page.goto(f"{site.base}/fr/sign-in/{link_of(site.store)}")
    press()
    page.goto(f"{site.base}/fr/projects/galette")
    helps = page.locator('section[aria-labelledby="helpers"]').inner_text()
    assert "Coop des Halles" in helps and "indiqué par l’organisation" in helps
    reader.look_again("project")
    page.goto(f"{site.base}/fr/me")
    page.locator("main h2#sent + ul a").first.click()
    page.locator('main button[value="withdraw"]').click()
    page.goto(f"{site.base}/fr/projects/galette")
    helps = page.locator('section[aria-labelledby="helpers"]').inner_text()
    assert "Coop des Halles" not in helps and NOBODY in helps
    assert reader.leave() == {}
