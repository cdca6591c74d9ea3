"""The map at the head of the list of organizations: which shapes are drawn in which strength. Pure.

The shapes are those of `world.json`, made by `make map`. The map may weigh 25 kB as it is sent: with groups in every
country it has 13 kB packed, 39 kB unpacked (28 November 2026).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LEVELS = (1, 5, 20)  # numbers of groups from which a country is drawn in the next strength


@dataclass(frozen=True)
class Country:
    """A country with groups: its shape, or where it is too small for one, the middle of a dot."""

    code: str
    level: int  # from 1, as LEVELS
    groups: int
    shape: str = ""
    dot: tuple[int, int] | None = None


@dataclass(frozen=True)
class WorldMap:
    """Paths of SVG. All land where nothing is known is one path, so that the page stays small."""

    width: int
    height: int
    land: str
    countries: tuple[Country, ...]
    lacking: tuple[str, ...]  # countries with groups that the map does not know


def world_map(groups: Mapping[str, int]) -> WorldMap:
    """The map of how many groups there are by country (ISO 3166-1 alpha-2)."""
    world = _world()
    shapes, dots = world["shapes"], world["dots"]
    numbers = {code: number for code, number in sorted(groups.items()) if number}
    return WorldMap(
        width=world["width"],
        height=world["height"],
        land="".join(path for code, path in shapes.items() if code not in numbers),
        countries=tuple(
            Country(code, _level(number), number, shapes.get(code, ""), tuple(dots[code]) if code in dots else None)
            for code, number in numbers.items()
            if code in shapes or code in dots
        ),
        lacking=tuple(code for code in numbers if code not in shapes and code not in dots),
    )


def _level(number: int) -> int:
    return sum(number >= least for least in LEVELS)


@cache
def _world() -> Any:
    return json.loads(files("forge.web.organizations").joinpath("world.json").read_bytes())
