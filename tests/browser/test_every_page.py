"""Every kind of page, forms and desk too, in five languages: no finding of axe, no sideways scroll, at 320 and 1280
pixels, light and dark, and with letters of twice the size. That is part of `make test-all`; in the usual run are the
kinds that no other file of tests opens."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
from support.browser import USUAL, findings, width_over
from support.every_page import Drawn, every_page, kinds, pages_beyond
from support.rare_pages import KINDS
from support.serving import served

from forge.web.core.session import NAME

LANGUAGES = ("fr", "en", "es", "pt", "ar")
SCHEMES = ("light", "dark")
# Each language and each scheme at each width; which language meets which scheme changes nothing.
LOOKS = [
    (tag, SCHEMES[(turn + wide) % 2], 1280 if wide else 320) for turn, tag in enumerate(LANGUAGES) for wide in (0, 1)
]
# Kinds that no other file of tests opens.
UNSEEN = (
    *(name for name in KINDS if name.startswith("code")),
    *(
        "search/preparing.html",
        "base/too-often.html",
    ),
)
SCREEN_PIXELS = 800


@pytest.fixture(scope="module")
def walked(sqlite_template, tmp_path_factory, request) -> Iterator[SimpleNamespace]:
    """The furnished site in one language, walked through once and served."""
    with (
        every_page(sqlite_template, tmp_path_factory.mktemp(request.param), request.param, LANGUAGES) as drawn,
        served(drawn.app) as base,
    ):
        yield SimpleNamespace(base=base, drawn=drawn)


@pytest.fixture(scope="module")
def beyond(sqlite_template, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """What no walk meets, in the languages of the usual run."""
    tags = tuple(tag for tag, *_ in USUAL)
    with (
        pages_beyond(sqlite_template, tmp_path_factory.mktemp("beyond"), tags, LANGUAGES) as every,
        served(every[tags[0]].app) as base,
    ):
        yield SimpleNamespace(base=base, every=every)


def _opened(base: str, drawn: Drawn, browser, **settings) -> Iterator[tuple[str, object]]:
    """Each kind of page in the window of its level of rights; its address, and the page. What an address does not
    bring again is shown as it was drawn."""
    windows, pages = {}, {}
    for kind in drawn.kinds():
        if kind.who not in windows:
            windows[kind.who] = browser.new_context(bypass_csp=True, **settings)
            if kind.who:
                windows[kind.who].add_cookies([{"name": NAME, "value": drawn.sessions.get(kind.who, ""), "url": base}])
            pages[kind.who] = windows[kind.who].new_page()
        page, address = pages[kind.who], f"{base}{kind.address}"
        if not kind.again:
            page.route(address, partial(_as_drawn, html=kind.html), times=1)
        page.goto(address)
        page.route(address, _not_again)
        yield f"{kind.template} {kind.address}", page
        page.unroute(address, _not_again)
    for window in windows.values():
        window.close()


def _not_again(route) -> None:
    """A page that asks for itself again, as those that wait do, stays as long as it is looked at."""
    route.abort("aborted")


def _as_drawn(route, html: str) -> None:
    route.fulfill(body=html, content_type="text/html; charset=utf-8")


def _found(base: str, drawn: Drawn, browser, scheme: str, width: int):
    """What axe finds in each kind of page, and by how many pixels it is wider than the window; how many there are."""
    found, count = {}, 0
    look = {"viewport": {"width": width, "height": SCREEN_PIXELS}, "color_scheme": scheme}
    for address, page in _opened(base, drawn, browser, **look):
        count += 1
        # It sticks to the lower edge of the window, and covers half of a tick that is about to be scrolled into sight.
        page.add_style_tag(content=".compared { position: static !important }")
        if (told := findings(page)) != ([], 0):
            found[address] = told
    return found, count


@pytest.mark.parametrize(("tag", "scheme", "width"), [pytest.param(*USUAL[0], marks=pytest.mark.full), USUAL[1]])
def test_no_kind_opened_nowhere_else_has_a_finding_or_scrolls_sideways(beyond, browser, tag, scheme, width):
    drawn = beyond.every[tag]
    unseen = replace(drawn, pages={name: drawn.pages[name] for name in UNSEEN})
    found, count = _found(beyond.base, unseen, browser, scheme, width)
    assert found == {} and count == len(UNSEEN)


@pytest.mark.full
@pytest.mark.parametrize(("walked", "scheme", "width"), LOOKS, indirect=["walked"])
def test_no_kind_of_page_has_a_finding_or_scrolls_sideways(walked, browser, scheme, width):
    found, count = _found(walked.base, walked.drawn, browser, scheme, width)
    assert found == {} and count >= len(kinds())


@pytest.mark.full
@pytest.mark.parametrize(("walked", "width"), [("fr", 1280), ("ar", 1280), ("fr", 640)], indirect=["walked"])
def test_no_kind_of_page_scrolls_sideways_with_letters_of_twice_the_size(walked, browser, width):
    found = {}
    for address, page in _opened(
        walked.base, walked.drawn, browser, viewport={"width": width, "height": SCREEN_PIXELS}
    ):
        page.add_style_tag(content="html { font-size: 225% !important }")
        if over := width_over(page):
            found[address] = over
    assert found == {}
