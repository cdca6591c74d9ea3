"""What the exchange between catalogues weighs and takes: a feed of 3,000 projects and 10,000 organizations of `words`
with 12,000 public uses, a first visit of it, 5,000 changes of one merged into another on both databases, and a round of
100 catalogues without news. It prints numbers beside the budgets and decides nothing.

    python -m benchmarks.exchange [--projects 3000] [--organizations 10000] [--changes 5000] [--peers 100]

Seconds are those of a clock on the wall, with what the database and the files take; of processor those of our process.
"""

import argparse
import hashlib
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import psutil
from support import postgres

from benchmarks import synthetic, words
from benchmarks.declarations import DURABLE
from catalog import moderation
from catalog.model import Adoption, DataLicense, Document, Operator, Organization, Project
from catalog.moderation import Peering
from catalog.rules.peer import FOLLOW, FOLLOWING, KINDS, Peer
from catalog.store import Store
from forge.exchange.follow import adding
from forge.exchange.follow.visiting import Following
from forge.exchange.publish import write as publish
from forge.mirroring.politeness import HostTurns
from forge.security.safe_http import Addresses

FEED_BYTES = 8_000_000
MERGE_SECONDS = 8  # for 5,000 changes
USES = 4  # of each project beside those that the made-up catalogue has
HERE = "https://forge.example.org"


def document(projects: int, organizations: int) -> Document:
    """`words.document` with so many organizations, each of them a user of something; the same for the same numbers."""
    made, chance = words.document(projects), random.Random(2)
    more = [_organization(number, chance) for number in range(len(made.organizations), organizations)]
    users = [organization.slug for organization in more] or [organization.slug for organization in made.organizations]
    manifest = replace(
        made.manifest,
        operator=Operator("A network"),
        contact="https://forge.example.org/contact",
        criteria={"en": "Free software"},
        validation={"en": "Read by two people"},
        refresh={"en": "Each day"},
        data_license=DataLicense(),
    )
    tools = tuple(_used(project, chance.sample(users, min(USES, len(users))), chance) for project in made.projects)
    return replace(made, manifest=manifest, projects=tools, organizations=(*made.organizations, *more))


def _organization(number: int, chance: random.Random) -> Organization:
    return Organization(
        slug=f"coop-{number}",
        name=f"{chance.choice(words.WORDS).capitalize()} {chance.choice(words.WORDS)} {number}",
        kind="cooperative",
        country=chance.choice(synthetic.COUNTRIES),
        region=f"FR-{chance.randrange(10, 95)}",
        homepage=f"https://coop-{number}.example.org/",
        identifiers={"siren": f"{chance.randrange(10**8, 10**9)}"},
        sources=(f"https://register.example.org/{chance.randrange(10**8)}",),
    )


def _used(project: Project, users: list[str], chance: random.Random) -> Project:
    known = {use.organization for use in project.adoptions}
    uses = [
        Adoption(
            user,
            stage="in-production",
            since=str(chance.randrange(2010, 2026)),
            purpose={"fr": " ".join(chance.sample(words.WORDS, 8)).capitalize()},
            sources=(f"https://{user}.example.org/outils",),
        )
        for user in users
        if user not in known
    ]
    return replace(project, adoptions=(*project.adoptions, *uses))


@contextmanager
def loaded(url: str, made: Document, now: datetime) -> Iterator[Store]:
    with closing(Store(url)) as store:
        store.migrate()
        store.curated_document.load(made, digest="1", now=now)
        yield store


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exchange", description=__doc__.partition("\n")[0])
    parser.add_argument("--projects", type=int, default=3_000)
    parser.add_argument("--organizations", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=5_000, help="records that change and are merged")
    parser.add_argument("--peers", type=int, default=100, help="catalogues that one follows")
    given = parser.parse_args(arguments)
    weighed(given.projects, given.organizations)
    followed_first(given.projects, given.organizations)
    for name, opened in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        try:
            with tempfile.TemporaryDirectory(prefix="forge-bench-") as folder, opened(Path(folder)) as database:
                merged(name, database, given.changes, Path(folder))
        except postgres.NoPostgres as error:
            print(f"{name} is left out: {error}")
    visited(given.peers)


def weighed(projects: int, organizations: int) -> None:
    """What is published: for the first time, without a change, after one, after a withdrawal, and in 50 records."""
    now, made = datetime.now(UTC), document(projects, organizations)
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        data = Path(temporary)
        with loaded(f"sqlite:///{data / 'catalog.db'}", made, now) as store:
            before = psutil.Process().memory_info().rss
            _published("first", store, data, now)
            grown = psutil.Process().memory_info().rss - before
            print(f"the process grew by {grown / 1e6:.0f} MB")
            _published("nothing changed", store, data, now + timedelta(hours=1))
            first = replace(made.projects[0], homepage="https://changed.example.org/")
            changed = replace(made, projects=(first, *made.projects[1:]))
            store.curated_document.load(changed, digest="2", now=now + timedelta(hours=2))
            _published("one project changed", store, data, now + timedelta(hours=2))
            store.mirrors.block(made.projects[1].slug, "Asked.", now=now + timedelta(hours=3))
            _published("one project withdrawn", store, data, now + timedelta(hours=3))
            some = tuple(replace(project, homepage="https://x.example.org/") for project in made.projects[2:52])
            changed = replace(changed, projects=(first, made.projects[1], *some, *made.projects[52:]))
            store.curated_document.load(changed, digest="3", now=now + timedelta(hours=4))
            _published("50 projects changed", store, data, now + timedelta(hours=4))


def followed_first(projects: int, organizations: int) -> None:
    """A catalogue that has nothing yet follows all of it, uses too."""
    now = datetime.now(UTC)
    made = document(projects, organizations)
    ours = replace(made, manifest=replace(made.manifest, id=uuid4()), projects=(), organizations=(), collections=())
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary:
        folder = Path(temporary)
        with (
            loaded(f"sqlite:///{folder / 'home.db'}", made, now) as home,
            loaded(f"sqlite:///{folder / 'here.db'}", ours, now) as store,
        ):
            publish(home, folder, HERE, now=now)
            clock = Times(now)
            pull, peer = _following(store, folder, clock)
            clock.now = now + timedelta(hours=2)
            wall, cpu = time.perf_counter(), time.process_time()
            done = pull.visit(store.peers.get(peer.id))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            assert done.good, done.refusal
            print(f"SQLite, first follow: {done.taken.added} records in {wall:.1f} s, {cpu:.1f} s of processor")


def _published(what: str, store: Store, data: Path, now: datetime) -> None:
    folder = data / "exchange"
    before = _files(folder)
    clock, cpu = time.perf_counter(), time.process_time()
    done = publish(store, data, HERE, now=now)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    assert done is not None
    after = _files(folder)
    new = sum(size for name, size in after.items() if before.get(name) != size or name.endswith("timestamp.json"))
    whole = sum(after.values())
    print(
        f"{what}: {clock:.2f} s, {cpu:.2f} s of processor; {len(after)} files, {whole / 1e6:.2f} MB "
        f"({whole / FEED_BYTES:.0%} of the budget), new {new / 1e3:.0f} kB"
    )


def _files(folder: Path) -> dict[str, int]:
    files = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def merged(name: str, database: str, changes: int, folder: Path) -> None:
    """A catalogue that knows a fifth of them itself follows another one; then each record changes, and goes."""
    now, made = datetime.now(UTC), document(changes * 2 // 5, changes * 3 // 5)
    made = replace(made, projects=tuple(replace(project, adoptions=()) for project in made.projects))
    organizations = tuple(replace(organization, name=f"{organization.name} bis") for organization in made.organizations)
    other = replace(
        made,
        projects=tuple(replace(project, name=f"{project.name} bis") for project in made.projects),
        organizations=organizations,
    )
    ours = replace(
        words.document(changes // 10), manifest=replace(made.manifest, id=uuid4()), collections=(), organizations=()
    )
    ours = replace(ours, projects=tuple(_alone(project) for project in ours.projects))
    home_url = f"sqlite:///{folder / 'home.db'}"
    with loaded(home_url, made, now) as home, loaded(database, ours, now) as store:
        publish(home, folder, HERE, now=now)
        clock = Times(now)
        pull, peer = _following(store, folder, clock)
        gone = replace(made, projects=(), organizations=())
        steps = (("first visit", None), ("each changed", other), ("each gone", gone))
        for hours, (what, told) in enumerate(steps, 1):
            at = now + timedelta(hours=2 * hours)
            if told is not None:
                home.curated_document.load(replace(told, collections=()), digest=what, now=at)
                publish(home, folder, HERE, now=at)
            clock.now = at
            wall, cpu = time.perf_counter(), time.process_time()
            done = pull.visit(store.peers.get(peer.id))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            assert done.good, done.refusal
            took = done.taken
            count = took.added + took.changed + took.removed + took.withdrawn
            print(
                f"{name}, {what}: {count} records fetched, verified and merged in {wall:.1f} s "
                f"({wall / MERGE_SECONDS:.0%} of the budget), {cpu:.1f} s of processor"
            )


def visited(number: int) -> None:
    """So many catalogues of five projects each, followed by one: a first round, and one without news."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="forge-bench-") as temporary, _served(Path(temporary)) as address:
        folder = Path(temporary)
        made = words.document(5)
        empty = folder / "empty.db"
        with closing(Store(f"sqlite:///{empty}")) as store:
            store.migrate()
        for index in range(number):
            home = folder / str(index)
            home.mkdir()
            shutil.copyfile(empty, home / "catalog.db")
            named = tuple(
                replace(_alone(project), repository=f"https://code-{index}.example.org/{project.slug}")
                for project in made.projects
            )
            manifest = replace(document(1, 0).manifest, id=uuid4())
            told = replace(made, manifest=manifest, projects=named, collections=(), organizations=())
            with loaded(f"sqlite:///{home / 'catalog.db'}", told, now) as store:
                publish(store, home, f"{address}/{index}", now=now)
        with loaded(f"sqlite:///{folder / 'here.db'}", replace(document(1, 0), collections=()), now) as store:
            pull = _visitor(store, folder, Times(now))
            peers = [_followed(store, pull, f"{address}/{index}", now) for index in range(number)]
            for what in ("first round", "round without news"):
                wall, cpu = time.perf_counter(), time.process_time()
                ends = [pull.visit(store.peers.get(peer.id)) for peer in peers]
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                assert all(outcome.good for outcome in ends), ends
                print(
                    f"{number} catalogues, {what}: {wall:.2f} s, {cpu:.2f} s of processor with who serves them, "
                    f"{sum(outcome.taken.added for outcome in ends)} records"
                )


def _alone(project: Project) -> Project:
    """A project that names no other record."""
    return replace(project, adoptions=(), maintenance=(), relations=(), runs=None)


@dataclass
class Times:
    """A clock that stands until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def _following(store: Store, folder: Path, clock: Times) -> tuple[Following, Peer]:
    """What visits the folder that was written, and the peer that it is."""
    visitor = _visitor(store, folder, clock)
    return visitor, _followed(store, visitor, str(folder / "exchange"), clock())


def _visitor(store: Store, folder: Path, clock: Times) -> Following:
    addresses = Addresses((ip_network("127.0.0.0/8"),), None)
    return Following(store, folder / "peers", addresses, HostTurns(lambda host: True), clock)


def _followed(store: Store, visitor: Following, where: str, now: datetime) -> Peer:
    known = adding.meet(visitor, where)
    peer = adding.add(visitor, known, adding.preview(visitor, known, now=now), now=now)
    moderation.decide_peer(store, None, peer.id, Peering(FOLLOWING, dict.fromkeys(KINDS, FOLLOW)), now=now)
    return peer


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'here.db'}"


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    with postgres.server(DURABLE) as server, postgres.database(server, "forge_bench") as database:
        yield database


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The folder on a static host that gives each file a tag, as such hosts do."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            file = folder / self.path.lstrip("/")
            body = file.read_bytes() if file.is_file() else b""
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            known = bool(body) and self.headers.get("If-None-Match") == tag
            self.send_response(304 if known else 200 if body else 404)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", "0" if known else str(len(body)))
            self.end_headers()
            if not known:
                self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
