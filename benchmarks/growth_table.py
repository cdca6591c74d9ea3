"""The table of `benchmarks.growth`: a column a size, a row an address or a work, and what grows."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

GROWS = 1.5  # times as much at the largest size as at the smallest: marked
SLOW_MILLISECONDS = 100.0  # of the processor for one answer: named


@dataclass
class Measured:
    """What was measured with one database at one size. What was not is in none of them.

    `every_page`: milliseconds of the processor and statements of one answer, by the address, one for each route.
    `whole`: large tables that are read from end to end, with the address. `plans`: by address, how each of its
    statements reads large tables. `found`: how many projects the index had.
    """

    page_milliseconds: dict[str, float] = field(default_factory=dict)  # median of the time until the last byte
    page_cpu_milliseconds: dict[str, float] = field(default_factory=dict)
    first_cpu_milliseconds: dict[str, float] = field(default_factory=dict)  # after a start
    changed_cpu_milliseconds: dict[str, float] = field(default_factory=dict)  # after a public change
    statements: dict[str, int] = field(default_factory=dict)
    works_cpu_seconds: dict[str, float] = field(default_factory=dict)
    sizes_bytes: dict[str, int] = field(default_factory=dict)
    every_page: dict[str, tuple[float, int]] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)
    plans: dict[str, list[str]] = field(default_factory=dict)
    found: int = 0


def head(loaded: int) -> str:
    day = f"{datetime.now(UTC):%-d %B %Y}"
    return "\n".join(
        [
            f"What grows with the number of projects ({day}, `python -m benchmarks.growth`; Python "
            f"{platform.python_version()}, {os.cpu_count()} processors).",
            "Milliseconds and seconds of the processor, of Forge and the database together; in brackets the statements",
            f"of one answer. Sizes up to {loaded:,} were loaded, larger ones are copies of these rows in the database",
            "(`benchmarks/multiplied.py`). Last column: the largest size that has a figure against the smallest; what",
            f"is above {GROWS:g} is marked.",
        ]
    )


def printed(name: str, by_size: Mapping[int, Measured], addresses: Sequence[str]) -> str:
    """One database as a table."""
    sizes = list(by_size)
    lines = [f"{name:<26}" + "".join(f"{f'{size:,}':>17}" for size in sizes) + f"{'growth':>10}"]

    def row(name: str, value: Callable[[int], float | None], shown: Callable[[int], str], each: bool = False) -> None:
        known = [size for size in sizes if value(size) is not None]
        if not known:
            return
        first, last = value(known[0]), value(known[-1])
        cells = "".join(f"{shown(size) if size in known else '-':>17}" for size in sizes)
        if not first or last is None:  # less than a tick of the clock, which is 10 ms for a single answer
            lines.append(f"{name:<26}{cells}{'-':>10}")
            return
        growth = last / first / (known[-1] / known[0] if each else 1)
        lines.append(f"{name:<26}{cells}{growth:>9.1f}x{' *' if growth > GROWS else ''}")

    lines.append("an answer")
    for address in addresses:
        row(
            f"  {address}",
            lambda size, at=address: by_size[size].page_cpu_milliseconds.get(at),
            lambda size, at=address: (
                f"{by_size[size].page_cpu_milliseconds[at]:.1f} ms ({by_size[size].statements[at]})"
            ),
        )
    lines.append("the first answer after a start; after a public change")
    for address in addresses:
        row(
            f"  {address}",
            lambda size, at=address: by_size[size].changed_cpu_milliseconds.get(at),
            lambda size, at=address: (
                f"{by_size[size].first_cpu_milliseconds[at]:.0f}; {by_size[size].changed_cpu_milliseconds[at]:.0f} ms"
            ),
        )
    row("projects in the index", lambda size: by_size[size].found or None, lambda size: f"{by_size[size].found:,}")
    for work in ("start", "doctor", "a public change"):
        row(
            work,
            lambda size, at=work: by_size[size].works_cpu_seconds.get(at),
            lambda size, at=work: f"{by_size[size].works_cpu_seconds[at]:.2f} s",
        )
    for held in ("memory at rest", "memory afterwards"):
        row(
            held,
            lambda size, at=held: by_size[size].sizes_bytes.get(at),
            lambda size, at=held: f"{by_size[size].sizes_bytes[at] / 1e6:.0f} MB",
        )
    lines.append("for each project")
    for work in ("load a document", "index all", "backup", "restore", "rebuild"):
        row(
            f"  {work}",
            lambda size, at=work: by_size[size].works_cpu_seconds.get(at),
            lambda size, at=work: f"{by_size[size].works_cpu_seconds[at] / size * 1000:.2f} ms",
            each=True,
        )
    for held in ("database", "search index", "backup"):
        row(
            f"  {held}",
            lambda size, at=held: by_size[size].sizes_bytes.get(at),
            lambda size, at=held: f"{by_size[size].sizes_bytes[at] / size / 1000:.1f} kB",
            each=True,
        )
    return "\n".join([*lines, *_every_page(by_size)])


def printed_plans(name: str, by_size: Mapping[int, Measured]) -> str:
    """How the statements of each address were answered by one database at the largest size that was measured."""
    size = max((size for size, found in by_size.items() if found.plans), default=None)
    if size is None:
        return ""
    lines = [f"{name}, {size:,} projects"]
    for path, statements in by_size[size].plans.items():
        lines += [path, *(f"    {statement}" for statement in statements)]
    return "\n".join(lines)


def plans_head() -> str:
    day = f"{datetime.now(UTC):%-d %B %Y}"
    return "\n".join(
        [
            f"How databases answer the statements of an address of each route ({day}, `python -m benchmarks.growth`).",
            "A line is a statement, under the first address that asks it, with each table that has more rows than a",
            'tenth of the projects. "by": an index is searched. "along": an index is walked until enough was found.',
            '"whole": the table is read; `WHOLE` in tests/support/query_plans.py says why, where a page does so.',
        ]
    )


def _every_page(by_size: Mapping[int, Measured]) -> list[str]:
    """An address of each route at the largest size at which all were asked for: how long it takes, which are slow."""
    size = max((size for size, found in by_size.items() if found.every_page), default=None)
    if size is None:
        return []
    asked, whole = by_size[size].every_page, by_size[size].whole
    times = sorted(cost[0] for cost in asked.values())
    lines = [
        f"an address of each of {len(asked)} routes among {size:,}, drawn once: median {times[len(times) // 2]:.1f} ms,"
        f" nine in ten below {times[len(times) * 9 // 10]:.0f} ms;",
        f"large tables that a page reads whole, beside those named in tests/support/query_plans.py: {len(whole)}",
        *(f"  {path}: {statement[:90]}" for statement, path in whole.items()),
        f"above {SLOW_MILLISECONDS:.0f} ms:",
    ]
    slow = sorted(((cost, path) for path, cost in asked.items() if cost[0] > SLOW_MILLISECONDS), reverse=True)
    return lines + [f"  {path:<56}{cost[0]:>9.0f} ms ({cost[1]})" for cost, path in slow]
