"""The map on the page of places: which shapes are drawn in which strength. Pure.

The shapes are those of `world.json`, made by `make map`. The map may weigh 25 kB as it is sent: with groups in every
country it has 13 kB packed, 39 kB unpacked (28 November 2026).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LEVELS = (1, 5, 20)  # numbers of groups from which a country is drawn in the next strength


@dataclass(frozen=True)
class SmallCountry:
    """A country that is too small for a shape."""

    x: int
    y: int
    level: int


@dataclass(frozen=True)
class WorldMap:
    """Paths of SVG, all countries of a strength in one path, so that the page stays small."""

    width: int
    height: int
    land: str  # where nothing is known
    levels: tuple[str, ...]  # as LEVELS; "" where no country is
    dots: tuple[SmallCountry, ...]
    lacking: tuple[str, ...]  # countries with groups that the map does not know


def world_map(groups: Mapping[str, int], drawn: Collection[str] | None = None) -> WorldMap:
    """The map of how many groups there are by country (ISO 3166-1 alpha-2); `drawn`: shapes of these alone, where a
    sample of it will do."""
    world = _world()
    shapes, dots = world["shapes"], world["dots"]
    paths = ["" for _ in range(len(LEVELS) + 1)]
    for code, path in shapes.items():
        if drawn is None or code in drawn:
            paths[_level(groups.get(code, 0))] += path
    return WorldMap(
        width=world["width"],
        height=world["height"],
        land=paths[0],
        levels=tuple(paths[1:]),
        dots=tuple(
            SmallCountry(dots[code][0], dots[code][1], level)
            for code in sorted(groups)
            if code in dots and (level := _level(groups[code]))
        ),
        lacking=tuple(code for code in sorted(groups) if code not in shapes and code not in dots and groups[code]),
    )


def _level(number: int) -> int:
    return sum(number >= least for least in LEVELS)


@cache
def _world() -> Any:
    return json.loads(files("forge.web.organizations").joinpath("world.json").read_bytes())
