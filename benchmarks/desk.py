"""A moderator at the desk, through the web: the pages, presses and words read are counted. What comes to the desk is
not its matter.

A page costs 20 seconds, however few words it holds; words are read at 200 a minute: all that is visible in the part of
a page that is not the same on every page. What is folded away counts when it is opened. Pressing and typing are counted
and cost nothing beside that.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient

from catalog.store.store import Store
from forge.web.core.session import NAME

PAGE_SECONDS, WORDS_A_MINUTE = 20, 200


@dataclass
class Effort:
    """What one person did: pages opened, presses, words read."""

    pages: int = 0
    presses: int = 0
    words: int = 0
    decided: Counter[str] = field(default_factory=Counter)

    @property
    def hours(self) -> float:
        return (self.pages * PAGE_SECONDS + self.words / WORDS_A_MINUTE * 60) / 3600


class _Main(HTMLParser):
    """The visible words of a page's main part: without what is folded away, the way back and what is for readers of
    the screen alone."""

    def __init__(self) -> None:
        super().__init__()
        self.words = 0
        self._inside = False
        self._skip: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "main":
            self._inside = True
        closed = tag == "details" and "open" not in given
        if self._skip:
            if tag not in _VOID:
                self._skip.append(tag)
        elif tag == "nav" or closed or "sr" in (given.get("class") or "").split():
            self._skip.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._inside = False
        while self._skip and tag in self._skip:
            if self._skip.pop() == tag:
                break

    def handle_data(self, data: str) -> None:
        if self._inside and not self._skip:
            self.words += len(re.findall(r"\w[\w'’.:/@-]*", data))


_VOID = {"input", "br", "img", "hr", "meta", "link", "wbr"}


def words_of(html: str) -> int:
    found = _Main()
    found.feed(html)
    return found.words


class Moderator:
    """A person at the desk, through the web: what they open and press is counted."""

    def __init__(self, app: Any, store: Store, email: str, now: datetime):
        token = store.people.invite(email, "moderator", "en", now=now)
        self.person, cookie, _ = store.people.sign_in(token, "en", now=now)
        self._store = store
        self.client = TestClient(app, follow_redirects=False, headers={"sec-fetch-site": "same-origin"})
        self._sign_in(cookie)
        self.effort = Effort()

    def _sign_in(self, cookie: str) -> None:
        self.client.cookies.clear()
        self.client.cookies.set(NAME, cookie)

    def again(self, now: datetime) -> None:
        """Sign in for another week: it is no work at the desk."""
        self._store.people.send_sign_in(self.person.email, "en", {}, now=now)
        token = self._store.people.invite(self.person.email, "moderator", "en", now=now)
        self._sign_in(self._store.people.sign_in(token, "en", now=now)[1])

    def open(self, path: str) -> tuple[str, str]:
        """Follow a link to its end: the address and the page, read."""
        answer = self.client.get(path)
        while answer.is_redirect:
            path = answer.headers["location"]
            answer = self.client.get(path)
        return path.partition("?")[0], self._read(answer)

    def press(self, path: str, **sent: Any) -> tuple[str, str]:
        self.effort.presses += 1
        answer = self.client.post(path, data=sent)
        if answer.is_redirect:
            return self.open(answer.headers["location"])
        return path, self._read(answer)

    def _read(self, answer: Any) -> str:
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} from {answer.url}: {words_of(answer.text)} words")
        self.effort.pages += 1
        self.effort.words += words_of(answer.text)
        text: str = answer.text
        return text


def fields(page: str, path: str) -> dict[str, str]:
    """What the first form that is sent to this address holds."""
    form = page.split(f'action="{path}"', 1)[1].split("</form>")[0]
    return dict(re.findall(r'<input\s+type="hidden"\s+name="([\w.]+)"\s+value="([^"]*)"', form))
