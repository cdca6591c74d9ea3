"""What grows with the number of projects and what does not, on SQLite and PostgreSQL: addresses that people and
programs ask for most, an address of each route, a public change, and what its operators do with a catalogue.

    python -m benchmarks.growth [--sizes 1000,10000] [--copied 100000,1000000] [--databases sqlite postgresql]
                                [--indexed 100000] [--kept FOLDER] [--write FILE]

Projects are thin, as in `benchmarks.synthetic`, and have no mirrors. The largest of `--sizes` is loaded, and copied
within its database for the sizes of `--copied`. Milliseconds and seconds are those of the processor, of Forge and of
the database together, so that what else the machine does changes them little; each address is drawn anew. A million
copies take 13 GB on SQLite. `--kept` keeps what was measured, and the search index of each size, for the next run.
"""

import argparse
import fcntl
import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import psutil
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool
from support import postgres
from support.client import Client
from support.query_plans import access_paths, addresses, large_tables, reads_whole, statements

from benchmarks import peers, words
from benchmarks.growth_table import Measured, head, plans_head, printed, printed_plans
from benchmarks.measure import TIMEOUT_SECONDS, once, total
from benchmarks.multiplied import Base, slug
from catalog.search import Finder
from catalog.search.index_folder import LOCK_FILE
from catalog.store.store import Store
from forge.app import create_app
from forge.config.settings import Settings
from forge.exchange.paths import FOLDER
from forge.exchange.repository import alone, prepare

SIZES = (1_000, 10_000)
SQLITE, POSTGRESQL = "sqlite", "postgresql"
NAMES = {SQLITE: "SQLite", POSTGRESQL: "PostgreSQL"}
DURABLE = ("shared_buffers=128MB", "max_connections=40")
REQUESTS, WARM_UP = 40, 5
FOUND = rb"<h1>([0-9,]+) (?:program|result)"
STEP = 7919  # from one record that is asked for to the next: through all copies
WRONG = "wrong address"
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
    "organizations, by name": "/en/organizations?q={word}",
    "places": "/en/places",
    "country": "/en/places/FR",
    "statistics": "/en/statistics",
    "API, a project": "/api/v1/projects/{slug}",
    "API, projects": "/api/v1/projects?q={word}",
    "feed": "/feeds/projects.atom",
    "sitemap, a part": "/sitemap/projects-1.xml",
    WRONG: "/en/projects/{word}-{slug}",
}
_numbers = itertools.count()


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
    parser.add_argument("--copied", default="", help="larger numbers, copied of the largest of these")
    parser.add_argument("--databases", choices=list(NAMES), nargs="+", default=list(NAMES))
    parser.add_argument(
        "--indexed", type=int, default=100_000, help="the most copies that are put into the search index"
    )
    parser.add_argument("--kept", type=Path, help="a folder of what former runs measured")
    parser.add_argument("--write", type=Path, help="a file that gets the table too; plans.txt beside it gets the plans")
    given = parser.parse_args(arguments)
    sizes, copied = ([int(size) for size in asked.split(",") if size] for asked in (given.sizes, given.copied))
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        kept = given.kept or Path(temporary)
        kept.mkdir(exist_ok=True)
        parts, plans = [head(max(sizes))], [plans_head()]
        for database in given.databases:
            for size in sizes:
                measured(database, size, copied if size == max(sizes) else [], kept, given.indexed)
            by_size = {size: Measured(**json.loads(_file(kept, database, size).read_text())) for size in sizes + copied}
            parts.append(printed(NAMES[database], by_size, list(ADDRESSES)))
            plans.append(printed_plans(NAMES[database], by_size))
    print("\n\n".join(parts))
    if given.write:
        given.write.write_text("\n\n".join(parts) + "\n")
        given.write.with_name("plans.txt").write_text("\n\n".join(filter(None, plans)) + "\n")


def _file(kept: Path, database: str, size: int) -> Path:
    return kept / f"{database}-{size}.json"


def measured(database: str, loaded: int, copied: Sequence[int], kept: Path, indexed: int) -> None:
    """Fill a catalogue of this size, and measure it, then its copies; each into its file, where it is not there yet.
    More than `indexed` projects are found by the index of the size before."""
    if all(_file(kept, database, size).exists() for size in (loaded, *copied)):
        return
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary, ExitStack() as opened:
        data, found = Path(temporary) / "data", Measured()
        url, server = peers.sqlite(data), None
        if database == POSTGRESQL:
            cluster = opened.enter_context(postgres.server(DURABLE))
            url = opened.enter_context(postgres.database(cluster, "growth"))
            server = _postmaster(url)
        of = Catalogue(
            data, url, {} if database == SQLITE else {"FORGE_DATABASE": url}, Processor(server), kept, loaded
        )
        _told(database, loaded, "making and loading")
        made = words.document(loaded)
        with of.processor.counting(found.works_cpu_seconds, "load a document"):
            peers.load_forge(made, data, url)
        del made
        if database == POSTGRESQL:
            _analyzed(url)
        base = Base(url) if copied else None
        if not _file(kept, database, loaded).exists():
            _indexed(of, loaded, found)
            _measure(of, loaded, found)
            _told(database, loaded, "work of operators")
            for name, command in _works(Path(temporary)):
                with of.processor.counting(found.works_cpu_seconds, name):
                    peers.run(command, data, of.settings)
            (backup,) = (Path(temporary) / "backup").glob("*.tar.gz")
            found.sizes_bytes["backup"] = backup.stat().st_size
            found.works_cpu_seconds["restore"] = _restored(Path(temporary), backup)
            _file(kept, database, loaded).write_text(json.dumps(asdict(found)))
        else:
            shutil.copytree(kept / f"search-{loaded}", data / "search", dirs_exist_ok=True)
        for before, size in zip([loaded, *copied], copied, strict=False):
            found = Measured()
            _told(database, size, "copying")
            base.copy(range(before // loaded, size // loaded))
            if _file(kept, database, size).exists():
                continue
            if size <= indexed:
                _indexed(of, size, found)
            _measure(of, size, found)
            with of.processor.counting(found.works_cpu_seconds, "doctor"):
                peers.run(["doctor", "--offline"], data, of.settings)
            _file(kept, database, size).write_text(json.dumps(asdict(found)))


@dataclass(frozen=True)
class Catalogue:
    """The one that is measured: of its projects `base` were loaded. `kept` has search indexes by their size."""

    data: Path
    url: str
    settings: Mapping[str, str]
    processor: Processor
    kept: Path
    base: int


@contextmanager
def _nothing_written(data: Path) -> Iterator[None]:
    """Meanwhile no process writes the search index: it would follow the copies for an hour and more. Nor does one
    publish records for other catalogues, which takes a second for each thousand, once."""
    prepare(data / FOLDER)
    with (data / "search" / LOCK_FILE).open("ab") as index, alone(data / FOLDER):
        fcntl.flock(index, fcntl.LOCK_EX)
        yield


def _indexed(of: Catalogue, size: int, found: Measured) -> None:
    """Make the search index of all projects; it is the same for both databases, and taken where it is kept."""
    kept, search = of.kept / f"search-{size}", of.data / "search"
    shutil.rmtree(search, ignore_errors=True)
    if kept.exists() and size not in SIZES:
        shutil.copytree(kept, search)
        return
    _told(of.url.partition(":")[0], size, "indexing")
    search.mkdir()
    with of.processor.counting(found.works_cpu_seconds, "index all"), peers.forge(of.data, **of.settings) as first:
        total(first.port, "/en/projects", FOUND, timeout_seconds=peers.START_SECONDS)
        time.sleep(1)  # it writes the last part of the index, if there is one
    shutil.copytree(search, kept, dirs_exist_ok=True)


def _measure(of: Catalogue, size: int, found: Measured) -> None:
    """Sizes, start, memory, the addresses that are asked for most, and one of each route."""
    name = of.url.partition(":")[0]
    _sizes(of, found)
    _told(name, size, "pages")
    with _nothing_written(of.data):
        with of.processor.counting(found.works_cpu_seconds, "start"), peers.forge(of.data, **of.settings):
            pass
        with peers.forge(of.data, **of.settings) as forge:
            time.sleep(2)
            found.sizes_bytes["memory at rest"] = forge.pss_bytes
            found.found = total(forge.port, "/en/projects", FOUND)
            for address in ADDRESSES:
                asked = _asked(forge, of, address, size)
                found.page_milliseconds[address], found.page_cpu_milliseconds[address] = asked
            found.sizes_bytes["memory afterwards"] = forge.pss_bytes
        _told(name, size, "statements and an address of each route")
        _statements(of, size, found)


def _works(folder: Path) -> Sequence[tuple[str, list[str]]]:
    (folder / "backup").mkdir()
    return (
        ("doctor", ["doctor", "--offline"]),
        ("backup", ["backup", str(folder / "backup")]),
        ("rebuild", ["rebuild"]),
    )


def _restored(folder: Path, backup: Path) -> float:
    """Into an empty folder, on SQLite whatever the backup was made of."""
    seconds: dict[str, float] = {}
    with Processor(None).counting(seconds, "restore"):
        peers.run(["restore", str(backup)], folder / "restored", {})
    return seconds["restore"]


def _asked(forge: peers.Peer, of: Catalogue, name: str, size: int) -> tuple[float, float]:
    """Median of an answer's milliseconds, and milliseconds of the processor for one."""
    connection = HTTPConnection("127.0.0.1", forge.port, timeout=TIMEOUT_SECONDS)
    status = 404 if name == WRONG else 200
    try:
        for _ in range(WARM_UP):
            once(connection, _path(name, size, of.base), status)
        before, seconds = forge.cpu_seconds + of.processor.server_seconds(), []
        for _ in range(REQUESTS):
            seconds.append(once(connection, _path(name, size, of.base), status)[0])
        taken = forge.cpu_seconds + of.processor.server_seconds() - before
    finally:
        connection.close()
    return median(seconds) * 1000, taken / REQUESTS * 1000


def _path(name: str, size: int, base: int) -> str:
    """An address that was not asked for yet: pages pass over a name that they do not know, the API refuses it."""
    number = next(_numbers)
    organizations = max(1, base // 3)
    path = ADDRESSES[name].format(
        slug=slug(number * STEP % size, base),
        organization=slug(number * STEP % (organizations * (size // base)), organizations, "organization"),
        word=words.WORDS[number % len(words.WORDS)],
    )
    return f"{path}{'&' if '?' in path else '?'}drawn={number}" if path.startswith("/en/") else path


def _statements(of: Catalogue, size: int, found: Measured) -> None:
    """What the first reader of each address pays after a start, and how many statements it takes then; an address of
    each route: the processor and the statements of an answer, and how they read large tables; what a public change
    costs, and the next readers of each address."""
    store = Store(of.url)
    app = create_app(
        Settings(data=of.data, database=of.settings.get("FORGE_DATABASE")), store, Finder(of.data / "search")
    )
    try:
        with Client(app, base_url="http://127.0.0.1:8000") as client, statements(store) as asked:
            for name in ADDRESSES:
                with of.processor.counting(spent := {}, name):
                    client.get(_path(name, size, of.base))
                found.first_cpu_milliseconds[name] = spent[name] * 1000
                asked[name] = []
                client.get(_path(name, size, of.base))
                found.statements[name] = len(asked[name])
            asked.clear()
            chosen = (slug(number, of.base) for number in (size - 1, size - 2))
            organization = slug(max(1, of.base // 3) - 1, max(1, of.base // 3), "organization")
            for path in addresses(app, *chosen, organization):
                if path.startswith("/export/"):
                    continue  # whole exports, which are written once a change
                asked[path] = []
                with of.processor.counting(spent := {}, path):
                    client.get(path)
                found.every_page[path] = spent[path] * 1000, len(asked[path])
            asked[""] = asked.pop("", [])  # what is written is no page's
            with of.processor.counting(found.works_cpu_seconds, "a public change"):
                store.mirrors.block(slug(size - 3, of.base), "Asked.", now=datetime.now(UTC))
            for name in ADDRESSES:
                with of.processor.counting(spent := {}, name):
                    client.get(_path(name, size, of.base))
                found.changed_cpu_milliseconds[name] = spent[name] * 1000
            store.mirrors.unblock(slug(size - 3, of.base))
            del asked[""]
        with store.engine.connect() as connection:
            large = large_tables(connection, size // 10)
            found.whole = reads_whole(connection, asked, large, avoiding=False)
            found.plans = access_paths(connection, asked, large)
    finally:
        store.close()


def _postmaster(url: str) -> psutil.Process:
    """The first process of the server, which starts all others."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        told = connection.execute(text("SELECT pg_read_file('postmaster.pid')")).scalar_one()
    return psutil.Process(int(told.splitlines()[0]))


def _analyzed(url: str) -> None:
    """As autovacuum would within a minute."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _sizes(of: Catalogue, found: Measured) -> None:
    store = Store(of.url)
    found.sizes_bytes["database"] = store.metrics.now(datetime.now(UTC)).database_bytes
    store.close()
    if found.works_cpu_seconds.get("index all"):
        files = (path for path in (of.data / "search").rglob("*") if path.is_file())
        found.sizes_bytes["search index"] = sum(path.stat().st_size for path in files)


def _told(database: str, size: int, what: str) -> None:
    print(f"{database}, {size:,} projects: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
