"""The measured numbers as a table of text, with ratios beside their targets. It measures nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measure import Series

FORGE, PEER = "Forge", "Datasette"
# How many times as fast as Datasette's, by kind of page and number of projects; None: any number.
TARGETS: Mapping[str, Mapping[int | None, float]] = {
    "home": {},
    "home, kept": {},
    "find": {10_000: 4.5},
    "find and filter": {10_000: 4.5},
    "project": {None: 0.8},
    "find, kept": {None: 4.5},
    "project, kept": {None: 0.8},
}
START_SECONDS = 1.0
SENT = ("home", "find", "project")  # pages whose bytes are told, in this order


@dataclass(frozen=True)
class Row:
    """What was measured at one size; `measured` by kind of page, then by peer."""

    projects: int
    load_seconds: float | None  # None: the data were there already
    index_seconds: float | None
    measured: Mapping[str, Mapping[str, Series]]
    start_seconds: Mapping[str, float]
    pss_bytes: Mapping[str, int]
    found: Mapping[str, int]  # records of one of the searches


def printed(rows: Sequence[Row]) -> str:
    lines = [
        "Median and 95th percentile of a page's time in milliseconds, one connection, answers 200 with gzip where the",
        "server has it. Each address is asked for once, but where it says kept: there a few are asked for again, and",
        "Forge gives finished pages while nothing changed. In brackets answers a second over four connections.",
        f"Sent: {', '.join(SENT)}, packed.",
        "",
        f"{'projects':>9}  {'page':<16}{FORGE:>26}{PEER:>28}   {'ratio':>7}  target",
        *(line for row in rows for line in _pages(row)),
        "",
        f"{'projects':>9}  {'':<16}{FORGE:>26}{PEER:>28}",
        *(line for row in rows for line in _weights(row)),
    ]
    return "\n".join(line.rstrip() for line in lines)


def _pages(row: Row) -> Iterator[str]:
    for kind, series in row.measured.items():
        ours, theirs = series[FORGE], series.get(PEER)
        line = f"{row.projects:>9,}  {kind:<16}{_times(ours):>26}"
        if theirs is not None:
            ratio, targets = theirs.median_seconds / ours.median_seconds, TARGETS[kind]
            line += (
                f"{_times(theirs):>28}   {ratio:>6.1f}x  {_judged(ratio, targets.get(row.projects, targets.get(None)))}"
            )
        yield line


def _times(series: Series) -> str:
    crowd = f" ({series.per_second:,.0f}/s)" if series.per_second else ""
    return f"{series.median_seconds * 1000:.2f} / {series.p95_seconds * 1000:.2f}{crowd}"


def _judged(ratio: float, target: float | None) -> str:
    if target is None:
        return "-"
    return f">= {target:g}x" + ("" if ratio >= target else "  MISSED")


def _weights(row: Row) -> Iterator[str]:
    size = f"{row.projects:>9,}  "
    sizes = {name: _kilobytes(row, name) for name in row.start_seconds}
    facts = [
        ("first answer", {name: f"{seconds:.2f} s" for name, seconds in row.start_seconds.items()}),
        ("memory at rest", {name: f"{size_bytes / 1e6:.0f} MB" for name, size_bytes in row.pss_bytes.items()}),
        ("sent", sizes),
        ("found", {name: f"{number:,}" for name, number in row.found.items()}),
    ]
    for what, values in facts:
        late = what == "first answer" and row.start_seconds[FORGE] > START_SECONDS
        target = f"   target <= {START_SECONDS:g} s, MISSED" if late else ""
        yield f"{size}{what:<16}{values.get(FORGE, ''):>26}{values.get(PEER, ''):>28}{target}"
    if row.load_seconds is not None and row.index_seconds is not None:
        yield f"{size}{'load, then index':<16}{f'{row.load_seconds:.1f} s, {row.index_seconds:.1f} s':>26}"


def _kilobytes(row: Row, name: str) -> str:
    sizes = (max(row.measured[kind][name].sizes_bytes) / 1000 for kind in SENT if kind in row.measured)
    return ", ".join(f"{size:.1f} kB" for size in sizes)
