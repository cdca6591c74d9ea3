"""Pages in a real browser: no finding of axe, no sideways scroll, no script needed; in both directions and schemes.

Debian's Chromium is used, without a screen where that is packed by itself: the whole one draws its own windows too, for
each that is opened. Scripts are off for readers; axe itself needs them, and is the only one to get them.
"""

import pytest
from playwright.sync_api import Page
from support.browser import ALL, USUAL, Looked, a_window, width_over

KINDS = (
    "/", "/projects?q=adh%C3%A9rents&language=fr", "/projects/filters", "/projects/galette",
    "/projects/galette/users?page=2", "/projects/galette/facts", "/projects/galette/license",
    "/projects/galette/history", "/projects/galette/asked",
    "/statistics", "/domains", "/domains/accounting", "/collections/suite", "/places", "/places/FR", "/organizations",
    "/organizations/ana-maintains", "/organizations/org-60/uses", "/organizations/ana-maintains/projects",
    "/about", "/legal", "/accessibility", "/help", "/help/use", "/help/words", "/help/licenses",
    "/help/ready", "/compare?p=galette&p=asleep&p=coopcycle&p=unknown", "/list?p=galette&p=asleep",
    "/compare/sheet?p=galette&p=asleep&p=unknown", "/register", "/nothing", "/projects/blocked",
)  # fmt: skip
STATES = (
    "/projects?q=zzzqqq", "/projects/unknown", "/projects/coopcycle", "/projects/galette/users", "/places/ES",
    "/places/MT", "/organizations/org-60", "/organizations?domain=accounting", "/compare",
    "/compare?p=galette&add=tool", "/compare/sheet?p=galette",
)  # fmt: skip
LOOKS = [
    *((*look, KINDS) for look in USUAL),
    *(pytest.param(*look, STATES if look in USUAL else (*KINDS, *STATES), marks=pytest.mark.full) for look in ALL),
]
LARGE = [
    ("ar", 640, KINDS),
    *(pytest.param(*case, marks=pytest.mark.full) for case in (("fr", 1280, (*KINDS, *STATES)), ("ar", 640, STATES))),
]


def test_a_form_is_taken_over_plain_http_where_browsers_say_nothing_but_the_origin(base, browser):
    page = browser.new_page()
    page.goto(f"{base.replace('127.0.0.1', 'catalog.test')}/fr/sign-in")
    page.fill("#email", "ana@example.org")
    with page.expect_navigation() as sent:
        page.click("main button")
    assert sent.value.status == 200 and page.url.endswith("/fr/sign-in")
    page.close()


@pytest.mark.parametrize(("tag", "scheme", "width", "paths"), LOOKS)
def test_no_page_kind_has_a_finding_or_scrolls_sideways(base, browser, tag, scheme, width, paths):
    with a_window(browser, scheme, width) as page:
        looked = Looked(page)
        looked.open(f"{base}/{tag}", paths)
    assert looked.found == {}


def test_a_reader_without_script_searches_filters_and_reads(base, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page: Page = context.new_page()
    page.goto(f"{base}/fr/")
    page.get_by_label("De quoi avez-vous besoin").fill("galette")
    page.get_by_role("button", name="Chercher").click()
    assert "q=galette" in page.url
    page.get_by_label("Langue", exact=True).select_option("fr")
    page.get_by_role("button", name="Appliquer les filtres").click()
    page.get_by_role("link", name="Galette", exact=True).click()
    assert page.url == f"{base}/fr/projects/galette"
    page.get_by_role("link", name="English").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Galette"
    assert page.url == f"{base}/en/projects/galette"
    context.close()


def test_the_first_press_of_tab_offers_to_skip_to_the_content(base, browser):
    page = browser.new_page()
    page.goto(f"{base}/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.close()


def test_a_text_in_another_language_begins_where_the_page_does_and_keeps_its_label(base, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/ar/projects/galette")
    block, heading = page.locator(".foreign").bounding_box(), page.locator("#does").bounding_box()
    assert block["width"] < 600 and abs(block["x"] + block["width"] - heading["x"] - heading["width"]) < 1
    label, text = page.locator(".foreign .aside").bounding_box(), page.locator(".foreign [lang=fr]").bounding_box()
    assert 0 <= text["y"] - label["y"] - label["height"] < 10
    context.close()


@pytest.mark.parametrize(("tag", "width", "columns"), [("en", 1280, 3), ("ar", 1280, 3), ("fr", 390, 1)])
def test_filters_use_the_width_of_the_screen(base, browser, tag, width, columns):
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/{tag}/projects/filters")
    assert len({round(element.bounding_box()["x"]) for element in page.locator("#domain input").all()}) == columns
    context.close()


@pytest.mark.parametrize(("tag", "width", "paths"), LARGE)
def test_no_page_kind_scrolls_sideways_with_letters_of_twice_the_size(base, browser, tag, width, paths):
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page, wider = context.new_page(), {}
    for path in paths:
        page.goto(f"{base}/{tag}{path}")
        page.add_style_tag(content="html { font-size: 225% !important }")
        wider[path] = width_over(page)
    context.close()
    assert {path: pixels for path, pixels in wider.items() if pixels} == {}


# Success criterion 1.4.12 of WCAG: what a reader may set without losing anything.
SPACING = (
    "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }"
    " p { margin-block-end: 2em !important }"
)


@pytest.mark.parametrize("tag", ["fr", pytest.param("ar", marks=pytest.mark.full)])
def test_no_page_kind_scrolls_sideways_with_wide_spacing_of_text_on_a_phone(base, browser, tag):
    context = browser.new_context(viewport={"width": 320, "height": 800}, bypass_csp=True)
    page, wider = context.new_page(), {}
    for path in KINDS:
        page.goto(f"{base}/{tag}{path}")
        page.add_style_tag(content=SPACING)
        wider[path] = width_over(page)
    context.close()
    assert {path: pixels for path, pixels in wider.items() if pixels} == {}


BELOW_BAR = """() => {
    const bar = document.querySelector('.compared'), focused = document.activeElement
    if (!focused.closest('.results')) return null
    return focused.getBoundingClientRect().bottom > bar.getBoundingClientRect().top
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 640)])
def test_the_bar_of_comparison_stays_in_sight_counts_what_is_ticked_and_hides_no_focus(base, browser, width, height):
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(f"{base}/en/projects")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(BELOW_BAR))
        bar = page.locator(".compared").bounding_box()
        if seen[-1] is not None:
            assert bar["y"] + bar["height"] <= height + 1
    assert seen.count(False) > 10 and True not in seen
    page.locator(".pick input").first.check()
    counted = page.locator(".compared button").evaluate("button => getComputedStyle(button, '::after').content")
    assert "counter(chosen)" in counted
    context.close()
