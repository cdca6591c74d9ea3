"""Measures Forge beside Datasette, what a visit reads, what pages weigh, and how many phrases of readers are answered.

The tables hold targets. It ends with 0 in any case.

    python -m benchmarks [--sizes 100,10000,100000] [--data FOLDER] [--quick]

Data are made and loaded into a temporary folder, or kept in `--data` for the next run.
"""

import argparse
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import NamedTuple

from benchmarks import licenses, observe, peers, relevance, repository, synthetic, weights, words
from benchmarks.measure import Paths, Series, alternate, per_second, total
from benchmarks.table import Row, printed

SIZES = (100, 10_000, 100_000)
CONNECTIONS = 4
DRAWN = (
    "home",
    "find",
    "find and filter",
    "project",
)  # each address is asked for once: nothing is kept between requests
KEPT = ("home, kept", "find, kept", "project, kept")  # few addresses, asked for again: Forge gives the finished page
KINDS = (*DRAWN, *KEPT)
KEPT_ADDRESSES = 5
FOUND = rb"<h1>([0-9,]+) (?:program|result)"  # of Forge


_numbers = count()


class Effort(NamedTuple):
    most: int  # requests of a kind to a peer
    least: int
    budget_seconds: float  # for both peers together
    crowd_seconds: float  # with several connections


FULL = Effort(most=300, least=15, budget_seconds=20, crowd_seconds=4)
QUICK = Effort(most=10, least=3, budget_seconds=1, crowd_seconds=0.3)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of projects, comma-separated")
    parser.add_argument("--data", type=Path, help="a folder that keeps the data for the next run")
    parser.add_argument("--quick", action="store_true", help="few requests: the table's shape, not its numbers")
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in given.sizes.split(",")]
    python = peers.environment(peers.ROOT / ".bench")
    effort = QUICK if given.quick else FULL
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        folder = given.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        rows = [_compared(size, folder, python, effort) for size in sizes]
    print(printed(rows))
    print()
    print(observe.printed(observe.made(*((500, 500) if given.quick else (repository.FILES, repository.COMMITS)))))
    print("", *licenses.report(2 if given.quick else licenses.ROOTS), sep="\n")
    print("", weights.report(), sep="\n")
    print("", relevance.report(), sep="\n")


def _compared(size: int, folder: Path, python: Path, effort: Effort) -> Row:
    data, file = folder / f"forge-{size}", folder / f"projects_{size}.db"
    load_seconds, index_seconds = _filled(size, data, file)
    _told(size, "measuring")
    with peers.forge(data) as forge, peers.datasette(python, file) as datasette:
        pages = {kind: (_forge_paths(kind, size), _datasette_paths(kind, size, file.stem)) for kind in KINDS}
        pss = {forge.name: forge.pss_bytes, datasette.name: datasette.pss_bytes}
        found = {
            forge.name: total(forge.port, pages["find"][0](0), FOUND),
            datasette.name: total(datasette.port, pages["find"][1](0), rb"<h3>\s*([0-9,]+) row"),
        }
        measured: dict[str, dict[str, Series]] = {}
        for kind, (ours, theirs) in pages.items():
            asked = {forge.name: (forge.port, ours), datasette.name: (datasette.port, theirs)}
            measured[kind] = alternate(
                asked, most=effort.most, least=effort.least, budget_seconds=effort.budget_seconds
            )
            for name, (port, paths) in asked.items():
                measured[kind][name].per_second = per_second(
                    port, paths, connections=CONNECTIONS, seconds=effort.crowd_seconds
                )
        starts = {forge.name: forge.start_seconds, datasette.name: datasette.start_seconds}
    return Row(size, load_seconds, index_seconds, measured, starts, pss, found)


def _filled(size: int, data: Path, file: Path) -> tuple[float | None, float | None]:
    """Seconds to load and, in a first start, to index; None for what a former run has kept."""
    kept = data / "filled"
    if kept.is_file() and file.is_file():
        return None, None
    _told(size, "making and loading")
    document = words.document(size)
    peers.load_datasette(document, file)
    load_seconds = peers.load_forge(document, data)
    del document
    _told(size, "indexing")
    begun = time.perf_counter()
    with peers.forge(data) as first:  # its first page does not wait for the index, the first that finds does
        total(first.port, _forge_paths("find", size)(0), FOUND, timeout_seconds=peers.START_SECONDS)
        index_seconds = time.perf_counter() - begun
    kept.touch()
    return load_seconds, index_seconds


def _forge_paths(kind: str, size: int) -> Paths:
    """Addresses by number. A name that Forge does not know is not on the page, but makes the address another."""
    if kind in KEPT:
        again = _forge_paths(kind.partition(",")[0], size)
        return lambda number: again(number % KEPT_ADDRESSES).partition("drawn=")[0].rstrip("?&")
    if kind == "home":
        return lambda number: f"/en/?drawn={next(_numbers)}"
    if kind == "project":
        return lambda number: f"/en/projects/{_slug(number, size)}?drawn={next(_numbers)}"
    chosen = "&license=GPL-3.0-or-later" if kind == "find and filter" else ""
    return lambda number: f"/en/projects?q={_word(number)}{chosen}&drawn={next(_numbers)}"


def _datasette_paths(kind: str, size: int, database: str) -> Paths:
    if kind in KEPT:
        again = _datasette_paths(kind.partition(",")[0], size, database)
        return lambda number: again(number % KEPT_ADDRESSES)
    if kind == "home":
        return lambda number: f"/?drawn={next(_numbers)}"
    if kind == "project":
        return lambda number: f"/{database}/projects/{_slug(number, size)}"
    facets = "".join(f"&_facet={name}" for name in peers.COLUMNS)
    chosen = "&license=GPL-3.0-or-later" if kind == "find and filter" else ""
    return lambda number: f"/{database}/projects?_search={_word(number)}{chosen}{facets}"


def _slug(number: int, size: int) -> str:
    return synthetic.slug((number * 37) % size)


def _word(number: int) -> str:
    return words.WORDS[number % len(words.WORDS)]


def _told(size: int, what: str) -> None:
    print(f"{size:,} projects: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
