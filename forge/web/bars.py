"""Groups by country as lying bars: how long each is and where it stands. Pure; a list says the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 10  # countries; of the others only the number is told
WIDTH, STEP, THICK = 200, 20, 14  # in the chart's own units


@dataclass(frozen=True)
class Bar:
    country: str
    groups: int
    y: int
    width: int


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    more: int  # countries that have no bar
    width: int
    height: int
    thick: int = THICK


def bars(countries: Sequence[tuple[str, int]]) -> Bars | None:
    """The countries with the most groups first, as given; None for fewer than two, which show nothing."""
    if len(countries) < 2:
        return None
    shown, most = countries[:SHOWN], countries[0][1]
    drawn = (
        Bar(code, groups, place * STEP, max(2, round(groups / most * WIDTH)))
        for place, (code, groups) in enumerate(shown)
    )
    return Bars(tuple(drawn), len(countries) - len(shown), WIDTH, len(shown) * STEP)
