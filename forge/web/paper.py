"""How much of a record one A4 page holds: the page is drawn whole, and shorter and shorter until its lines fit.

Lines are counted on the page as it was drawn, in the reader's language, with letters taken as wider than most are. What
was left out is counted, so that the paper can say how much is missing. Pure: it reads no store and words nothing.
"""

from dataclasses import dataclass
from html.parser import HTMLParser
from unicodedata import east_asian_width

_HIDDEN = frozenset({"sr", "of", "onscreen", "skip"})  # classes that are not printed, or take no room
_BLOCKS = frozenset({"div", "li", "ul"})
_VOID = frozenset({"br", "img", "input", "link", "meta", "path", "rect", "hr"})
_LETTER_EM = 0.58  # of a sans serif, counted on the wide side
_LINE_EM = 1.3
_MM_OF_POINT = 25.4 / 72
_PAGE_MM = 272.0
_CODE_MM = 32.0  # the square code with the margin below it
_CELL_MM = 2.8  # padding and border beside a text
_ROW_MM = 1.8  # the same above and below it
_NOTES_EM = 0.9  # the size of the sources, beside that of the table


@dataclass(frozen=True)
class Room:
    """What a cell may hold: letters of a text, things of a list, letters of a name."""

    letters: int
    things: int
    name: int


# From all that a record can say down to what fits whatever it says.
ROOMS = (
    Room(20_000, 400, 200),
    Room(600, 60, 80),
    Room(360, 40, 60),
    Room(240, 30, 50),
    Room(160, 24, 40),
    Room(110, 16, 36),
    Room(80, 12, 32),
    Room(60, 7, 26),
    Room(50, 4, 22),
    Room(40, 2, 20),
    Room(30, 1, 16),
)


@dataclass(frozen=True)
class Layout:
    """The columns of a sheet's table in millimetres, the first one that of the names of facts; the size in points."""

    columns: tuple[float, ...]
    points: float


ALONE = Layout((26, 164), 9)
BESIDE = {1: Layout((26, 164), 8.5), 2: Layout((26, 82, 82), 8.5), 3: Layout((26, 54.6, 54.6, 54.6), 8.5)}
FOUR = Layout((26, 41, 41, 41, 41), 7.5)


def cut(text: str, letters: int) -> tuple[str, int]:
    """The text, ended at a word where it is too long, and how many words are missing."""
    if len(text) <= letters:
        return text, 0
    kept = text[: letters - 1].rsplit(None, 1)[0] if len(text[:letters].split()) > 1 else text[: letters - 1]
    return f"{kept} …", max(1, len(text.split()) - len(kept.split()))


def name(text: str, letters: int) -> str:
    """A name, which is known by its beginning."""
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def fits(html: str, layout: Layout) -> bool:
    """Whether the sheet in this page is one page of A4."""
    reader = _Reader()
    reader.feed(html)
    return _height(reader, layout) <= _PAGE_MM


def _height(page: "_Reader", layout: Layout) -> float:
    line = layout.points * _MM_OF_POINT * _LINE_EM
    rows = 0.0
    for cells in page.rows:
        widths = layout.columns if len(cells) == len(layout.columns) else (layout.columns[0], sum(layout.columns[1:]))
        widths = widths if len(cells) > 1 else (sum(layout.columns),)
        most = max(_lines(text, (wide - _CELL_MM), layout.points) for text, wide in zip(cells, widths, strict=True))
        rows += most * line + _ROW_MM
    head = sum(_lines(text, 150, points) * points * _MM_OF_POINT * _LINE_EM for text, points in page.head)
    notes = sum(_lines(text, 92, layout.points * _NOTES_EM) for text in page.notes)
    foot = sum(_lines(text, 190, layout.points) for text in page.foot)
    return max(_CODE_MM, head) + 5 + rows + (notes / 2 + 1.5) * line * _NOTES_EM + (foot + 1.5) * line


def _lines(text: str, wide: float, points: float) -> int:
    """How many lines a text takes: its own breaks, and words that go to the next line."""
    letters = max(1, int(wide / (points * _MM_OF_POINT * _LETTER_EM)))
    return sum(_wrapped(part, letters) for part in text.split("\n") if part.strip()) or 1


def _wrapped(text: str, letters: int) -> int:
    lines, used = 1, 0
    for word in text.split():
        long = sum(2 if east_asian_width(one) in "WF" else 1 for one in word)
        if used and used + 1 + long > letters:
            lines, used = lines + 1, 0
        used += long + bool(used)
        lines, used = (lines + (used - 1) // letters, (used - 1) % letters + 1) if used > letters else (lines, used)
    return lines


class _Reader(HTMLParser):
    """The words of a sheet: cells by row, and what stands above and below the table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.head: list[tuple[str, float]] = []
        self.notes: list[str] = []
        self.foot: list[str] = []
        self._open: list[tuple[str, bool]] = []  # tag, and whether it hides what is in it
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = set((dict(attrs).get("class") or "").split())
        if tag in _VOID:
            return
        self._open.append((tag, bool(classes & _HIDDEN)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th", "h1") or (tag == "li" and self._within("ol")) or (tag == "p" and not self._within("td")):
            self._text = []
        elif tag in _BLOCKS and self._text is not None:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self._within(tag):
            return
        while self._open.pop()[0] != tag:
            pass
        text = "".join(self._text or ())
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append(text)
        elif tag == "h1":
            self.head.append((text, 16))
        elif tag == "li" and self._within("ol") and self._within("article"):
            self.notes.append(text)
        elif tag == "p" and self._within("header") and self._within("article"):
            self.head.append((text, 10.5))
        elif tag == "p" and self._within("article") and not self._within("td"):
            self.foot.append(text)
        else:
            if tag in _BLOCKS and self._text is not None:
                self._text.append("\n")
            return
        self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None and not any(hidden for _, hidden in self._open):
            self._text.append(data.replace("\n", " "))

    def _within(self, tag: str) -> bool:
        return any(one == tag for one, _ in self._open)
