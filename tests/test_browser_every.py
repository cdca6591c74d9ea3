"""Every kind of page, forms and desk too, in five languages: no finding of axe, no sideways scroll, at 320 and 1280
pixels, light and dark, and with letters of twice the size. That is part of `make test-all`; in the usual run are the
kinds that no other file of tests opens, as `test_browser` looks at its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from beyond import KINDS
from every_page import Drawn, every_page, kinds, pages_beyond
from test_browser import USUAL, browser  # noqa: F401 - a fixture

from forge.web.session import NAME

LANGUAGES = ("fr", "en", "es", "pt", "ar")
LOOKS = [(tag, scheme, width) for tag in LANGUAGES for scheme in ("light", "dark") for width in (320, 1280)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Kinds that no other file of tests opens.
UNSEEN = (
    *(name for name in KINDS if name.startswith("code")),
    *("find-closed.html", "too-often.html", "network-refused.html", "blocks-find.html", "call-elsewhere.html"),
)
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SCREEN_PIXELS = 800


@pytest.fixture(scope="module")
def walked(sqlite_template, tmp_path_factory, request) -> Iterator[SimpleNamespace]:
    """The furnished site in one language, walked through once and served."""
    with (
        every_page(sqlite_template, tmp_path_factory.mktemp(request.param), request.param, LANGUAGES) as drawn,
        _served(drawn) as base,
    ):
        yield SimpleNamespace(base=base, drawn=drawn)


@pytest.fixture(scope="module")
def beyond(sqlite_template, tmp_path_factory) -> Iterator[SimpleNamespace]:
    """What no walk meets, in the languages of the usual run."""
    tags = tuple(tag for tag, *_ in USUAL)
    with (
        pages_beyond(sqlite_template, tmp_path_factory.mktemp("beyond"), tags, LANGUAGES) as every,
        _served(every[tags[0]]) as base,
    ):
        yield SimpleNamespace(base=base, every=every)


@contextmanager
def _served(drawn: Drawn) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(drawn.app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=2)


def _opened(base: str, drawn: Drawn, browser, **settings) -> Iterator[tuple[str, object]]:  # noqa: F811
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
        yield f"{kind.template} {kind.address}", page
    for window in windows.values():
        window.close()


def _as_drawn(route, html: str) -> None:
    route.fulfill(body=html, content_type="text/html; charset=utf-8")


def _findings(base: str, drawn: Drawn, browser, scheme: str, width: int):  # noqa: F811
    """What axe finds in each kind of page, and by how many pixels it is wider than the window; how many there are."""
    found, count = {}, 0
    look = {"viewport": {"width": width, "height": SCREEN_PIXELS}, "color_scheme": scheme}
    for address, page in _opened(base, drawn, browser, **look):
        told = (
            Axe()
            .run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
            .response["violations"]
        )
        wrong = [f"{one['id']}: {node['html'][:200]}" for one in told for node in one["nodes"]]
        wider = page.evaluate(WIDER)
        count += 1
        if wrong or wider:
            found[address] = (wrong, wider)
    return found, count


@pytest.mark.parametrize(("tag", "scheme", "width"), USUAL)
def test_no_kind_opened_nowhere_else_has_a_finding_or_scrolls_sideways(beyond, browser, tag, scheme, width):  # noqa: F811
    drawn = beyond.every[tag]
    unseen = replace(drawn, pages={name: drawn.pages[name] for name in UNSEEN})
    found, count = _findings(beyond.base, unseen, browser, scheme, width)
    assert found == {} and count == len(UNSEEN) == 14


@pytest.mark.full
@pytest.mark.parametrize(("walked", "scheme", "width"), LOOKS, indirect=["walked"])
def test_no_kind_of_page_has_a_finding_or_scrolls_sideways(walked, browser, scheme, width):  # noqa: F811
    found, count = _findings(walked.base, walked.drawn, browser, scheme, width)
    assert found == {} and count >= len(kinds())


@pytest.mark.full
@pytest.mark.parametrize(("walked", "width"), [("fr", 1280), ("ar", 1280), ("fr", 640)], indirect=["walked"])
def test_no_kind_of_page_scrolls_sideways_with_letters_of_twice_the_size(walked, browser, width):  # noqa: F811
    found = {}
    for address, page in _opened(
        walked.base, walked.drawn, browser, viewport={"width": width, "height": SCREEN_PIXELS}
    ):
        page.add_style_tag(content="html { font-size: 225% !important }")
        if wider := page.evaluate(WIDER):
            found[address] = wider
    assert found == {}
