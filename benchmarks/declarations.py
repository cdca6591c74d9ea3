"""Measures 50 declarations a second for a minute on SQLite and on PostgreSQL, and the pages of readers meanwhile.

    python -m benchmarks.declarations [--seconds 60] [--rate 50] [--projects 3000] [--workers 2] [--quick]

Nine of ten are reports without a name, one form each; the tenth is a use, by all its pages. They are sent when they are
due, whether or not those before were answered, and their time counts from then. A reader asks for pages before, during
and after it, each a new address (drawn) and an address asked for again (kept); "without load" is before and after. At
the end what was answered is looked for in the database. Two web processes serve, as many as the smallest machine has
cores, so that whoever reads need not wait for the interpreter that writes a declaration. PostgreSQL is as it is
installed: it waits for the disk. It ends with 0 whatever it measured.
"""

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

from sqlalchemy import select
from support import postgres

from benchmarks import peers, senders, synthetic
from benchmarks.measure import TIMEOUT_SECONDS, Series, once
from benchmarks.senders import REPORT, USE, Plan, Sent
from catalog.model import Document
from catalog.rules.submission import SENT, WAITING
from catalog.store.core.engine import reading
from catalog.store.people.accounts import digest
from catalog.store.store import Store
from catalog.tables.calls import obstacle
from catalog.tables.people import message
from catalog.tables.submissions import submission

PROJECTS, RATE, SECONDS = 3_000, 50.0, 60.0
TARGET = 2.0  # times the time of a page without load
PAUSE_SECONDS = 0.04  # from one page of the reader to the next
WORKERS = 2
KEPT_ADDRESSES = 5
QUIET_SHARE = 0.25  # of the seconds, before and again after
DURABLE = ("shared_buffers=128MB",)  # of PostgreSQL, beside its own defaults
PROXY = {"FORGE_PROXIES": "127.0.0.0/8"}

_drawn = itertools.count()


@dataclass(frozen=True)
class KeptCounts:
    """What the database holds of what was sent: by number, whether all of it is there."""

    rows: int
    lost: int  # answered, and not there as a whole
    twice: int


@dataclass
class Read:
    """The pages of the reader by kind, and how many were not answered with 200."""

    pages: dict[str, Series] = field(default_factory=dict)
    errors: int = 0


@dataclass(frozen=True)
class Measured:
    database: str
    plan: Plan
    sent: Sequence[Sent]
    kept: KeptCounts
    quiet: Read
    loaded: Read
    workers: int
    cpu_share: float  # of one core, of the web processes while they were under load
    load_averages: tuple[float, float]  # of the machine, before and after


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.declarations", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long declarations are sent")
    parser.add_argument("--rate", type=float, default=RATE, help="declarations a second")
    parser.add_argument("--projects", type=int, default=PROJECTS, help="size of the made-up catalogue")
    parser.add_argument("--workers", type=int, default=WORKERS, help="web processes")
    parser.add_argument("--quick", action="store_true", help="few: the table's shape, not its numbers")
    given = parser.parse_args(arguments)
    if not 0 < given.rate * given.seconds <= senders.MOST or given.projects < 1:
        parser.error(f"1 to {senders.MOST:,} declarations, of a project or more, can be sent in one run.")
    print(report(given.projects, given.rate, given.seconds, given.workers, quick=given.quick))


def report(
    projects: int = PROJECTS,
    rate: float = RATE,
    seconds: float = SECONDS,
    workers: int = WORKERS,
    *,
    quick: bool = False,
) -> str:
    """The table of both databases."""
    if quick:
        projects, rate, seconds = min(projects, 100), min(rate, 10.0), min(seconds, 2.0)
    document, parts = synthetic.document(projects), []
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        try:
            with tempfile.TemporaryDirectory(prefix="forge-bench-") as folder, opened(Path(folder)) as database:
                parts.append(printed(measured(name, document, Path(folder), database, rate, seconds, workers)))
        except postgres.NoPostgres as error:
            parts.append(f"{name} is left out: {error}")
    return "\n\n".join(parts)


def measured(
    name: str, document: Document, data: Path, database: str, rate: float, seconds: float, workers: int = WORKERS
) -> Measured:
    """A catalogue in an empty data folder and database is served, read, and sent declarations."""
    print(f"{name}: loading {len(document.projects):,} projects and measuring", file=sys.stderr, flush=True)
    peers.load_forge(document, data / "data", database)
    quiet, loaded = Read(), Read()
    with peers.forge(data / "data", workers=workers, FORGE_DATABASE=database, **PROXY) as forge:
        plan = Plan(forge.port, rate, seconds, len(document.projects))
        _read(plan, Read(), _for(QUIET_SHARE * seconds / 3))  # warm
        before = os.getloadavg()[0]
        _read(plan, quiet, _for(QUIET_SHARE * seconds))
        with senders.sending(plan) as future:
            busy, begun = forge.cpu_seconds, time.perf_counter()
            _read(plan, loaded, lambda: not future.done())
            cpu_share = (forge.cpu_seconds - busy) / (time.perf_counter() - begun)
            sent = future.result()
        after = os.getloadavg()[0]
        _read(plan, quiet, _for(QUIET_SHARE * seconds))
    return Measured(name, plan, sent, count_kept(database, sent), quiet, loaded, workers, cpu_share, (before, after))


def count_kept(database: str, sent: Sequence[Sent]) -> KeptCounts:
    """Looks for each declaration by its secret and its number: a report with what its makers see, a use with its
    message, in the state that its sender was told."""
    store = Store(database)
    with reading(store.engine) as connection:
        columns = (submission.c.id, submission.c.token, submission.c.reference, submission.c.state)
        rows = connection.execute(select(*columns, submission.c.answers)).all()
        shown = set(connection.execute(select(obstacle.c.id)).scalars())
        asked = {argument.get("reference") for argument in connection.execute(select(message.c.argument)).scalars()}
    store.close()
    whole, numbers = {}, Counter[int | None]()
    for row in rows:
        number = senders.number_in(row.answers.get("happened") or row.answers.get("purpose") or "")
        numbers[number] += 1
        if (row.state == WAITING and row.id in shown) or (row.state == SENT and row.reference in asked):
            whole[row.token] = number
    lost = sum(sent.problem is None and whole.get(digest(sent.token)) != sent.number for sent in sent)
    return KeptCounts(len(rows), lost, sum(times - 1 for number, times in numbers.items() if number is not None))


def printed(measured: Measured) -> str:
    plan, errors = measured.plan, [sent.problem for sent in measured.sent if sent.problem is not None]
    answered = [sent for sent in measured.sent if sent.problem is None]
    over = max((sent.ended_at for sent in answered), default=0.0)
    rate = len(answered) / max(over, plan.seconds) if answered else 0.0
    wrong = any((errors, measured.kept.lost, measured.kept.twice, measured.quiet.errors, measured.loaded.errors))
    lines = [
        f"{measured.database}: {plan.rate:g} declarations a second for {plan.seconds:g} s "
        f"with {plan.projects:,} projects. Milliseconds; load average {measured.load_averages[0]:.1f} before, "
        f"{measured.load_averages[1]:.1f} after.",
        "",
        f"reached {rate:.1f} a second; {len(measured.sent):,} sent, {len(answered):,} answered, "
        f"{measured.kept.rows:,} rows; {len(errors)} errors, {measured.kept.lost} lost, {measured.kept.twice} twice, "
        f"{measured.quiet.errors + measured.loaded.errors} pages failed (target 0){'  MISSED' if wrong else ''}",
        f"web processes: {measured.workers}; they took {measured.cpu_share:.2f} of a core under load",
        *(f"  {times} x {problem}" for problem, times in Counter(errors).most_common(5)),
        "",
        f"{'declaration':<18}{'median':>9}{'p95':>9}{'p99':>9}{'number':>9}",
    ]
    for kind in (REPORT, USE):
        if seconds := [sent.seconds for sent in answered if sent.kind == kind]:
            parts = quantiles(seconds, n=100) if len(seconds) > 1 else seconds * 99
            told = "".join(f"{1000 * duration:>9.1f}" for duration in (median(seconds), parts[94], parts[98]))
            lines.append(f"{kind:<18}{told}{len(seconds):>9,}")
    lines += ["", f"{'page':<18}{'without':>9}{'p95':>9}{'with':>9}{'p95':>9}{'ratio':>9}{'p95':>9}"]
    for kind, loaded in measured.loaded.pages.items():
        if (quiet := measured.quiet.pages.get(kind)) is not None:
            lines.append(_row(kind, quiet, loaded))
    return "\n".join(lines)


def _row(kind: str, quiet: Series, loaded: Series) -> str:
    ratio = loaded.median_seconds / quiet.median_seconds
    times = [quiet.median_seconds, quiet.p95_seconds, loaded.median_seconds, loaded.p95_seconds]
    told = "".join(f"{1000 * duration:>9.1f}" for duration in times)
    missed = "" if ratio <= TARGET else "  MISSED"
    return f"{kind:<18}{told}{ratio:>8.1f}x{loaded.p95_seconds / quiet.p95_seconds:>8.1f}x  <= {TARGET:g}x{missed}"


def _read(plan: Plan, into: Read, wanted: Callable[[], bool]) -> None:
    """One reader, a page after another with a pause, as long as it is wanted."""
    connection = HTTPConnection("127.0.0.1", plan.port, timeout=TIMEOUT_SECONDS)
    for kind, path in _pages(plan.projects):
        if not wanted():
            break
        try:
            seconds, size_bytes = once(connection, path)
        except (RuntimeError, OSError):
            into.errors += 1
            connection.close()
        else:
            series = into.pages.setdefault(kind, Series())
            series.seconds.append(seconds)
            series.sizes_bytes.append(size_bytes)
        time.sleep(PAUSE_SECONDS)
    connection.close()


def _pages(projects: int) -> Iterator[tuple[str, str]]:
    """Kinds and addresses without end. A name that Forge does not know makes an address a new one."""
    for number in itertools.count():
        for again in (False, True):
            place = number % KEPT_ADDRESSES if again else next(_drawn)
            new, named = ({}, "kept") if again else ({"drawn": place}, "drawn")
            sought = {"q": synthetic.WORDS[place % len(synthetic.WORDS)]}
            yield f"home, {named}", f"/en/?{urlencode(new)}"
            yield f"find, {named}", f"/en/projects?{urlencode(sought | new)}"
            yield f"project, {named}", f"/en/projects/{synthetic.slug(place * 37 % projects)}?{urlencode(new)}"


def _for(seconds: float) -> Callable[[], bool]:
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() < end


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    (folder / "data").mkdir()
    yield peers.sqlite(folder / "data")


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    with postgres.server(DURABLE) as server, postgres.database(server, "forge_bench") as database:
        yield database


if __name__ == "__main__":
    main()
