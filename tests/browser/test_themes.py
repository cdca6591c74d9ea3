"""Other looks of the same pages: more contrast, the system's own colours, paper, and an instance of its own colours."""

import pytest
from support.browser import violations, width_over
from support.serving import served
from support.world import a_site, fill

from tests.config.test_theme import COLORED, SVG

PAGES = ("/", "/projects", "/projects/galette", "/projects/galette/correct?field=homepage")
FEW = ("/projects/galette", "/projects")
LOOKS = [("dark", FEW), *(pytest.param(scheme, PAGES, marks=pytest.mark.full) for scheme in ("dark", "light"))]
ENHANCED = {"type": "rule", "values": ["color-contrast-enhanced"]}
CONTRAST = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
MENU = ".top nav:not(.tongues)"
EDGE = """selector => { const style = getComputedStyle(document.querySelector(selector));
 return [style.borderTopWidth, style.borderTopStyle, style.borderTopColor, style.backgroundColor]; }"""


@pytest.mark.parametrize(("scheme", "pages"), LOOKS)
def test_who_asks_for_more_contrast_gets_seven_to_one_everywhere(base, browser, scheme, pages):
    context = browser.new_context(contrast="more", color_scheme=scheme, bypass_csp=True)
    page, found = context.new_page(), {}
    for path in pages:
        page.goto(f"{base}/fr{path}")
        if wrong := violations(page, ENHANCED):
            found[path] = wrong
    context.close()
    assert found == {}


def test_with_the_colours_of_the_system_buttons_fields_and_notes_keep_an_edge(base, browser):
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    for path, selectors in (
        ("/projects", ("main button", ".tag", ".card", ".known li")),
        ("/projects/galette/correct?field=homepage", ("main input[type=text], main input[type=url]",)),
    ):
        page.goto(f"{base}/fr{path}")
        for selector in selectors:
            width, style, color, ground = page.evaluate(EDGE, selector)
            assert width != "0px" and style == "solid" and color != ground, selector
    context.close()


def test_the_menu_has_a_line_of_its_own_below_the_name_and_the_languages(base, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    for tag in ("en", "fr", "es", "pt", "ar"):
        page.goto(f"{base}/{tag}/help")
        lines = [
            {round(element.bounding_box()["y"]) for element in page.locator(f"{nav} li").all()}
            for nav in (MENU, ".tongues")
        ]
        assert list(map(len, lines)) == [1, 1] and min(lines[0]) > max(lines[1]), tag
    context.close()


def test_on_a_phone_the_head_of_the_page_is_low_and_each_of_its_links_one_press_away_without_script(base, browser):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    for tag in ("en", "fr", "es", "pt", "ar"):
        page.goto(f"{base}/{tag}/projects/galette")
        menu, tongues = page.locator(".top summary").all()
        assert page.locator(".top").bounding_box()["height"] <= 120, tag
        pressed = page.locator(".top :is(a, summary):visible").all()
        names = [element.inner_text() for element in pressed]
        assert len(names) == 5 and all(names), (tag, names)  # name, menu, Find, language, sign-in
        assert all(element.bounding_box()["height"] >= 44 for element in pressed), tag
        menu.press("Enter")
        assert page.locator(f"{MENU} a:visible").count() == 6 and width_over(page) == 0, tag
        tongues.press("Enter")
        assert (
            page.locator(".tongues a:visible").count() == page.locator(".tongues a").count() and width_over(page) == 0
        )
        page.emulate_media(media="print")
        assert page.locator(".top :is(nav, summary, .enter):visible").count() == 0, tag
        page.emulate_media(media="screen")
    context.close()


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_on_a_phone_the_way_to_the_filters_stands_directly_above_the_first_result(base, browser, tag):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    for query in ("q=accounting", "q=accounting&language=fr", "domain=membership-governance"):
        page.goto(f"{base}/{tag}/projects?{query}")
        way, first = page.locator(".narrow a").bounding_box(), page.locator(".results > li").first.bounding_box()
        assert 0 <= first["y"] - way["y"] - way["height"] <= 24, query
        if query == "q=accounting":  # what was chosen stands above
            assert first["y"] < 640
        assert not page.locator(".sorts").is_visible()  # the order is asked for beside the filters
        page.locator(".narrow a").click()
        assert page.locator("select[name=sort]").is_visible() and width_over(page) == 0
    context.close()


def test_where_nothing_can_be_unfolded_the_head_of_the_page_shows_all_of_it(base, browser):
    """As in browsers that do not know `selector()` or `details`: for them the condition is false."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page, met = context.new_page(), []

    def without(route):
        answer = route.fetch()
        met.append(answer.text().count("@supports selector(details[open])"))
        route.fulfill(response=answer, body=answer.text().replace("selector(details[open])", "(display: nothing)"))

    page.route("**/*.css", without)
    page.goto(f"{base}/fr/help")
    assert met == [1] and page.locator(".top summary:visible").count() == 0
    assert page.locator(f"{MENU} a:visible").count() == 6 and width_over(page) == 0
    assert page.locator(".tongues a:visible").count() == page.locator(".tongues a").count()
    context.close()


def test_sign_in_stands_in_the_head_behind_the_languages_and_on_a_wide_screen_nothing_is_folded(base, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/fr/help")
    links = [element.get_attribute("href") for element in page.locator(".top a").all()]
    assert links[-1] == "/fr/sign-in" and page.locator(".top a:visible").count() == len(links)
    assert page.locator(".top summary:visible").count() == 0 and page.locator(".foot a[href$=sign-in]").count() == 0
    context.close()


def test_on_a_phone_names_in_a_table_of_counts_keep_their_words_whole(base, browser):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/fr/statistics")
    table = page.locator(".counts.several", has=page.locator("a[href*='/places/']"))
    name, _, first, second = table.locator("tbody tr").first.locator("th, td").all()
    assert name.bounding_box()["width"] > 250 and name.bounding_box()["y"] < first.bounding_box()["y"]
    assert "Utilisatrices confirmées" in first.inner_text() and "Utilisatrices non confirmées" in second.inner_text()
    context.close()


@pytest.mark.parametrize(("tag", "width", "letters"), [("ar", 320, 100), ("fr", 640, 225), ("fr", 1280, 100)])
def test_no_number_of_a_table_of_counts_is_broken_and_no_head_but_for_letters_that_leave_no_room(
    base, browser, tag, width, letters
):
    context = browser.new_context(viewport={"width": width, "height": 800}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{base}/{tag}/statistics")
    page.add_style_tag(content=f"html {{ font-size: {letters}% !important }} .counts tbody th {{ min-width: 14ch }}")
    lines = """cell => {
        const range = document.createRange()
        range.selectNodeContents(cell.lastChild)
        return range.getClientRects().length
    }"""
    numbers = page.locator(".counts td").all()
    assert numbers and [cell.evaluate(lines) for cell in numbers] == [1] * len(numbers)
    if letters == 100:
        heads = page.locator(".counts:not(.several) thead th:last-child").all()
        assert [cell.evaluate(lines) for cell in heads] == [1] * len(heads)
    assert width_over(page) == 0
    context.close()


TORN = """cells => cells.flatMap(cell => {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), torn = []
    for (let node = walker.nextNode(); node; node = walker.nextNode())
        for (const word of node.textContent.matchAll(/[\\p{L}\\p{M}]+/gu)) {
            const range = document.createRange()
            range.setStart(node, word.index)
            range.setEnd(node, word.index + word[0].length)
            if (new Set([...range.getClientRects()].map(one => Math.round(one.top))).size > 1) torn.push(word[0])
        }
    return torn
})"""
LARGE = "html { font-size: 225% !important }"  # 36 pixels: twice the size that we ask for
SHOWN = "all => all.map(one => getComputedStyle(one).display)"
AFTER = "one => getComputedStyle(one, '::after').content"


@pytest.mark.parametrize(("tag", "width"), [("fr", 320), ("en", 320), ("ar", 320), ("fr", 1280)])
def test_no_word_of_a_table_in_our_texts_is_torn(base, browser, tag, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in ("about", "help/words"):
        page.goto(f"{base}/{tag}/{path}")
        cells = page.locator(".text th, .text td")
        assert cells.count() and cells.evaluate_all(TORN) == [] and width_over(page) == 0, path
    context.close()


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_letters_of_twice_the_size_on_a_phone_turn_lines_of_tables_into_blocks_and_nothing_scrolls_sideways(
    base, browser, tag
):
    context = browser.new_context(viewport={"width": 320, "height": 640}, bypass_csp=True)
    page = context.new_page()
    blocks = ("statistics", "about", "help/words", "projects/filters")
    others = ("", "projects/galette", "compare/sheet?p=galette", "compare/sheet?p=galette&p=ended")
    for path in (*blocks, *others):
        page.goto(f"{base}/{tag}/{path}")
        page.add_style_tag(content=LARGE)
        assert width_over(page) == 0, path
        assert page.locator("h1, h2, legend, button:visible").evaluate_all(TORN) == [], path
        if path in blocks:
            assert set(page.locator("main tr").evaluate_all(SHOWN)) <= {"block"}, path
    context.close()


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_on_a_phone_no_line_begins_with_a_point(base, browser, tag):
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(f"{base}/{tag}/projects/galette")
    assert page.locator(".glance .parts > span").first.evaluate(AFTER).startswith('"\u00a0')
    context.close()


def test_on_paper_tables_stand_one_after_another_and_a_number_ends_the_list_that_it_is_of(base, browser):
    context = browser.new_context(viewport={"width": 794, "height": 1123})
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{base}/fr/statistics")
    assert set(page.locator(".cells").evaluate_all(SHOWN)) == {"block"}
    page.goto(f"{base}/fr/compare/sheet?p=galette")
    features = page.locator('[data-fact="features"] td')
    assert features.locator("li:last-child .number").count() == features.locator(".number").count() > 0
    context.close()


@pytest.mark.parametrize("path", ["/projects/galette", "/organizations/ana-maintains", "/compare?p=galette&p=asleep"])
def test_on_paper_stands_what_is_known_with_its_address_and_day_and_nothing_to_press(base, browser, path):
    context = browser.new_context(viewport={"width": 794, "height": 1123})
    page = context.new_page()
    page.goto(f"{base}/fr{path}")
    assert not page.locator(".onpaper").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".onpaper").is_visible() and "/fr/" in page.locator(".onpaper").inner_text()
    assert page.locator(".onpaper time").inner_text() == "24 novembre 2026"
    for hidden in ("nav:visible", "button:visible", ".button:visible", "form:visible", "input:visible", ".act:visible"):
        assert page.locator(hidden).count() == 0, hidden
    assert page.locator("h1").is_visible() and page.locator("main dl, main table, main .tiles").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    context.close()


@pytest.mark.parametrize(("scheme", "pages"), LOOKS)
def test_an_instance_of_its_own_colours_has_no_finding(sqlite_store, tmp_path, browser, scheme, pages):
    folder = tmp_path / "data" / "theme"
    folder.mkdir(parents=True)
    (folder / "colors.yaml").write_text(COLORED)
    (folder / "logo.svg").write_text(SVG)
    fill(sqlite_store)
    with a_site(sqlite_store, tmp_path / "data") as app, served(app) as base:
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page, found = context.new_page(), {}
        for path in pages:
            page.goto(f"{base}/fr{path}")
            if wrong := violations(page, CONTRAST):
                found[path] = wrong
        page.goto(f"{base}/fr/projects/galette/facts")
        link = page.locator("main .crumbs a").first.evaluate("a => getComputedStyle(a).color")
        assert page.locator(".brand img").evaluate("img => img.naturalWidth") > 0
        context.close()
    assert found == {} and link == ("rgb(91, 26, 110)" if scheme == "light" else "rgb(226, 184, 240)")
