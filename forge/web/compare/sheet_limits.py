"""How much of a record one A4 page shows: letters of a text, entries of a list, letters of a name, for each fact.

They depend only on how many projects stand side by side. A record that reaches all of them at once still fits the page,
in each language; tests/compare/test_sheet.py prints such records.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import east_asian_width


@dataclass(frozen=True)
class CellLimits:
    """Limits of a cell: letters of a text, entries of a list, letters of a name."""

    letters: int
    things: int
    name: int


@dataclass(frozen=True)
class SheetLimits:
    """The limits of every fact, and by fact the limits of those that have others; `sources` below the table."""

    common: CellLimits
    own: Mapping[str, CellLimits] = field(default_factory=dict)
    sources: int = 20

    def limits_of(self, fact: str) -> CellLimits:
        return self.own.get(fact, self.common)


# By the number of projects on the sheet.
LIMITS: Mapping[int, SheetLimits] = {
    1: SheetLimits(
        CellLimits(140, 6, 30),
        {
            "uses": CellLimits(0, 3, 30),
            "cost": CellLimits(200, 0, 30),
            "features": CellLimits(70, 5, 30),
            "replaces": CellLimits(0, 8, 30),
            "leaving": CellLimits(120, 3, 30),
            "help": CellLimits(0, 4, 30),
            "makers": CellLimits(0, 4, 30),
        },
        sources=14,
    ),
    2: SheetLimits(
        CellLimits(100, 3, 26),
        {
            "cost": CellLimits(180, 0, 26),
            "features": CellLimits(60, 4, 26),
            "languages": CellLimits(0, 5, 26),
            "replaces": CellLimits(0, 4, 26),
            "leaving": CellLimits(80, 2, 26),
            "help": CellLimits(0, 2, 26),
            "makers": CellLimits(0, 2, 26),
        },
        sources=10,
    ),
    3: SheetLimits(
        CellLimits(60, 2, 22),
        {
            "cost": CellLimits(70, 0, 22),
            "features": CellLimits(40, 2, 22),
            "languages": CellLimits(0, 3, 22),
            "replaces": CellLimits(0, 3, 22),
            "leaving": CellLimits(30, 1, 22),
            "help": CellLimits(0, 1, 22),
            "makers": CellLimits(0, 1, 22),
        },
        sources=10,
    ),
    4: SheetLimits(
        CellLimits(60, 2, 20),
        {
            "cost": CellLimits(60, 0, 20),
            "features": CellLimits(50, 1, 20),
            "languages": CellLimits(0, 3, 20),
            "leaving": CellLimits(30, 1, 20),
            "help": CellLimits(0, 1, 20),
            "makers": CellLimits(0, 1, 20),
        },
        sources=10,
    ),
}


def cut_text(text: str, letters: int) -> tuple[str, int]:
    """The text, cut after a word where it is too long, and how many words are missing."""
    letters = _narrow(text, letters)
    if len(text) <= letters:
        return text, 0
    kept = text[: letters - 1].rsplit(None, 1)[0] if len(text[:letters].split()) > 1 else text[: letters - 1]
    return f"{kept} …", max(1, len(text.split()) - len(kept.split()))


def cut_name(text: str, letters: int) -> str:
    """A name, cut to `letters`: its beginning is enough to recognize it."""
    letters = _narrow(text, letters)
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def _narrow(text: str, letters: int) -> int:
    """Half as many of a script whose letters are twice as wide."""
    return letters // 2 if any(east_asian_width(letter) in "WF" for letter in text[:letters]) else letters
