"""A project's page as a way to act, on small and large screens: one primary button, each way once, room to type."""

import re

import pytest
from support.serving import served
from support.world import a_shipped_site

WIDTHS = (320, 1280)
# What a reader may do about a project, whatever is known of it: where it leads, below the project.
WAYS = ("/declare", "/experience", "/blocks", "/correct", "/claim")


@pytest.fixture
def page(browser, request):
    context = browser.new_context(java_script_enabled=False, viewport={"width": request.param, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("slug", ["galette", "unknown", "asleep"])
@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_a_page_has_one_primary_button_and_each_way_to_act_once(base, page, slug):
    page.goto(f"{base}/en/projects/{slug}")
    assert page.locator("main .button:not(.quiet):visible, main button:not(.quiet):visible").count() == 1
    own = f"/en/projects/{slug}"
    shown = page.locator("main a:visible")
    links = [(element.get_attribute("href"), element.inner_text().strip()) for element in shown.all()]
    named = [text for href, text in links if href and href.startswith(own) and not re.search("source|tell us", text)]
    assert len(named) == len(set(named))
    for way in WAYS:
        led = [text for href, text in links if href == own + way and "tell us" not in text]
        # Where nobody says that they use it, the part on users asks for it too.
        assert len(led) == 1 or (way == "/declare" and len(led) == 2 and slug != "galette"), (way, led)
    assert page.get_by_text("E-mail me about changes").is_visible()


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_addresses_and_long_lines_have_room_and_a_year_stays_short(base, page):
    page.goto(f"{base}/en/projects/galette/correct?field=homepage")
    room = page.locator("main").bounding_box()["width"]
    assert page.locator("#value").bounding_box()["width"] >= min(600, room * 0.85)
    page.goto(f"{base}/en/projects/galette/correct?field=accessibility")
    assert page.locator('[name="value.url"]').bounding_box()["width"] >= min(600, room * 0.85)
    assert page.locator('[name="value.year"]').bounding_box()["width"] <= 200
    page.goto(f"{base}/en/sign-in")
    assert page.locator("#email").bounding_box()["width"] >= min(600, room * 0.85)


@pytest.fixture(scope="module")
def shipped(sqlite_template, tmp_path_factory):
    with a_shipped_site(sqlite_template, tmp_path_factory.mktemp("shipped")) as app, served(app) as base:
        yield base


@pytest.mark.parametrize("page", [360], indirect=True)
@pytest.mark.parametrize(
    "tag", ["fr", "ar", *(pytest.param(tag, marks=pytest.mark.full) for tag in ("en", "es", "pt"))]
)
def test_on_a_phone_what_to_do_next_comes_first_and_the_known_facts_are_close_together(shipped, page, tag):
    """The furthest is the one with the longest name and facts."""
    for slug in ("galette", "paheko", "dolibarr"):
        page.goto(f"{shipped}/{tag}/projects/{slug}")
        assert page.locator(".glance > div").count() >= 5 and page.locator(".glance .unknown").count() == 0
        assert page.locator(".next .button").first.bounding_box()["y"] <= 640, (tag, slug)
        assert page.locator(".glance").bounding_box()["y"] <= 1000, (tag, slug)
    first, second = page.locator(".glance dt, .glance dd").all()[:2]
    assert second.bounding_box()["y"] < first.bounding_box()["y"] + first.bounding_box()["height"]


# How many screens a page takes at most; a screen is so many pixels high.
SCREENS = {"home": {1280: 3, 360: 4}, "project": {1280: 3.3, 360: 6.2}}
TALL = {1280: 900, 360: 720}
SAMPLE = ("galette", "paheko", "dolibarr", "decidim", "apache-fineract")
HEIGHT = "document.documentElement.scrollHeight"


@pytest.mark.parametrize("page", TALL, indirect=True)
def test_home_and_projects_take_no_more_screens_than_their_readers_turn(shipped, page):
    width = page.viewport_size["width"]

    def screens(path: str) -> float:
        page.goto(f"{shipped}/en{path}")
        return page.evaluate(HEIGHT) / TALL[width]

    assert screens("/") <= SCREENS["home"][width]
    every = {slug: screens(f"/projects/{slug}") for slug in SAMPLE}
    assert sum(every.values()) / len(every) <= SCREENS["project"][width], every


@pytest.mark.parametrize("page", [1280], indirect=True)
def test_a_card_of_a_list_of_results_is_low(shipped, page):
    page.goto(f"{shipped}/en/projects?q=members")
    heights = sorted(card.bounding_box()["height"] for card in page.locator(".results .card").all())
    assert len(heights) == 20 and heights[len(heights) // 2] <= 120
