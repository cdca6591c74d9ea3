"""What the exchange between catalogues weighs and takes on both databases, beside its aims: 3,000 projects, 10,000
organizations and 12,000 uses published and followed, one change and 5,000 of them, 100 catalogues visited without news,
150,000 records withdrawn.

    python -m benchmarks.exchange [--projects 3000] [--organizations 10000] [--changes 5000] [--peers 100]
                                  [--withdrawn 150000] [--only follow,changes,peers,withdrawn] [--database SQLite]

Each row is measured in a process of its own, so that processor and memory are those of what a worker does. Aims of
seconds are compared with those of processor, of ours and of the database's server, which other programs on the machine
change least. It ends with 0 whatever it measured.
"""

import argparse
import multiprocessing
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from support import postgres

from benchmarks import words
from benchmarks.exchange_catalogues import (
    HERE,
    Times,
    alone,
    document,
    followed,
    following,
    loaded,
    served,
    visitor,
    without_records,
)
from benchmarks.rows import HEADER, Row, measured
from catalog.exchange.names import PROJECT, PROJECTS
from catalog.store.core.engine import BATCH, reading, writing
from catalog.store.store import Store
from catalog.tables.federation import peer_withdrawal
from catalog.tables.publishing import published_record
from forge.exchange.publish import write as publish

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
FEED_MB, MEMORY_MB = 8, 250
FIRST_FOLLOW_SECONDS = {SQLITE: 20, POSTGRESQL: 40}
CHANGES_SECONDS, PEERS_SECONDS, CHANGE_SECONDS = 8, 60, 0.2
DURABLE = ("shared_buffers=128MB",)  # of PostgreSQL, beside its own defaults
PARTS = ("follow", "changes", "peers", "withdrawn")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exchange", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--projects", type=int, default=3_000)
    parser.add_argument("--organizations", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=5_000, help="records that change and are merged")
    parser.add_argument("--peers", type=int, default=100, help="catalogues that one follows")
    parser.add_argument("--withdrawn", type=int, default=150_000, help="records that were withdrawn")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between them")
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), help="one of them alone")
    given = parser.parse_args(arguments)
    sizes = {
        "follow": (_published_and_followed, (given.projects, given.organizations)),
        "changes": (_changed, (given.changes,)),
        "peers": (_visited, (given.peers,)),
        "withdrawn": (_withdrawn, (given.withdrawn,)),
    }
    print(HEADER, flush=True)
    for name in [given.database] if given.database else [SQLITE, POSTGRESQL]:
        for part in given.only.split(","):
            measure, numbers = sizes[part]
            try:
                with (
                    tempfile.TemporaryDirectory(prefix="forge-bench-") as folder,
                    _databases(name, Path(folder)) as urls,
                ):
                    for row in measure(name, Path(folder), *urls, *numbers):
                        print(row.line(), flush=True)
            except postgres.NoPostgres as error:
                print(f"{name} is left out: {error}")


def _apart(measure: Callable[..., Any], *given: Any) -> Any:
    """Measure in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *given).result()


@contextmanager
def _databases(name: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Addresses of two empty databases: of a home, and of who follows it."""
    if name == SQLITE:
        yield f"sqlite:///{folder / 'home.db'}", f"sqlite:///{folder / 'here.db'}"
        return
    with (
        postgres.server(DURABLE) as server,
        postgres.database(server, "forge_home") as home,
        postgres.database(server, "forge_here") as here,
    ):
        yield home, here


def _published_and_followed(
    name: str, folder: Path, home: str, here: str, projects: int, organizations: int
) -> list[Row]:
    rows: list[Row] = _apart(_published, name, folder, home, projects, organizations)
    return rows + _apart(_followed_first, name, folder, here)


def _published(name: str, folder: Path, home: str, projects: int, organizations: int) -> list[Row]:
    """What is published: for the first time, without a change, after one, after a withdrawal, and in 50 records."""
    now, made = datetime.now(UTC), document(projects, organizations)
    first = replace(made.projects[0], homepage="https://changed.example.org/")
    rest = made.projects[1:]
    some = tuple(replace(project, homepage="https://x.example.org/") for project in rest[1:51])
    rows = []
    with loaded(home, made, now) as store:
        rows.append(_written("first writing", name, store, folder, now))
        size = sum(_files(folder / "exchange").values()) / 1e6
        rows.append(Row("the whole feed", name, megabytes=size, aim=FEED_MB))
        rows.append(_written("nothing changed", name, store, folder, now + timedelta(hours=1)))
        later = now + timedelta(hours=2)
        store.curated_document.load(replace(made, projects=(first, *rest)), digest="2", now=later)
        rows.append(_written("one project changed", name, store, folder, later, CHANGE_SECONDS))
        later = now + timedelta(hours=3)
        store.takedowns.block(rest[0].slug, "Asked.", now=later)
        rows.append(_written("one project withdrawn", name, store, folder, later, CHANGE_SECONDS))
        later = now + timedelta(hours=4)
        changed = replace(made, projects=(first, rest[0], *some, *rest[51:]))
        store.curated_document.load(changed, digest="3", now=later)
        rows.append(_written("50 projects changed", name, store, folder, later))
    return rows


def _written(what: str, name: str, store: Store, data: Path, now: datetime, aim: float | None = None) -> Row:
    before = _files(data / "exchange")
    with measured(Row(what, name, aim=aim), store) as row:
        done = publish(store, data, HERE, now=now)
    assert done is not None
    after = _files(data / "exchange")
    new = sum(size for path, size in after.items() if before.get(path) != size or path.endswith("timestamp.json"))
    row.note = f"{len(after)} files, {new / 1e3:,.0f} kB of them new"
    return row


def _files(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _followed_first(name: str, folder: Path, here: str) -> list[Row]:
    """A catalogue that has nothing yet follows all of it, uses too."""
    now = datetime.now(UTC)
    with loaded(here, without_records(document(1, 0)), now) as store:
        clock = Times(now)
        with measured(Row("read for the preview", name), store) as read:
            pull, peer = following(store, folder / "here", folder / "exchange", clock)
        clock.now = now + timedelta(hours=5)
        with measured(Row("first follow, verified and merged", name, aim=FIRST_FOLLOW_SECONDS[name]), store) as row:
            done = pull.visit(store.peers.get(peer.id))
        assert done.good, done.refusal
        row.note = f"{done.taken.added:,} records"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        return [read, row, Row("its peak of memory", name, megabytes=peak, aim=MEMORY_MB)]


def _changed(name: str, folder: Path, home: str, here: str, changes: int) -> list[Row]:
    """A catalogue that knows a fifth of them itself follows another one; then each record changes, and goes."""
    manifest, now = document(1, 0).manifest, datetime.now(UTC)
    steps: list[tuple[str, float | None]] = [
        ("first visit", None),
        ("each changed", CHANGES_SECONDS),
        ("each gone", None),
    ]
    rows: list[Row] = []
    clock_folder = folder / "here"
    for number, (what, aim) in enumerate(steps):
        at = now + timedelta(hours=2 * number)
        _apart(_change_all, home, folder, changes, number, at, manifest)
        rows.append(_apart(_take_changes, name, here, clock_folder, folder, changes, what, aim, at))
    return rows


def _change_all(home: str, folder: Path, changes: int, number: int, at: datetime, manifest: Any) -> None:
    made = document(changes * 2 // 5, changes * 3 // 5)
    made = replace(
        made,
        manifest=manifest,
        projects=tuple(replace(project, adoptions=()) for project in made.projects),
        collections=(),
    )
    if number == 1:
        made = replace(
            made,
            projects=tuple(replace(project, name=f"{project.name} bis") for project in made.projects),
            organizations=tuple(replace(body, name=f"{body.name} bis") for body in made.organizations),
        )
    elif number == 2:
        made = replace(made, projects=(), organizations=())
    with loaded(home, made, at, digest=str(number)) as store:
        publish(store, folder, HERE, now=at)


def _take_changes(
    name: str, here: str, copy: Path, folder: Path, changes: int, what: str, aim: float | None, at: datetime
) -> Row:
    later = at + timedelta(hours=1)
    if not copy.exists():
        ours = replace(words.document(changes // 10), organizations=(), collections=())
        ours = replace(
            ours,
            manifest=replace(document(1, 0).manifest, id=uuid4()),
            projects=tuple(alone(project) for project in ours.projects),
        )
        with loaded(here, ours, at) as store:
            following(store, copy, folder / "exchange", Times(at))
    with closing(Store(here)) as store:
        (peer,) = store.peers.all()
        pull = visitor(store, copy, Times(later))
        with measured(Row(f"of {changes:,} records {what}", name, aim=aim), store) as row:
            done = pull.visit(peer)
        assert done.good, done.refusal
        took = done.taken
        row.note = f"{took.added + took.changed + took.removed + took.withdrawn:,} fetched, verified and merged"
        return row


def _visited(name: str, folder: Path, home: str, here: str, number: int) -> list[Row]:
    """So many catalogues of five projects each, followed by one: a first round, and one without news."""
    with served(folder) as address:  # by this process: the other one is who visits
        _apart(_homes, folder, number, address)
        rows: list[Row] = _apart(_rounds, name, folder / "here", here, number, address)
        return rows


def _homes(folder: Path, number: int, address: str) -> None:
    now, made, empty = datetime.now(UTC), words.document(5), folder / "empty.db"
    with closing(Store(f"sqlite:///{empty}")) as store:
        store.migrate()
    for index in range(number):
        home = folder / str(index)
        home.mkdir()
        shutil.copyfile(empty, home / "catalog.db")
        named = tuple(
            replace(alone(project), repository=f"https://code-{index}.example.org/{project.slug}")
            for project in made.projects
        )
        manifest = replace(document(1, 0).manifest, id=uuid4())
        told = replace(made, manifest=manifest, projects=named, collections=(), organizations=())
        with loaded(f"sqlite:///{home / 'catalog.db'}", told, now) as store:
            publish(store, home, f"{address}/{index}", now=now)


def _rounds(name: str, folder: Path, here: str, number: int, address: str) -> list[Row]:
    now = datetime.now(UTC)
    rows = []
    with loaded(here, without_records(document(1, 0)), now) as store:
        pull = visitor(store, folder, Times(now))
        peers = [followed(store, pull, f"{address}/{index}", now) for index in range(number)]
        for what, aim in (("first round", None), ("round without news", PEERS_SECONDS)):
            with measured(Row(f"{number} catalogues, {what}", name, aim=aim), store) as row:
                ends = [pull.visit(store.peers.get(peer.id)) for peer in peers]
            assert all(outcome.good for outcome in ends), ends
            row.note = f"{sum(outcome.taken.added for outcome in ends):,} records"
            rows.append(row)
    return rows


def _withdrawn(name: str, folder: Path, home: str, here: str, number: int) -> list[Row]:
    """So many records withdrawn at once; then one changes and one more goes; and a follower that never had them."""
    rows: list[Row] = _apart(_withdrawals_written, name, folder, home, number)
    return [*rows, _apart(_withdrawals_read, name, folder, here)]


def _withdrawals_written(name: str, folder: Path, home: str, number: int) -> list[Row]:
    now, made = datetime.now(UTC), document(20, 0)
    rows = []
    with loaded(home, made, now) as store:
        publish(store, folder, HERE, now=now)
        keys = [uuid4() for _ in range(number)]
        with writing(store.engine) as connection:
            for start in range(0, number, BATCH):
                some = [
                    {"kind": PROJECT, "record_id": key, "folder": PROJECTS, "shard": key.hex[-3:]}
                    for key in keys[start : start + BATCH]
                ]
                connection.execute(published_record.insert(), some)
        store.published_exchange.go_on_from(store.published_exchange.state().version)  # it looks at all of them
        rows.append(_written(f"{number:,} withdrawn at once", name, store, folder, now + timedelta(hours=1)))
        later = now + timedelta(hours=2)
        first = replace(made.projects[0], homepage="https://changed.example.org/")
        store.curated_document.load(replace(made, projects=(first, *made.projects[1:])), digest="2", now=later)
        rows.append(_written("then one project changed", name, store, folder, later, CHANGE_SECONDS))
        later = now + timedelta(hours=3)
        store.takedowns.block(made.projects[1].slug, "Asked.", now=later)
        rows.append(_written("then one more withdrawn", name, store, folder, later))
    return rows


def _withdrawals_read(name: str, folder: Path, here: str) -> Row:
    now = datetime.now(UTC)
    with loaded(here, without_records(document(1, 0)), now) as store:
        pull, peer = following(store, folder / "here", folder / "exchange", Times(now + timedelta(hours=4)))
        with measured(Row("read by who never had them", name), store) as row:
            done = pull.visit(store.peers.get(peer.id))
        assert done.good, done.refusal
        with reading(store.engine) as connection:
            kept = connection.execute(select(func.count()).select_from(peer_withdrawal)).scalar_one()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        row.note = f"{kept} of them kept; peak of memory {peak:.0f} MB"
        return row


if __name__ == "__main__":
    main()
