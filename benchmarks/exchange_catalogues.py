"""Catalogues that follow each other, made for `benchmarks.exchange`: documents of made-up records, what visits an
exchange, and a static host.
"""

import hashlib
import random
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

from benchmarks import synthetic, words
from catalog import moderation
from catalog.model import Adoption, DataLicense, Document, Operator, Organization, Project
from catalog.rules.peer import FOLLOWING, Peer
from catalog.store.store import Store
from forge.exchange.follow import adding
from forge.exchange.follow.visit_job import PeerVisitor
from forge.mirroring.politeness import HostTurns
from forge.security.safe_http import AddressRules

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
def loaded(url: str, made: Document, now: datetime, digest: str = "1") -> Iterator[Store]:
    with closing(Store(url)) as store:
        store.migrate()
        store.curated_document.load(made, digest=digest, now=now)
        yield store


def alone(project: Project) -> Project:
    """A project that names no other record."""
    return replace(project, adoptions=(), maintenance=(), relations=(), runs=None)


@dataclass
class Times:
    """A clock that stands until it is set."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def following(store: Store, folder: Path, where: Path, clock: Times) -> tuple[PeerVisitor, Peer]:
    """What visits an exchange at `where`, with its copy in `folder`, and the peer that it is."""
    made = visitor(store, folder, clock)
    return made, followed(store, made, str(where), clock())


def visitor(store: Store, folder: Path, clock: Times) -> PeerVisitor:
    addresses = AddressRules((ip_network("127.0.0.0/8"),), None)
    hosts = HostTurns(lambda host: True, store.remote_hosts)
    return PeerVisitor(store, folder / "peers", addresses, hosts, clock)


def followed(store: Store, visits: PeerVisitor, where: str, now: datetime) -> Peer:
    peer = adding.add(visits, adding.meet(visits, adding.find(visits, where)), now=now)
    moderation.decide_peer(store, None, peer.id, FOLLOWING, now=now)
    return store.peers.get(peer.id)


@contextmanager
def served(folder: Path) -> Iterator[str]:
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


def without_records(made: Document) -> Document:
    """Another catalogue than `made`, which has nothing yet."""
    return replace(made, manifest=replace(made.manifest, id=uuid4()), projects=(), organizations=(), collections=())
