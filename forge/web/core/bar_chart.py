"""A bar chart of groups by country: the length of each bar, in percent of the longest. Pure; the words are in the
template.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 10  # countries; of the others only the number is told


@dataclass(frozen=True)
class Bar:
    country: str
    groups: int
    percent: int


@dataclass(frozen=True)
class Bars:
    bars: tuple[Bar, ...]
    more: int  # countries that have no bar


def bars(countries: Sequence[tuple[str, int]]) -> Bars | None:
    """Make the bars of countries, the most groups first, as given; None for fewer than two, which show nothing."""
    if len(countries) < 2:
        return None
    rows, most = countries[:SHOWN], countries[0][1]
    drawn = (Bar(code, groups, max(1, round(groups / most * 100))) for code, groups in rows)
    return Bars(tuple(drawn), len(countries) - len(rows))
