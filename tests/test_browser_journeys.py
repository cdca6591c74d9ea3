"""A treasurer's evening on a phone of 320 pixels, without script, in three languages: find a tool for members, see who
uses it and who can help, ask for groups like hers, compare two, print one sheet. And the same way by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from forge.languages import tongue

WORDS = {"fr": "adhérents", "en": "members", "ar": "الأعضاء"}


def _heard(page, tag: str) -> None:
    """What every page of the way keeps: its language, its direction, one heading, nothing beside the screen."""
    html = page.locator("html")
    assert html.get_attribute("lang") == tag and html.get_attribute("dir") == tongue(tag).direction
    assert page.locator("h1").count() == 1 and page.locator("h1").bounding_box()["width"] <= 320
    assert page.locator("body").bounding_box()["width"] <= 320


@pytest.mark.parametrize("tag", ["fr", "ar", pytest.param("en", marks=pytest.mark.full)])
def test_a_reader_finds_asks_compares_and_prints_on_a_small_phone_without_script(base, browser, tag):
    _ = tongue(tag).gettext
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{base}/{tag}/")
    _heard(page, tag)
    page.get_by_label(_("What do you need to do?")).fill(WORDS[tag])
    page.get_by_role("button", name=_("Search"), exact=True).click()
    _heard(page, tag)
    assert page.locator(".results .card").count() >= 1

    # Groups like hers: an association, and the filters that were chosen stand above the results.
    page.locator(".narrow a").click()
    _heard(page, tag)
    page.locator("#f-family").select_option("cooperative")
    page.locator("#f-where").select_option("FR")
    page.locator("form.all button").click()
    _heard(page, tag)
    assert "family=cooperative" in page.url and "where=FR" in page.url
    assert page.locator(".chips li").count() == 3
    names = page.locator(".results h2 a")
    assert names.count() == 1
    names.first.click()
    assert page.url.endswith(f"/{tag}/projects/galette")
    _heard(page, tag)

    page.get_by_role("link", name=_("See who uses it"), exact=True).click()
    assert page.url.endswith("#users") and page.locator("#users ~ .uses li").count() >= 1
    page.get_by_role("link", name=_("Find help"), exact=True).click()
    assert page.url.endswith("#helpers") and page.locator(".helpers li").count() >= 1

    # Two side by side, then one sheet of paper for the board.
    page.locator('#like ~ a[href*="/compare"], a[href*="/compare?p=galette"]').first.click()
    _heard(page, tag)
    assert page.locator(".stack").first.is_visible() and not page.locator("table.compare").first.is_visible()
    assert page.locator(".stack h4").count() >= 8 and page.locator(".stack .group").first.is_visible()
    page.locator('a[href*="/compare/sheet"]').first.click()
    _heard(page, tag)
    expect(page.locator(".sheet")).to_be_visible()
    assert page.locator(".sheet td .of").first.is_visible()  # whose value it is, where the heading has no room
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    context.close()


def pressing(page):
    """What goes on by Tab until the element that is meant has the focus; each stop has to be seen."""

    def to(selector: str, most: int = 80) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            style = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle + ' ' + s.outlineWidth; })()"
            )
            assert style != "none 0px" and not style.endswith(" 0px"), page.evaluate("document.activeElement.outerHTML")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        raise AssertionError(f"{selector} is not reached by {most} presses of Tab")

    return to


def test_the_same_way_is_gone_by_keyboard_alone_and_what_has_the_focus_is_seen(base, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    to = pressing(page)
    page.goto(f"{base}/en/")
    to("#q")
    page.keyboard.type("galette")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/projects?q=galette")
    to(".skiplink a")
    page.keyboard.press("Enter")
    to(".results h2 a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/projects/galette")
    to("a.button")
    to('.next a[href="#users"]')
    page.keyboard.press("Enter")
    to('a[href$="/galette/users"]', 120)
    page.keyboard.press("Enter")
    page.wait_for_url("**/users")
    page.goto(f"{base}/en/projects/galette/correct?field=homepage")
    to("#value")
    page.keyboard.type("not an address")
    page.keyboard.press("Enter")
    expect(page.locator("#problems")).to_be_visible()
    assert page.input_value("#value").endswith("not an address")
    to("#problems a", 30)
    page.keyboard.press("Enter")
    assert page.url.endswith("#value")
    page.close()


def test_filters_a_comparison_and_the_sheet_are_reached_by_keyboard_alone_on_a_small_screen(base, browser):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    to = pressing(page)
    page.goto(f"{base}/en/projects?q=members")
    to(".narrow a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/filters?**")
    to("#f-family")
    page.keyboard.type("coop")
    to("#f-where")
    page.keyboard.type("France")
    to("form.all button", 200)
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/projects?**")
    assert "family=cooperative" in page.url and "where=FR" in page.url
    to(".chips a")
    to(".results h2 a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/projects/galette")
    to('a[href*="/compare?p=galette"]', 200)
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?**")
    to('a[href*="/compare/sheet"]', 120)
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/sheet**")
    expect(page.locator(".sheet")).to_be_visible()
    page.close()
