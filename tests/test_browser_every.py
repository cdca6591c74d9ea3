"""Every kind of page that an address brings, forms and desk too, in five languages: no finding of axe, no sideways
scroll, at 320 and 1280 pixels, light and dark, and with letters of twice the size. Part of `make test-all` only."""

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from every_page import every_page
from test_browser import browser  # noqa: F401 - a fixture

from forge.web.session import NAME

LANGUAGES = ("fr", "en", "es", "pt", "ar")
LOOKS = [(tag, scheme, width) for tag in LANGUAGES for scheme in ("light", "dark") for width in (320, 1280)]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SCREEN_PIXELS = 800


@pytest.fixture(scope="module")
def walked(sqlite_template, tmp_path_factory, request) -> Iterator[SimpleNamespace]:
    """The furnished site in one language, walked through once and served."""
    with every_page(sqlite_template, tmp_path_factory.mktemp(request.param), request.param, LANGUAGES) as drawn:
        server = uvicorn.Server(uvicorn.Config(drawn.app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield SimpleNamespace(base=base, drawn=drawn, tag=request.param)
        server.should_exit = True
        thread.join(timeout=2)


def _opened(walked, browser, **settings) -> Iterator[tuple[str, object]]:  # noqa: F811
    """Each kind of page in the window of its level of rights; its address, and the page."""
    windows, pages = {}, {}
    for kind in walked.drawn.opened():
        if kind.who not in windows:
            windows[kind.who] = browser.new_context(bypass_csp=True, **settings)
            if kind.who:
                cookie = {"name": NAME, "value": walked.drawn.sessions[kind.who], "url": walked.base}
                windows[kind.who].add_cookies([cookie])
            pages[kind.who] = windows[kind.who].new_page()
        pages[kind.who].goto(f"{walked.base}{kind.address}")
        yield f"{kind.template} {kind.address}", pages[kind.who]
    for window in windows.values():
        window.close()


@pytest.mark.full
@pytest.mark.parametrize(("walked", "scheme", "width"), LOOKS, indirect=["walked"])
def test_no_kind_of_page_has_a_finding_or_scrolls_sideways(walked, browser, scheme, width):  # noqa: F811
    found, count = {}, 0
    for address, page in _opened(
        walked, browser, viewport={"width": width, "height": SCREEN_PIXELS}, color_scheme=scheme
    ):
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
    assert found == {} and count > 70


@pytest.mark.full
@pytest.mark.parametrize(("walked", "width"), [("fr", 1280), ("ar", 1280), ("fr", 640)], indirect=["walked"])
def test_no_kind_of_page_scrolls_sideways_with_letters_of_twice_the_size(walked, browser, width):  # noqa: F811
    found = {}
    for address, page in _opened(walked, browser, viewport={"width": width, "height": SCREEN_PIXELS}):
        page.add_style_tag(content="html { font-size: 225% !important }")
        if wider := page.evaluate(WIDER):
            found[address] = wider
    assert found == {}
