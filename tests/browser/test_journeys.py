"""A treasurer's evening on a phone of 320 pixels, without script, in three languages: find a tool for members, see who
uses it and who can help, ask for groups like hers, compare two that she ticks in the list, print one sheet. And the
same way by keyboard alone, with a form: whatever has the focus is told by an outline, nothing holds it."""

import re

import pytest
from playwright.sync_api import expect
from support.browser import width_over
from support.keyboard import a_keyboard

from catalog.submissions.kinds.adoption_fields import BY_NAME
from forge.i18n.languages import page_language

WORDS = {"fr": "adhérents", "en": "members", "ar": "الأعضاء"}
LOOKS = [
    ("ar", "dark", 320),
    *(pytest.param(tag, scheme, width, marks=pytest.mark.full) for tag, scheme, width in (
        ("fr", "light", 320), ("en", "light", 320), ("ar", "light", 1280), ("fr", "dark", 1280), ("en", "dark", 1280),
    )),
]  # fmt: skip
KINDS = ("/projects/filters", "/compare/sheet?p=galette&p=asleep")
MORE = (
    "/", "/projects", "/compare?p=galette&p=asleep",
    "/projects/galette", "/projects/galette/facts", "/places/FR", "/organizations",
    "/statistics", "/calls/new", "/register", "/help/api", "/projects/galette/correct?field=homepage", "/sign-in",
)  # fmt: skip
MOST_REASONS = BY_NAME["reasons"].most
INSIDE = "section[aria-labelledby={}] :is(a, button, summary, select, input)"


def _heard(page, tag: str) -> None:
    """What every page of the way keeps: its language, its direction, one heading, nothing beside the screen."""
    html = page.locator("html")
    assert html.get_attribute("lang") == tag and html.get_attribute("dir") == page_language(tag).direction
    assert page.locator("h1").count() == 1 and width_over(page) == 0


@pytest.mark.parametrize("tag", ["fr", "ar", pytest.param("en", marks=pytest.mark.full)])
def test_a_reader_finds_asks_compares_and_prints_on_a_small_phone_without_script(base, browser, tag):
    _ = page_language(tag).gettext
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{base}/{tag}/")
    _heard(page, tag)
    page.get_by_label(_("What do you need?")).fill(WORDS[tag])
    page.get_by_role("button", name=_("Search"), exact=True).click()
    _heard(page, tag)
    assert page.locator(".results .card").count() >= 1

    # Groups like hers: an association, and the filters that were chosen stand above the results.
    page.locator(".narrow a").click()
    _heard(page, tag)
    page.locator("#f-family").select_option("cooperative")
    page.locator("#f-where").select_option("FR")
    page.locator("form.all button").last.click()
    _heard(page, tag)
    assert "family=cooperative" in page.url and "where=FR" in page.url
    assert page.locator(".chips li").count() == 3
    names = page.locator(".results h2 a")
    assert names.count() == 1
    names.first.click()
    assert page.url.endswith(f"/{tag}/projects/galette")
    _heard(page, tag)

    page.locator(".toc").get_by_role("link", name=_("Used by")).click()
    assert page.url.endswith("#users") and page.locator("#users ~ .tiles li").count() >= 1
    page.locator(".toc").get_by_role("link", name=_("Who can help")).click()
    assert page.url.endswith("#helpers") and page.locator(".helpers li").count() >= 1

    # Two side by side, ticked in the list; then one sheet of paper for the board.
    page.locator(".crumbs").get_by_role("link", name=_("Software"), exact=True).click()
    page.get_by_label(_("What do you need?")).fill(WORDS[tag])
    page.get_by_role("button", name=_("Search"), exact=True).click()
    names = page.locator(".results h2 a").all_inner_texts()[:2]
    for box in page.locator(".results").get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name=_("Compare selected"), exact=True).click()
    _heard(page, tag)
    assert page.locator(".sided li > a:first-child").all_inner_texts() == names and len(names) == 2
    assert page.locator(".stack").first.is_visible() and not page.locator("table.compare").first.is_visible()
    assert page.locator(".stack h4").count() >= 8 and page.locator(".stack .group").first.is_visible()
    page.get_by_role("link", name=_("Sheet for a meeting (one A4 page)"), exact=True).click()
    _heard(page, tag)
    expect(page.locator(".sheet")).to_be_visible()
    assert page.locator(".sheet td .of").first.is_visible()  # whose value it is, where the heading has no room
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    context.close()


@pytest.mark.parametrize(("tag", "scheme", "width"), LOOKS)
def test_a_reader_skips_finds_ticks_opens_compares_and_prints_by_keyboard_alone(base, browser, tag, scheme, width):
    _ = page_language(tag).gettext
    with a_keyboard(browser, base, tag, scheme, width) as hand:
        page, link, button = hand.page, hand.link, hand.button
        hand.open("/")
        hand.enter(link(_("Skip to content")), 1)
        hand.write(page.get_by_label(_("What do you need?")), WORDS[tag], 1)
        hand.enter()
        if hand.phone:
            hand.unfold(page.locator("summary", has_text=_("Menu")))
            hand.to(link(_("Categories")), 2)
            hand.enter(page.locator(".narrow a"))
            hand.enter(page.locator('#language a[href*="language=fr"]'))
            hand.enter(page.locator(".narrow a"))
        else:
            hand.choose(page.locator("#s-language"), "fr")
            hand.enter(button(_("Apply filters")))
            hand.enter(link(_("More filters")))
        hand.choose(page.locator("#f-family"), "cooperative")
        hand.choose(page.locator("#f-where"), "FR")
        hand.enter(button(_("Apply filters")))
        assert "language=fr" in page.url and "family=cooperative" in page.url and "where=FR" in page.url
        if not hand.phone:
            hand.enter(link(_("Skip to results")))
            hand.to(page.locator(".chips a"), 1)
        hand.enter(page.locator(".results").get_by_role("link", name="Galette", exact=True))

        hand.enter(page.locator(".toc").get_by_role("link", name=_("Used by")))
        hand.to(page.locator(INSIDE.format("users")), 1)
        hand.enter(page.locator('#users ~ p a[href$="/galette/users"]'))
        hand.enter(page.locator(".crumbs").get_by_role("link", name="Galette", exact=True))
        hand.enter(page.locator(".toc").get_by_role("link", name=_("Who can help")))
        hand.to(page.locator(INSIDE.format("helpers")), 1)

        hand.open(f"/projects?q={WORDS[tag]}&page=2")
        names = page.locator(".results h2 a").all_inner_texts()[:2]
        for number in range(len(names)):
            hand.tick(page.locator(".results").get_by_role("checkbox").nth(number))
        hand.enter(button(_("Compare selected")))
        assert page.locator(".sided li > a:first-child").all_inner_texts() == names
        hand.enter(link(_("Sheet for a meeting (one A4 page)")))
        expect(page.locator(".sheet")).to_be_visible()


@pytest.mark.parametrize(("tag", "scheme", "width"), LOOKS)
def test_a_use_is_declared_by_keyboard_alone_and_all_that_is_wrong_is_told_at_once(base, browser, tag, scheme, width):
    _ = page_language(tag).gettext
    with a_keyboard(browser, base, tag, scheme, width) as hand:
        page, onward = hand.page, hand.button(_("Continue"))
        hand.open("/projects/galette")
        hand.enter(hand.link(_("We use it too")))
        hand.enter(onward)
        assert page.title().startswith(_("Error:"))
        hand.write(page.locator("main #q"), "halles")
        hand.enter()
        hand.pick(page.locator('input[value="coop-des-halles"]'))
        hand.enter(onward)

        # What was typed is asked again with all that is wrong; until when and why is asked of what is over.
        until, reasons = page.locator("#until"), page.locator('input[name="reasons"]')
        hand.pick(page.locator('input[name="stage"][value="piloting"]'))
        assert page.locator("#since").is_visible() and not until.is_visible() and not reasons.first.is_visible()
        hand.write(page.locator("#since"), "last year")
        hand.enter(onward)
        assert page.locator("#problems a").count() == page.locator(".problem").count() == 1
        assert page.locator("#since").input_value() == "last year"
        hand.enter(hand.link(_("Skip to content")))
        hand.enter(page.locator("#problems a"))
        assert page.locator("#since").evaluate("field => field === document.activeElement")
        hand.type("2021")
        hand.enter(onward)
        hand.enter(hand.link(_("Back")))
        hand.pick(page.locator('input[name="stage"][value="stopped"]'))
        hand.write(until, "soon")
        for number in range(MOST_REASONS + 1):
            hand.tick(reasons.nth(number))
        hand.enter(onward)
        wrong = page.locator("#problems a")
        assert wrong.count() == page.locator(".problem").count() == 2
        assert until.input_value() == "soon" and reasons.and_(page.locator(":checked")).count() == MOST_REASONS + 1
        hand.enter(wrong.first)
        assert until.evaluate("field => field === document.activeElement")
        hand.type("2024")
        hand.tick(reasons.first)
        hand.enter(onward)

        hand.pick(page.locator('input[name="visibility"][value="counted"]'))
        hand.write(page.locator("#email"), "ana at example.org")
        hand.enter()
        assert page.locator("#problems a").count() == page.locator(".problem").count() == 2
        assert page.locator('input[name="visibility"][value="counted"]').is_checked()
        assert page.locator("#email").input_value() == "ana at example.org"
        hand.write(page.locator("#email"), "ana@example.org")
        hand.tick(page.locator("#speaks"))
        hand.enter(hand.button(_("Send")))
        assert "/declarations/" in page.url and page.locator("h1").is_visible()


@pytest.mark.parametrize(("tag", "scheme", "width"), LOOKS)
def test_nothing_holds_the_focus_and_it_goes_in_the_order_of_the_document(base, browser, tag, scheme, width):
    with a_keyboard(browser, base, tag, scheme, width) as hand:
        for path in KINDS if width == 320 else MORE:
            hand.open(path)
            assert hand.around() > 15, path
