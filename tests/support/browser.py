"""A real browser, and what it sees in a page: what axe finds, and by how much the page is wider than its window. It
serves nothing (`serving` does) and knows no page.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Locator, Page, sync_playwright

USUAL = [("fr", "light", 1280), ("ar", "dark", 320)]
ALL = [(tag, scheme, width) for tag in ("fr", "ar") for scheme in ("light", "dark") for width in (320, 1280)]
LOOKS = [*USUAL, *(pytest.param(*look, marks=pytest.mark.full) for look in ALL if look not in USUAL)]
# With `every`: whether every state of each kind is looked at, as only the full run does, in both looks; the usual run
# looks at a state of each kind on a phone, where most goes wrong: narrow, dark, right to left.
STATES = [(*USUAL[-1], False), *(pytest.param(*look, True, marks=pytest.mark.full) for look in USUAL)]
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")


def _whole_page_after(act: Callable[..., None]) -> Callable[..., None]:
    """By itself a click waits for the first bytes of the page that it leads to, and what is counted at once may count
    half of the page: https://playwright.dev/python/docs/navigations."""

    @wraps(act)
    def act_and_wait(where: Locator, **options: Any) -> None:
        act(where, **options)
        where.page.wait_for_load_state()

    return act_and_wait


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Chromium, where a click ends when the page that it leads to is there; `catalog.test` is this machine, as a host
    that is not its own."""
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", _whole_page_after(Locator.click))
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        arguments.append("--host-resolver-rules=MAP catalog.test 127.0.0.1")
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@contextmanager
def a_window(browser: Browser, scheme: str, width: int) -> Iterator[Page]:
    """One for many pages: opening another for each takes as long as looking at it."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    yield context.new_page()
    context.close()


RUN = """options => axe.run(options).then(found =>
    found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 200)}`)))"""


def violations(page: Page, run_only: dict[str, Any], but: Sequence[str] = ()) -> list[str]:
    """What breaks axe's rules that `run_only` names, but for some: the rule, and the element as it is written. Nothing
    else of its answer is asked for: to hand all of it over took a fifth of the time."""
    rules = {rule: {"enabled": False} for rule in but}
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(RUN, {"runOnly": run_only, "rules": rules, "resultTypes": ["violations"]})
    return found


def findings(page: Page, but: Sequence[str] = ()) -> tuple[list[str], int]:
    """What breaks the rules that every page keeps, and by how many pixels the page is wider than the window."""
    return violations(page, RULES, but), width_over(page)


class Looked:
    """What is found in one window, by the name of what it shows: each kind of page once, and, where `every` says so,
    its other states. `found`: what something was found in."""

    def __init__(self, page: Page, every: bool = False):
        self.page, self.every = page, every
        self.found: dict[str, tuple[list[str], int]] = {}

    def kind(self, name: str, but: Sequence[str] = ()) -> None:
        if (seen := findings(self.page, but)) != ([], 0):
            self.found[name] = seen

    def state(self, name: str, but: Sequence[str] = ()) -> None:
        """Of a kind that is looked at elsewhere."""
        if self.every:
            self.kind(name, but)

    def open(self, base: str, kinds: Sequence[str], states: Sequence[str] = (), status: int | None = None) -> None:
        """Each of these addresses, one after another; all of them are answered with `status`, if one is given."""
        for path in (*kinds, *(states if self.every else ())):
            answer = self.page.goto(f"{base}{path}")
            assert status is None or (answer and answer.status == status), path
            self.kind(path)


def looked_at(page: Page, address: str) -> tuple[list[str], int]:
    """The findings of an address that is opened in this window."""
    page.goto(address)
    return findings(page)


def width_over(page: Page) -> int:
    """By how many pixels the page is wider than its window: 0, or it scrolls sideways."""
    told: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return told


class Reader:
    """Somebody without script. What axe, which needs it, finds of a page is looked for in a second window with the same
    cookies, and kept under a name in `found`."""

    def __init__(self, browser: Browser, width: int, every: bool):
        size: Any = {"viewport": {"width": width, "height": 800}}
        self._plain = browser.new_context(java_script_enabled=False, **size)
        self._looking = browser.new_context(bypass_csp=True, **size)
        self.page, self._other = self._plain.new_page(), self._looking.new_page()
        self.found: dict[str, tuple[list[str], int]] = {}
        self.every = every

    def look(self, name: str) -> None:
        self._looking.clear_cookies()
        self._looking.add_cookies(self._plain.cookies())
        self.found[name] = looked_at(self._other, self.page.url)

    def look_again(self, name: str) -> None:
        """At a page of a kind that is looked at elsewhere: where every state is looked at."""
        if self.every:
            self.look(name)

    def press(self) -> None:
        """The last button of the page's form, and the page that it leads to."""
        with self.page.expect_navigation():
            self.page.locator("main form[method=post] button").last.click()

    def leave(self) -> dict[str, tuple[list[str], int]]:
        """Closes both windows; the pages in which something was found."""
        self._plain.close()
        self._looking.close()
        return {name: seen for name, seen in self.found.items() if seen != ([], 0)}
