"""What grows with the number of projects and what does not, on SQLite and PostgreSQL: ten addresses that people and
programs ask for most, and what its operators do with a catalogue.

    python -m benchmarks.growth [--sizes 1000,5000,20000] [--databases sqlite postgresql] [--write FILE]

Projects are thin, as in `benchmarks.synthetic`, and have no mirrors. Milliseconds and seconds are those of the
processor, of Forge and of the database together, so that what else the machine does changes them little; each address
is drawn anew. A million is `python -m benchmarks --million`.
"""

import argparse
import itertools
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import psutil
from sqlalchemy import event, text
from support import postgres
from support.client import Client

from benchmarks import peers, synthetic, words
from benchmarks.measure import TIMEOUT_SECONDS, once, total
from catalog.search import Finder
from catalog.store import Store
from forge.app import create_app
from forge.config.settings import Settings

SIZES = (1_000, 5_000, 20_000)
SQLITE, POSTGRESQL = "sqlite", "postgresql"
DURABLE = ("shared_buffers=128MB", "max_connections=40")
REQUESTS, WARM_UP = 40, 5
FOUND = rb"<h1>([0-9,]+) (?:program|result)"
GROWS = 1.5  # times as much at the largest size as at the smallest: marked
# What is asked for most, by the number of a request; `{slug}`, `{organization}` and `{word}` differ each time.
ADDRESSES: Mapping[str, str] = {
    "home": "/en/",
    "find, by a word": "/en/projects?q={word}",
    "find, word and filter": "/en/projects?q={word}&license=GPL-3.0-or-later",
    "find, all": "/en/projects",
    "category": "/en/domains/accounting",
    "project": "/en/projects/{slug}",
    "project, facts": "/en/projects/{slug}/facts",
    "organization": "/en/organizations/{organization}",
    "organizations": "/en/organizations",
    "API, a project": "/api/v1/projects/{slug}",
}
_numbers = itertools.count()


@dataclass
class Measured:
    """What was measured with one database at one size."""

    page_milliseconds: dict[str, float] = field(default_factory=dict)  # median of the time until the last byte
    page_cpu_milliseconds: dict[str, float] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    works_cpu_seconds: dict[str, float] = field(default_factory=dict)
    sizes_bytes: dict[str, int] = field(default_factory=dict)


class Processor:
    """Time of the processor that a database server took, and what is started meanwhile."""

    def __init__(self, server: psutil.Process | None):
        self._server = server

    def server_seconds(self) -> float:
        if self._server is None:
            return 0.0
        ended = sum(self._server.cpu_times()[:4])  # with its children that have ended
        return ended + sum(sum(child.cpu_times()[:2]) for child in self._server.children(recursive=True))

    @contextmanager
    def counting(self, into: dict[str, float], name: str) -> Iterator[None]:
        """This process, what it starts and waits for, and the server."""
        before = self._seconds()
        yield
        into[name] = self._seconds() - before

    def _seconds(self) -> float:
        return sum(os.times()[:4]) + self.server_seconds()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of projects, comma-separated")
    parser.add_argument("--databases", choices=(SQLITE, POSTGRESQL), nargs="+", default=[SQLITE, POSTGRESQL])
    parser.add_argument("--write", type=Path, help="a file that gets the table too")
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in given.sizes.split(",")]
    parts = [_head()]
    print(parts[0])
    for database in given.databases:
        parts.append(printed(database, {size: measured(database, size) for size in sizes}))
        print(f"\n{parts[-1]}", flush=True)
    if given.write:
        given.write.write_text("\n\n".join(parts) + "\n")


def measured(database: str, size: int) -> Measured:
    """Fill a catalogue of this size, and measure it."""
    found = Measured()
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary, ExitStack() as opened:
        data = Path(temporary) / "data"
        url, server = peers.sqlite(data), None
        if database == POSTGRESQL:
            before = {process.pid for process in psutil.process_iter()}
            cluster = opened.enter_context(postgres.server(DURABLE))
            server = next(
                process
                for process in psutil.Process().children()
                if process.pid not in before and process.name() == "postgres"
            )
            url = opened.enter_context(postgres.database(cluster, "growth"))
        processor, settings = Processor(server), {} if database == SQLITE else {"FORGE_DATABASE": url}
        _told(database, size, "making and loading")
        made = words.document(size)
        with processor.counting(found.works_cpu_seconds, "load a document"):
            peers.load_forge(made, data, url)
        del made
        _told(database, size, "indexing")
        with processor.counting(found.works_cpu_seconds, "index all"), peers.forge(data, **settings) as first:
            total(first.port, _path("find, all", size), FOUND, timeout_seconds=peers.START_SECONDS)
            time.sleep(1)  # it writes the last part of the index, if there is one
        if database == POSTGRESQL:
            _analyzed(url)
        _sizes(url, data, found)
        _told(database, size, "pages")
        with processor.counting(found.works_cpu_seconds, "start"), peers.forge(data, **settings):
            pass
        with peers.forge(data, **settings) as forge:
            time.sleep(2)
            found.sizes_bytes["memory at rest"] = forge.pss_bytes
            for name in ADDRESSES:
                found.page_milliseconds[name], found.page_cpu_milliseconds[name] = _asked(forge, processor, name, size)
            found.sizes_bytes["memory afterwards"] = forge.pss_bytes
        _told(database, size, "statements and work")
        found.statements = _statements(url, data, size)
        for name, command in _works(Path(temporary)):
            with processor.counting(found.works_cpu_seconds, name):
                _run(command, data, settings)
        (backup,) = (Path(temporary) / "backup").glob("*.tar.gz")
        found.sizes_bytes["backup"] = backup.stat().st_size
        found.works_cpu_seconds["restore"] = _restored(Path(temporary), backup)
    return found


def _works(folder: Path) -> Sequence[tuple[str, list[str]]]:
    return (
        ("doctor", ["doctor", "--offline"]),
        ("backup", ["backup", str(folder / "backup")]),
        ("rebuild", ["rebuild"]),
    )


def _restored(folder: Path, backup: Path) -> float:
    """Into an empty folder, on SQLite whatever the backup was made of."""
    seconds: dict[str, float] = {}
    with Processor(None).counting(seconds, "restore"):
        _run(["restore", str(backup)], folder / "restored", {})
    return seconds["restore"]


def _run(command: list[str], data: Path, settings: Mapping[str, str]) -> None:
    """A command of Forge; `doctor` ends with 1 or 3 here, since nobody set up anything around this catalogue."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FORGE_")}
    given = kept | {"FORGE_DATA": str(data), "FORGE_CATALOG": str(data / "none.yaml")} | dict(settings)
    (data.parent / "backup").mkdir(exist_ok=True)
    ran = subprocess.run(
        [sys.executable, "-m", "forge.cli", *command], cwd=peers.ROOT, env=given, capture_output=True, text=True
    )
    if ran.returncode not in ((0, 1, 3) if command[0] == "doctor" else (0,)):
        raise RuntimeError(f"forge {command[0]}: {ran.stderr}")


def _asked(forge: peers.Peer, processor: Processor, name: str, size: int) -> tuple[float, float]:
    """Median of an answer's milliseconds, and milliseconds of the processor for one."""
    connection = HTTPConnection("127.0.0.1", forge.port, timeout=TIMEOUT_SECONDS)
    try:
        for _ in range(WARM_UP):
            once(connection, _path(name, size))
        before, seconds = forge.cpu_seconds + processor.server_seconds(), []
        for _ in range(REQUESTS):
            seconds.append(once(connection, _path(name, size))[0])
        taken = forge.cpu_seconds + processor.server_seconds() - before
    finally:
        connection.close()
    return median(seconds) * 1000, taken / REQUESTS * 1000


def _path(name: str, size: int) -> str:
    """An address that was not asked for yet: pages pass over a name that they do not know, the API refuses it."""
    number = next(_numbers)
    path = ADDRESSES[name].format(
        slug=synthetic.slug(number * 37 % size),
        organization=f"organization-{number * 37 % max(1, size // 3)}",
        word=words.WORDS[number % len(words.WORDS)],
    )
    return path if path.startswith("/api/") else f"{path}{'&' if '?' in path else '?'}drawn={number}"


def _statements(url: str, data: Path, size: int) -> dict[str, int]:
    """How many statements each address takes, once what all pages share was read."""
    store, asked = Store(url), list[str]()
    settings = Settings(data=data, database=None if url.startswith("sqlite") else url)

    def noted(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    app = create_app(settings, store, Finder(settings.search))
    found = {}
    try:
        with Client(app, base_url="http://127.0.0.1:8000") as client:
            event.listen(store.engine, "before_cursor_execute", noted)
            for name in ADDRESSES:
                client.get(_path(name, size))
                asked.clear()
                client.get(_path(name, size))
                found[name] = len(asked)
    finally:
        store.close()
    return found


def _analyzed(url: str) -> None:
    """As autovacuum would within a minute."""
    store = Store(url)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    store.close()


def _sizes(url: str, data: Path, found: Measured) -> None:
    store = Store(url)
    found.sizes_bytes["database"] = store.metrics.now(datetime.now(UTC)).database_bytes
    store.close()
    files = (path for path in (data / "search").rglob("*") if path.is_file())
    found.sizes_bytes["search index"] = sum(path.stat().st_size for path in files)


def _head() -> str:
    day = f"{datetime.now(UTC):%-d %B %Y}"
    return "\n".join(
        [
            f"What grows with the number of projects ({day}, `python -m benchmarks.growth`; Python "
            f"{platform.python_version()}, {os.cpu_count()} processors).",
            "Milliseconds and seconds of the processor, of Forge and the database together; in brackets the statements",
            f"of one answer. Last column: the largest size against the smallest; what is above {GROWS:g} is marked.",
        ]
    )


def printed(database: str, by_size: Mapping[int, Measured]) -> str:
    """One database as a table, a column a size."""
    sizes = list(by_size)
    lines = [
        f"{'SQLite' if database == SQLITE else 'PostgreSQL':<26}"
        + "".join(f"{f'{size:,}':>16}" for size in sizes)
        + f"{'growth':>10}",
    ]

    def row(name: str, value: Callable[[int], float], shown: Callable[[int], str], expected: float = 1.0) -> None:
        growth = value(sizes[-1]) / max(value(sizes[0]), 1e-9) / expected
        mark = " *" if growth > GROWS else ""
        lines.append(f"{name:<26}" + "".join(f"{shown(size):>16}" for size in sizes) + f"{growth:>9.1f}x{mark}")

    lines.append("an answer")
    for name in ADDRESSES:
        row(
            f"  {name}",
            lambda size, name=name: by_size[size].page_cpu_milliseconds[name],
            lambda size, name=name: (
                f"{by_size[size].page_cpu_milliseconds[name]:.1f} ms ({by_size[size].statements[name]})"
            ),
        )
    times = sizes[-1] / sizes[0]
    for name in ("start", "doctor"):
        row(
            name,
            lambda size, name=name: by_size[size].works_cpu_seconds[name],
            lambda size, name=name: f"{by_size[size].works_cpu_seconds[name]:.2f} s",
        )
    for name in ("memory at rest", "memory afterwards"):
        row(
            name,
            lambda size, name=name: by_size[size].sizes_bytes[name],
            lambda size, name=name: f"{by_size[size].sizes_bytes[name] / 1e6:.0f} MB",
        )
    lines.append("for each project")
    for name in ("load a document", "index all", "backup", "restore", "rebuild"):
        row(
            f"  {name}",
            lambda size, name=name: by_size[size].works_cpu_seconds[name],
            lambda size, name=name: f"{by_size[size].works_cpu_seconds[name] / size * 1000:.2f} ms",
            times,
        )
    for name in ("database", "search index", "backup"):
        row(
            f"  {name}",
            lambda size, name=name: by_size[size].sizes_bytes[name],
            lambda size, name=name: f"{by_size[size].sizes_bytes[name] / size / 1000:.1f} kB",
            times,
        )
    return "\n".join(lines)


def _told(database: str, size: int, what: str) -> None:
    print(f"{database}, {size:,} projects: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
