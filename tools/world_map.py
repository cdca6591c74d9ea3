"""Makes `forge/web/organizations/world.json`, the map of the page of places, of Natural Earth's countries (npm:
`world-atlas`).

`make map` runs it; nothing of it is needed to run Forge. It reads TopoJSON (https://github.com/topojson/
topojson-specification), cuts what crosses the line opposite of Greenwich in two, projects with Equal Earth (Šavrič,
Patterson, Jenny 2018, doi:10.1080/13658816.2018.1504949), and writes whole numbers. Antarctica is left out.

A file of paths, so that the page needs no tiles, no script and no library of maps. Natural Earth's borders are those of
who controls the land in fact, and the page says so.

Usage: python tools/world_map.py FOLDER_OF_WORLD_ATLAS TARGET
"""

import json
import math
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from babel.core import get_global

Point = tuple[float, float]
Ring = list[Point]

WIDTH = 1600
MARGIN = 6
SMALLEST_AREA = 3  # square units of the drawing; what is smaller is left out unless it is all of a country
WITHOUT = {"AQ"}
BY_NAME = {"Kosovo": "XK"}  # no number of ISO 3166-1
HALF, WHOLE = 180.0, 360.0
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
M = math.sqrt(3) / 2


def main(folder: Path, target: Path) -> None:
    coarse, fine = (json.loads((folder / f"countries-{scale}.json").read_text()) for scale in ("110m", "50m"))
    drawn = {code: list(_projected(rings)) for code, rings in _countries(coarse)}
    points = [point for rings in drawn.values() for ring in rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    north, south = max(y for _, y in points), min(y for _, y in points)
    scale = (WIDTH - 2 * MARGIN) / (east - west)

    def placed(point: Point) -> tuple[int, int]:
        return round(MARGIN + (point[0] - west) * scale), round(MARGIN + (north - point[1]) * scale)

    shapes = {code: _path([[placed(point) for point in ring] for ring in rings]) for code, rings in drawn.items()}
    dots = {}
    for code, rings in _countries(fine):
        if code and code not in drawn:
            dots[code] = placed(_middle(max(_projected(rings), key=lambda ring: abs(_area(ring)))))
    world = {
        "source": "Natural Earth 4.1.0, public domain, in the edition world-atlas 2.0.2; Equal Earth projection",
        "width": WIDTH,
        "height": round(2 * MARGIN + (north - south) * scale),
        "shapes": dict(sorted(shapes.items())),
        "dots": dict(sorted(dots.items())),
    }
    target.write_text(json.dumps(world, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{len(shapes)} shapes, {len(dots)} dots, {target.stat().st_size} bytes")


def _countries(topology: dict[str, Any]) -> Iterator[tuple[str, list[Ring]]]:
    """Codes (ISO 3166-1 alpha-2; "" for all that have none) and outer rings, in degrees.

    Holes are enclaves, which are drawn over them as countries of their own.
    """
    numbers = get_global("territory_aliases")
    arcs = list(_arcs(topology))
    nameless: list[Ring] = []
    for shape in topology["objects"]["countries"]["geometries"]:
        known = numbers.get(shape.get("id", ""), [BY_NAME.get(shape["properties"]["name"], "")])
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = [_ring(polygon[0], arcs) for polygon in polygons]
        if known[0] in WITHOUT:
            continue
        if known[0]:
            yield known[0], rings
        else:
            nameless += rings
    if nameless:
        yield "", nameless


def _arcs(topology: dict[str, Any]) -> Iterator[Ring]:
    (across, up), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * across + west, y * up + south))
        yield line


def _ring(numbers: Iterable[int], arcs: list[Ring]) -> Ring:
    ring: Ring = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        ring += arc if not ring else arc[1:]
    return ring


def _projected(rings: Iterable[Ring]) -> Iterator[Ring]:
    return ([_equal_earth(*point) for point in part] for ring in rings for part in _split(ring))


def _split(ring: Ring) -> Iterator[Ring]:
    """The ring in parts that each lie between 180° west and 180° east."""
    unrolled = [ring[0]]
    for longitude, latitude in ring[1:]:
        turns = round((unrolled[-1][0] - longitude) / WHOLE)
        unrolled.append((longitude + turns * WHOLE, latitude))
    for shift in (-WHOLE, 0.0, WHOLE):
        part = [(longitude + shift, latitude) for longitude, latitude in unrolled]
        part = _cut(_cut(part, -HALF, 1), HALF, -1)
        if len(part) > 2:
            yield part


def _cut(ring: Ring, edge: float, sign: int) -> Ring:
    """What of a ring lies east (`sign` 1) or west (-1) of a meridian."""
    kept: Ring = []
    for before, point in zip([ring[-1], *ring[:-1]], ring, strict=True) if ring else ():
        inside, was = (sign * (place[0] - edge) >= 0 for place in (point, before))
        if inside != was:
            share = (edge - before[0]) / (point[0] - before[0])
            kept.append((edge, before[1] + share * (point[1] - before[1])))
        if inside:
            kept.append(point)
    return kept


def _equal_earth(longitude: float, latitude: float) -> Point:
    angle = math.asin(M * math.sin(math.radians(latitude)))
    square = angle * angle
    sixth = square**3
    width = M * (A1 + 3 * A2 * square + sixth * (7 * A3 + 9 * A4 * square))
    return (
        math.radians(longitude) * math.cos(angle) / width,
        angle * (A1 + A2 * square + sixth * (A3 + A4 * square)),
    )


def _area(ring: Iterable[tuple[float, float]]) -> float:
    points = list(ring)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True)) / 2


def _middle(ring: Ring) -> Point:
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def _path(rings: list[list[tuple[int, int]]]) -> str:
    """An SVG path of relative lines; too small rings are left out, unless all are."""
    large = [ring for ring in rings if abs(_area(ring)) >= SMALLEST_AREA]
    return "".join(map(_line, large or [max(rings, key=lambda ring: abs(_area(ring)))]))


def _line(ring: list[tuple[int, int]]) -> str:
    points = [ring[0]]
    for point in ring[1:]:
        if point == points[-1]:
            continue
        if len(points) > 1 and _straight(points[-2], points[-1], point):
            points[-1] = point
        else:
            points.append(point)
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)]
    told = "".join(f"{'' if x < 0 or not at else ' '}{x}{'' if y < 0 else ' '}{y}" for at, (x, y) in enumerate(steps))
    return f"M{points[0][0]} {points[0][1]}l{told}z" if steps else f"M{points[0][0]} {points[0][1]}h1v1h-1z"


def _straight(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0]) and (
        (b[0] - a[0]) * (c[0] - b[0]) >= 0 and (b[1] - a[1]) * (c[1] - b[1]) >= 0
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
