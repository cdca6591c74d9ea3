"""Find how much of a record fits on one A4 page: the page is drawn whole, then shorter and shorter until its lines fit;
then each fact gets as much more as still fits.

Lines are counted on the drawn page, since only then is every text in the reader's language counted, with letters taken
as wider than most are. What was left out is counted, so that the paper can say how much is missing. Where a font is
wider still, the style sheet cuts lines of the table, never the sources. Pure.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from unicodedata import east_asian_width

_HIDDEN = frozenset({"sr", "of", "onscreen", "skip"})  # classes that are not printed, or take no space
_BLOCKS = frozenset({"div", "li", "ul"})
_VOID = frozenset({"br", "img", "input", "link", "meta", "path", "rect", "hr"})
# The letters of our help pages, on average, in the widest font that systems bring (DejaVu Sans): 0.458 (Arabic) to
# 0.515 (Portuguese).
_LETTER_EM = 0.53
_BOLD_EM = 0.61  # what stands in bold: names of facts, and of projects
_LINE_EM = 1.3
_MM_OF_POINT = 25.4 / 72
_PAGE_MM = 272.0
_CODE_MM = 32.0  # the square code with the margin below it
_CELL_MM = 2.8  # padding and border beside a text
_ROW_MM = 1.8  # the same above and below it
_POINT = "\u2022"  # before a line of a list
_OTHER_DIRECTION = "\x1e"  # before and after a text that is written in the other direction: it has its own lines
_LIST_MM = 4.0  # indent of such a line
_DIRECTION_CHARACTERS = 200  # characters of a page in which its direction of writing is stated
_NOTES_EM = 0.9  # the size of the sources, beside that of the table


@dataclass(frozen=True)
class CellLimits:
    """Limits of a cell: letters of a text, entries of a list, letters of a name."""

    letters: int
    things: int
    name: int


# From all that a record can contain down to what fits any record.
CELL_LIMITS = (
    CellLimits(20_000, 400, 200),
    CellLimits(600, 60, 80),
    CellLimits(360, 40, 60),
    CellLimits(240, 30, 50),
    CellLimits(160, 24, 40),
    CellLimits(110, 16, 36),
    CellLimits(80, 12, 32),
    CellLimits(60, 7, 26),
    CellLimits(50, 4, 22),
    CellLimits(40, 2, 20),
    CellLimits(30, 1, 16),
)


@dataclass(frozen=True)
class SheetLimits:
    """The limits of every fact, and by fact the limits of those that have others."""

    common: CellLimits
    own: Mapping[str, CellLimits] = field(default_factory=dict)

    def limits_of(self, fact: str) -> CellLimits:
        return self.own.get(fact, self.common)


@dataclass(frozen=True)
class SheetHeights:
    """The height of a drawn sheet in millimetres: the rows of facts, and all the rest."""

    facts: Mapping[str, float]
    rest: float

    @property
    def fit(self) -> bool:
        return self.rest + sum(self.facts.values()) <= _PAGE_MM


@dataclass(frozen=True)
class Layout:
    """The widths of a sheet's table columns in millimetres, first that of the names of facts; font size in points."""

    columns: tuple[float, ...]
    points: float


LAYOUT_ALONE = Layout((26, 164), 9)
LAYOUTS_BESIDE = {1: Layout((26, 164), 8.5), 2: Layout((26, 82, 82), 8.5), 3: Layout((26, 54.6, 54.6, 54.6), 8.5)}
LAYOUT_OF_FOUR = Layout((26, 41, 41, 41, 41), 7.5)


def cut_text(text: str, letters: int) -> tuple[str, int]:
    """The text, cut after a word where it is too long, and how many words are missing."""
    if len(text) <= letters:
        return text, 0
    kept = text[: letters - 1].rsplit(None, 1)[0] if len(text[:letters].split()) > 1 else text[: letters - 1]
    return f"{kept} …", max(1, len(text.split()) - len(kept.split()))


def cut_name(text: str, letters: int) -> str:
    """A name, cut to `letters`: its beginning is enough to recognize it."""
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def fits(html: str, layout: Layout) -> bool:
    """Whether the sheet in this page is one page of A4."""
    return measure_heights(html, layout).fit


def largest_limits(draw: Callable[[SheetLimits], str], layout: Layout) -> SheetLimits:
    """The largest limits with which what `draw` draws fits one page: all of it, or the largest of `CELL_LIMITS` that
    fits for every fact, and then for each fact, in the order of the rows, the largest with which the page still fits.
    Where nothing fits, the smallest."""
    tried: dict[int, SheetHeights] = {}

    def measured(place: int) -> SheetHeights:
        if place not in tried:
            tried[place] = measure_heights(draw(SheetLimits(CELL_LIMITS[place])), layout)
        return tried[place]

    if measured(0).fit:
        return SheetLimits(CELL_LIMITS[0])
    last = len(CELL_LIMITS) - 1
    least = bisect_left(CELL_LIMITS, True, 1, last, key=lambda limits: measured(CELL_LIMITS.index(limits)).fit)
    narrow = measured(least)
    chosen = dict.fromkeys(narrow.facts, least)
    rows = dict(narrow.facts)
    for place in sorted(
        (size for size in tried if size < least), reverse=True
    ):  # a little more for all facts before much more for one
        for fact, high in tried[place].facts.items():
            if fact in rows and SheetHeights({**rows, fact: high}, narrow.rest).fit:
                rows[fact], chosen[fact] = high, place
    given = SheetLimits(
        CELL_LIMITS[least], {fact: CELL_LIMITS[place] for fact, place in chosen.items() if place != least}
    )
    return given if not given.own or measure_heights(draw(given), layout).fit else SheetLimits(CELL_LIMITS[least])


def measure_heights(html: str, layout: Layout) -> SheetHeights:
    """The height of the sheet in this page, computed from the lines of its texts."""
    page = _SheetParser("ltr" if 'dir="rtl"' in html[:_DIRECTION_CHARACTERS] else "rtl")
    page.feed(html[max(0, html.find("<article")) :].partition("</article>")[0])
    line = layout.points * _MM_OF_POINT * _LINE_EM
    facts, others = {}, 0.0
    for fact, cells in page.rows:
        widths = layout.columns if len(cells) == len(layout.columns) else (layout.columns[0], sum(layout.columns[1:]))
        widths = widths if len(cells) > 1 else (sum(layout.columns),)
        most = max(
            _count_lines(text, wide - _CELL_MM, layout.points, _LETTER_EM if at and fact else _BOLD_EM)
            for at, (text, wide) in enumerate(zip(cells, widths, strict=True))
        )
        if fact:
            facts[fact] = most * line + _ROW_MM
        else:
            others += most * line + _ROW_MM
    head = sum(_count_lines(text, 150, points) * points * _MM_OF_POINT * _LINE_EM for text, points in page.head)
    notes = sum(_count_lines(text, 92, layout.points * _NOTES_EM) for text in page.notes)
    foot = sum(_count_lines(text, 190, layout.points) for text in page.foot)
    rest = max(_CODE_MM, head) + 5 + others + (notes / 2 + 1.5) * line * _NOTES_EM + (foot + 1.5) * line
    return SheetHeights(facts, rest)


def _count_lines(text: str, wide: float, points: float, em: float = _LETTER_EM) -> int:
    """How many lines a text takes, by its own breaks and by words that wrap."""
    letter = points * _MM_OF_POINT * em
    full, listed = (max(1, int(width / letter)) for width in (wide, wide - _LIST_MM))
    parts = [part for part in text.split("\n") if part.strip(_POINT).strip()]
    return sum(_count_wrapped_lines(part.lstrip(_POINT), listed if part[0] == _POINT else full) for part in parts) or 1


def _count_wrapped_lines(text: str, letters: int) -> int:
    lines, used = 1, 0
    for at, part in enumerate(text.split(_OTHER_DIRECTION)):
        if at % 2:  # of the other direction: beside others only where it is short enough
            long = _letters_of(" ".join(part.split()))
            if used and used + 1 + long > letters:
                lines, used = lines + 1, 0
            if long > letters:
                lines, used = lines + _count_wrapped_lines(part, letters) - 1, letters
            else:
                used += long + bool(used)
            continue
        for word in part.split():
            long = _letters_of(word)
            if used and used + 1 + long > letters:
                lines, used = lines + 1, 0
            used += long + bool(used)
            lines, used = (lines + (used - 1) // letters, (used - 1) % letters + 1) if used > letters else (lines, used)
    return lines


def _letters_of(word: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in word)


class _SheetParser(HTMLParser):
    """Parser that collects the texts of a sheet: cells by row, and what is above and below the table."""

    def __init__(self, turned: str) -> None:
        """`turned`: the direction that the page is not written in."""
        super().__init__()
        self._turned = turned
        self.rows: list[tuple[str, list[str]]] = []  # the fact that a row is about, and its cells
        self.head: list[tuple[str, float]] = []
        self.notes: list[str] = []
        self.foot: list[str] = []
        self._open: list[tuple[str, bool, bool]] = []  # tag, whether it hides what is in it, and whether it is turned
        self._text: list[str] | None = None
        self._lead = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        if tag in _VOID:
            return
        turned = tag == "span" and "lang" in given and given.get("dir") == self._turned
        self._open.append((tag, bool(classes & _HIDDEN), turned))
        if turned and self._text is not None:
            self._text.append(_OTHER_DIRECTION)
        if tag == "tr":
            self.rows.append((given.get("data-fact") or "", []))
        if tag in ("td", "th", "h1") or (tag == "li" and self._within("ol")) or (tag == "p" and not self._within("td")):
            self._text, self._lead = [], "lead" in classes
        elif tag in _BLOCKS and self._text is not None:
            self._text.append(f"\n{_POINT}" if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self._within(tag):
            return
        closed = self._open.pop()
        while closed[0] != tag:
            closed = self._open.pop()
        if closed[2] and self._text is not None:
            self._text.append(_OTHER_DIRECTION)
        text = "".join(self._text or ())
        if tag in ("td", "th") and self.rows:
            self.rows[-1][1].append(text)
        elif tag == "h1":
            self.head.append((text, 16))
        elif tag == "li" and self._within("ol") and self._within("article"):
            self.notes.append(text)
        elif tag == "p" and self._within("header") and self._within("article"):
            self.head.append((text, 10.5 if self._lead else 9))
        elif tag == "p" and self._within("article") and not self._within("td"):
            self.foot.append(text)
        else:
            if tag in _BLOCKS and self._text is not None:
                self._text.append("\n")
            return
        self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None and not any(hidden for _, hidden, _ in self._open):
            self._text.append(data.replace("\n", " "))

    def _within(self, tag: str) -> bool:
        return any(open_tag == tag for open_tag, *_ in self._open)
