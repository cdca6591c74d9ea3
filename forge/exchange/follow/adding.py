"""Looks at another catalogue for the first time: its root key and its card, and what following it would bring.

Nothing of it is parsed before a person compared the fingerprint of its root; everything else is verified under that.
"""

import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from catalog.errors import AlreadyExists
from catalog.exchange import fingerprint as fingerprints
from catalog.exchange import names
from catalog.exchange.reading import InvalidExchangeFile, read_card
from catalog.exchange.statements import InstanceCard
from catalog.exchange.writing import as_json
from catalog.federation import take_over
from catalog.federation.take_over import ComingRecords
from catalog.rules import peer as rules
from catalog.rules.peer import Peer
from forge.exchange.follow.addresses import EXCHANGE, base_of, card_problem, host_of
from forge.exchange.follow.fetching import Feed, FolderFeed, RemoteFeed
from forge.exchange.follow.repository import (
    Pin,
    Repository,
    RootInfo,
    VerifiedMetadata,
    VisitRefused,
    held,
    introduced,
    newest_root,
)
from forge.exchange.follow.visit import PeerVisitOutcome, records_of
from forge.exchange.follow.visit_job import PeerVisitor

NO_ADDRESS = "Write the whole address, starting with https://, or the path of a folder of this machine."


class NotAdded(Exception):
    """Why a catalogue is not added, as a sentence (a msgid)."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Introduction:
    """Where a catalogue is read, and the bytes of its root: nobody compared its fingerprint yet, and nothing of it is
    parsed before."""

    feed: Feed
    root: bytes

    @property
    def digits(self) -> str:
        """The fingerprint of the root, as a person compares it."""
        return fingerprints.fingerprint(self.root)

    def is_same(self, fingerprint_typed: str) -> bool:
        """Whether what somebody told is the fingerprint of this root: its digits, however they are grouped, or its
        words."""
        words = fingerprint_typed.lower().split()
        return "".join(words) == self.digits or tuple(words) == fingerprints.spoken(self.digits)


@dataclass(frozen=True)
class FirstSight:
    """An instance whose root a person compared: where it is read, what its root and its card say."""

    introduction: Introduction
    told: RootInfo
    card: InstanceCard
    seen: VerifiedMetadata

    @property
    def folder(self) -> str | None:
        feed = self.introduction.feed
        return str(Path(feed.root).resolve()) if isinstance(feed, FolderFeed) else None

    @property
    def wanted(self) -> str:
        """What the command line may call it: the host of its address, else where it is read."""
        base = self.introduction.feed.base
        return host_of(self.card.address).partition(":")[0] or host_of(base) or Path(self.folder or "").name


def find(visitor: PeerVisitor, where: str) -> Introduction:
    """The root at an address, itself or `exchange` below it, or in a folder of this machine. Raises NotAdded and
    VisitRefused."""
    if "://" not in where:
        if not Path(where).is_dir():
            raise NotAdded(NO_ADDRESS)
        return _introduction(FolderFeed(Path(where)))
    base = base_of(where)
    try:
        return _introduction(RemoteFeed(visitor.addresses, base))
    except VisitRefused as no:
        if no.code not in (rules.ABSENT, rules.ELSEWHERE, rules.NO_EXCHANGE) or base.endswith(f"/{EXCHANGE}"):
            raise
    return _introduction(RemoteFeed(visitor.addresses, f"{base}{EXCHANGE}"))


def meet(visitor: PeerVisitor, introduction: Introduction) -> FirstSight:
    """Read the card of a catalogue whose root a person compared. Raises AlreadyExists for one that is a peer already,
    NotAdded; VisitRefused, after which nothing of it is kept."""
    root = introduced(introduction.feed, introduction.root)
    peer = visitor.store.peers.by_instance(root.instance)
    if peer is not None:
        raise AlreadyExists("peer", peer.slug)
    manifest = visitor.store.manifest()
    if manifest is not None and manifest.id == root.instance:
        raise NotAdded(rules.OURSELVES)
    folder = visitor.folder / str(root.instance)
    try:
        with held(folder):
            repository = Repository(folder, introduction.feed, Pin(introduction.root, root.instance), visitor.clock())
            metadata = repository.visit()
            if metadata.only_withdrawals:
                raise VisitRefused(metadata.only_withdrawals, f"{metadata.expires_at:%Y-%m-%d}")
            return FirstSight(introduction, root, _card(visitor, repository, metadata), metadata)
    except (VisitRefused, NotAdded):
        forget(visitor, root)
        raise


def forget(visitor: PeerVisitor, root: RootInfo) -> None:
    """Delete what was fetched of it: nobody added it."""
    if visitor.store.peers.by_instance(root.instance) is None:
        shutil.rmtree(visitor.folder / str(root.instance), ignore_errors=True)


def missing(card: InstanceCard) -> tuple[str, ...]:
    """What a follower should know before, and a card does not say."""
    values = {
        "operator": card.operator,
        "contact": card.contact,
        "criteria": card.criteria,
        "validation": card.validation,
        "refresh": card.refresh,
    }
    return tuple(name for name, value in values.items() if not value)


def move(visitor: PeerVisitor, peer: Peer, address: str) -> PeerVisitOutcome:
    """Read a catalogue at another address from now on, under the same root. Raises NotAdded and VisitRefused; nothing
    changed then."""
    if "://" not in address:
        raise NotAdded(NO_ADDRESS)
    introduction = find(visitor, address)
    if introduced(introduction.feed, introduction.root).instance != peer.instance_id:
        raise VisitRefused(rules.WRONG_INSTANCE, address)
    return visitor.visit(replace(peer, address=introduction.feed.base, folder=None, etag=None), moved=True)


def preview(visitor: PeerVisitor, sight: FirstSight) -> ComingRecords:
    """Read all that stands there, and tell what would come of it. Raises VisitRefused."""
    folder = visitor.folder / str(sight.told.instance)
    pin = Pin(sight.introduction.root, sight.told.instance)
    with held(folder):
        repository = Repository(folder, sight.introduction.feed, pin, visitor.clock())
        return take_over.preview(records_of(repository, sight.seen))


def add(visitor: PeerVisitor, sight: FirstSight, *, now: datetime) -> Peer:
    """Keep it as a peer about which nothing is decided yet. Raises AlreadyExists for one that is a peer already.

    Where the root that was compared led on to one of other keys, nothing is taken over for a day, as after any change.
    """
    metadata, introduction = sight.seen, sight.introduction
    is_led_on = introduced(introduction.feed, introduction.root).roles != metadata.told.roles
    values = {
        "id": uuid4(),
        "address": None if sight.folder else sight.introduction.feed.base,
        "folder": sight.folder,
        "instance_id": sight.told.instance,
        "card": as_json(sight.card),
        "fingerprint": sight.introduction.digits,
        "sequence": metadata.version,
        "expires_at": metadata.expires_at,
        "etag": None,  # nothing was taken over, so that the next visit reads all
        "added_at": now,
        "visited_at": now,
        "last_good_at": now,
        "root": metadata.root.decode(),
        "online_key": metadata.told.online_key,
        "keys_changed_at": now if is_led_on else None,
        "addresses": list(metadata.told.said.addresses),
    }
    return visitor.store.peers.add(values, sight.wanted)


def _introduction(feed: Feed) -> Introduction:
    return Introduction(feed, newest_root(feed))


def _card(visitor: PeerVisitor, repository: Repository, metadata: VerifiedMetadata) -> InstanceCard:
    """The card. Raises VisitRefused; NotAdded where the address that it states is of another exchange, or of none."""
    target_file = metadata.targets.get(names.INSTANCE)
    if target_file is None:
        raise VisitRefused(rules.MALFORMED, names.INSTANCE)
    try:
        card = read_card(repository.read(target_file))
    except InvalidExchangeFile as no:
        raise VisitRefused(rules.MALFORMED, str(no)) from no
    others = visitor.store.peers.all()
    wrong = card_problem(card, metadata.told, repository.feed.base, others)
    if wrong and not card_problem(card, metadata.told, repository.feed.base, others, card.address):
        # Its files are read at another host than its pages: then they must be read there, too.
        try:
            there = RemoteFeed(visitor.addresses, f"{base_of(card.address)}{EXCHANGE}")
            wrong = "" if introduced(there, newest_root(there)).instance == metadata.told.instance else wrong
        except VisitRefused:
            pass
    if wrong:
        raise NotAdded(rules.NOT_THERE)
    return card
