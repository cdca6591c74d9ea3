"""How a page is built: tags that close in order, ids that are there once and are there when they are referred to,
headings without a gap, what is wrong with a form told in the order of its fields. A strict reading with Python's own
parser; the whole standard is for the Nu HTML checker."""

import re
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
REFERRING = ("for", "aria-labelledby", "aria-describedby", "list", "headers")


class _Structure(HTMLParser):
    def __init__(self):
        super().__init__()
        self.problems: list[str] = []
        self.ids: dict[str, int] = {}
        self.wanted: set[str] = set()
        self.headings: list[int] = []
        self._open: list[str] = []
        self._told: list[str] = []  # the fields that the list of problems leads to
        self._telling = False

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        self.problems += [f"<{tag}> has {name} twice" for name in {*names} if names.count(name) > 1]
        given = dict(attributes)
        if "id" in given:
            self.ids[given["id"] or ""] = self.ids.get(given["id"] or "", 0) + 1
        self._telling |= given.get("id") == "problems"
        for name in REFERRING:
            self.wanted |= set((given.get(name) or "").split())
        if (given.get("href") or "").startswith("#"):
            self.wanted.add(given["href"][1:])
            self._told += [given["href"][1:]] if self._telling else []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("a", "button") and {"a", "button"} & {*self._open}:
            self.problems.append(f"<{tag}> stands in a link or button")
        if tag == "p" and "p" in self._open:
            self.problems.append("<p> stands in <p>")
        if tag == "img" and "alt" not in given:
            self.problems.append("an image without alternative")
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        self._telling &= tag != "ul"
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self._open[-1:] or 'nothing'}")
            if tag not in self._open:
                return
        while self._open.pop() != tag:
            pass

    def close(self):
        super().close()
        self.problems += [f"<{tag}> is never closed" for tag in self._open]
        self.problems += [f"the id {key!r} stands {count} times" for key, count in self.ids.items() if count > 1]
        self.problems += [f"nothing has the id {name!r}" for name in self.wanted - set(self.ids)]
        places = [list(self.ids).index(name) for name in self._told if name in self.ids]
        if places != sorted(places):
            self.problems.append(f"problems are told in another order than that of the fields: {self._told}")
        if self.headings.count(1) != 1:
            self.problems.append(f"{self.headings.count(1)} headings of the first level")
        steps = zip(self.headings, self.headings[1:], strict=False)
        self.problems += [f"a heading jumps from {step} to {next}" for step, next in steps if next > step + 1]


def problems(html: str) -> list[str]:
    """What is wrong with the structure of a page; empty for a page that is well built."""
    reader = _Structure()
    reader.feed(html)
    reader.close()
    return reader.problems


def words(answer):
    """What a page says, without its elements: words with one space between."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))
