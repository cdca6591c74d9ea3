"""Whole instances on loopback for tests of the exchange: each with a store, a data folder, an index and a site that
answers, all under one clock. What a worker does in a day is done by its own jobs when a test says so.

Each has an address of 127.0.0.0/8 to itself, as catalogues have hosts: rows of a peer are marked by its host.
"""

import ipaddress
import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID, uuid5

import uvicorn
from starlette.applications import Starlette
from support.factories.core import a_catalog, a_manifest, load
from support.factories.visits import Clock

from catalog import model, moderation
from catalog.exchange.fingerprint import fingerprint
from catalog.model import Operator
from catalog.rules.peer import FOLLOWING, Peer
from catalog.search import Finder, IndexWriter
from catalog.store.federation.peers import PEER_VISIT
from catalog.store.store import Store
from forge.app import create_app
from forge.config.settings import Settings
from forge.exchange.follow import adding
from forge.exchange.follow.visit_job import PeerVisitor
from forge.exchange.publisher import Publisher
from forge.mirroring.politeness import HostTurns
from forge.security.safe_http import AddressRules
from forge.server.index_follower import catch_up

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
LEASE = timedelta(minutes=2)
WAIT_SECONDS = 2.0
SPACE = UUID("7d4f2f4e-aaaa-4bbb-8ccc-0123456789ab")
_hosts = count(2)


def manifest_of(name: str, *languages: str) -> model.Manifest:
    """Of a catalogue whose card says all that followers ask for."""
    words = {language: f"{name} ({language})" for language in languages}
    return a_manifest(
        id=uuid5(SPACE, name),
        name=words,
        languages=languages,
        operator=Operator(f"Network {name}"),
        contact=f"https://{name}.example.org/contact",
        criteria=words,
        validation=words,
        refresh=words,
    )


@dataclass
class Instance:
    """`address` is where its site answers; `url` reads it. `day` does what its worker would have done by now."""

    name: str
    store: Store
    settings: Settings
    app: Starlette
    writer: IndexWriter
    clock: Clock
    publisher: Publisher
    following: PeerVisitor
    port: int = 0
    manifest: model.Manifest = field(default_factory=a_manifest)
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def host(self) -> str:
        return self.settings.host

    @property
    def address(self) -> str:
        return self.settings.here

    @property
    def folder(self) -> Path:
        """The signed files that it serves."""
        return self.settings.data / "exchange"

    def load(self, *records: model.Project | model.Organization) -> None:
        load(self.store, a_catalog(*records, manifest=self.manifest), now=self.clock(), digest=str(time.monotonic_ns()))

    def up(self) -> None:
        listener = socket.create_server((self.host, self.port))
        self.port = listener.getsockname()[1]
        self._server = uvicorn.Server(uvicorn.Config(self.app, log_level="warning", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        until = time.monotonic() + 10 * WAIT_SECONDS
        while not self._server.started:
            assert time.monotonic() < until
            time.sleep(0.01)

    def down(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10 * WAIT_SECONDS)
            self._server = None

    def write(self) -> None:
        """What its worker does each half a minute: look what is to be published."""
        self.publisher.look()

    def pull(self) -> None:
        """The visits that are due."""
        self.following.plan()
        self._run_jobs(PEER_VISIT, self.following.run)

    def index(self) -> None:
        catch_up(self.store, self.writer)

    def day(self) -> None:
        self.write()
        self.pull()
        self.write()
        self.index()

    def _run_jobs(self, kind: str, take: object) -> None:
        jobs = self.store.jobs.lease(self.name, now=self.clock(), lease=LEASE, kinds=[kind], limit=200)
        for job in jobs:
            take(job)  # type: ignore[operator]

    def fingerprint(self) -> str:
        """The digits that somebody of it reads out."""
        return fingerprint(self.store.published_exchange.roots()[-1])

    def meets(self, where: str, digits: str) -> Peer:
        """Add a catalogue as `forge peer add` does. Raises VisitRefused; AssertionError for another root."""
        introduction = adding.find(self.following, where)
        assert introduction.is_same(digits)
        return adding.add(self.following, adding.meet(self.following, introduction), now=self.clock())

    def decides(self, peer: Peer, state: str = FOLLOWING) -> None:
        words = "They are a network that we know."
        moderation.decide_peer(self.store, None, peer.id, state, words, now=self.clock())

    def follows(self, other: "Instance") -> Peer:
        """Meet, compare, decide, and read for the first time."""
        other.write()
        peer = self.meets(other.address, other.fingerprint())
        self.decides(peer)
        self.day()
        return self.store.peers.get(peer.id)

    def peer(self, other: "Instance") -> Peer:
        found = self.store.peers.by_instance(other.manifest.id)
        assert found is not None
        return found

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page, and of where it leads within this site."""
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=10 * WAIT_SECONDS) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode(errors="replace")

    def page(self, path: str) -> str:
        status, text = self.get(path)
        assert status == 200, (path, status)
        return text


@contextmanager
def an_instance(
    folder: Path, url: str, clock: Clock, name: str, *languages: str, records: tuple[object, ...] = ()
) -> Iterator[Instance]:
    """A site that is up, over a migrated, empty database at `url`; what it knows is `records`."""
    host = f"127.0.0.{next(_hosts) % 250 + 2}"
    with socket.create_server((host, 0)) as probe:
        port = probe.getsockname()[1]
    data = folder / name
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        data=data, host=host, port=port, base_url=f"http://{host}:{port}", allow_networks=LOOPBACK, database=url
    )
    with closing(Store(url)) as store:
        writer = IndexWriter.open(settings.search)
        assert writer is not None
        with closing(writer):
            app = create_app(settings, store, Finder(settings.search), clock=clock)
            publisher, addresses = Publisher(store, data, settings.here, clock), AddressRules(LOOPBACK, None)
            following = PeerVisitor(
                store, settings.peers, addresses, HostTurns(addresses.near, store.remote_hosts), clock
            )
            instance = Instance(name, store, settings, app, writer, clock, publisher, following, port)
            instance.manifest = manifest_of(name, *(languages or ("en",)))
            instance.load(*records)  # type: ignore[arg-type]
            instance.index()
            instance.up()
            try:
                yield instance
            finally:
                instance.down()
                app.state.code_readers.close()
                app.state.export_cache.close()


def a_database(template: Path, folder: Path, name: str) -> str:
    """The address of a migrated, empty database in a file."""
    file = folder / f"{name}.db"
    shutil.copyfile(template, file)
    return f"sqlite:///{file}"


def refused(instance: Instance, peer: Peer) -> str:
    """The code of the last visit's refusal; "" where it was good."""
    now = instance.store.peers.get(peer.id)
    return now.refusal.code if now.refusal else ""
