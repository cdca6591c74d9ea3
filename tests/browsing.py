"""A real browser, and what it sees in a page: what axe finds, and by how much the page is wider than its window. It
serves nothing (`serving` does) and knows no page.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

USUAL = [("fr", "light", 1280), ("ar", "dark", 320)]
ALL = [(tag, scheme, width) for tag in ("fr", "ar") for scheme in ("light", "dark") for width in (320, 1280)]
LOOKS = [*USUAL, *(pytest.param(*look, marks=pytest.mark.full) for look in ALL if look not in USUAL)]
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")


@contextmanager
def a_browser() -> Iterator[Browser]:
    """Chromium; `catalog.test` is this machine, as a host that is not its own."""
    with sync_playwright() as playwright:
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


def violations(page: Page, run_only: dict[str, Any], but: Sequence[str] = ()) -> list[str]:
    """What breaks axe's rules that `run_only` names, but for some: the rule, and the element as it is written."""
    rules = {rule: {"enabled": False} for rule in but}
    found = Axe().run(page, options={"runOnly": run_only, "rules": rules, "resultTypes": ["violations"]})
    return [f"{one['id']}: {node['html'][:200]}" for one in found.response["violations"] for node in one["nodes"]]


def findings(page: Page, but: Sequence[str] = ()) -> tuple[list[str], int]:
    """What breaks the rules that every page keeps, and by how many pixels the page is wider than the window."""
    return violations(page, RULES, but), width_over(page)


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

    def __init__(self, browser: Browser, width: int):
        size: Any = {"viewport": {"width": width, "height": 800}}
        self._plain = browser.new_context(java_script_enabled=False, **size)
        self._looking = browser.new_context(bypass_csp=True, **size)
        self.page, self._other = self._plain.new_page(), self._looking.new_page()
        self.found: dict[str, tuple[list[str], int]] = {}

    def look(self, name: str) -> None:
        self._looking.clear_cookies()
        self._looking.add_cookies(self._plain.cookies())
        self.found[name] = looked_at(self._other, self.page.url)

    def press(self) -> None:
        """The last button of the page's form."""
        self.page.locator("main form[method=post] button").last.click()

    def leave(self) -> dict[str, tuple[list[str], int]]:
        """Closes both windows; the pages in which something was found."""
        self._plain.close()
        self._looking.close()
        return {name: seen for name, seen in self.found.items() if seen != ([], 0)}
