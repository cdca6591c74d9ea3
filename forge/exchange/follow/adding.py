"""Looks at another catalogue for the first time: its root key and its card, and what following it would bring.

Nothing of it is taken over. Its root key is believed when a person compared its fingerprint; everything else is
verified under that key.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from catalog.errors import AlreadyExists
from catalog.exchange import fingerprint as fingerprints
from catalog.exchange import names
from catalog.exchange.reading import Unreadable, read_card
from catalog.exchange.statements import InstanceCard
from catalog.exchange.writing import as_json
from catalog.federation import take_over
from catalog.rules import peer as rules
from catalog.rules.peer import Peer
from forge.exchange.follow.addresses import EXCHANGE, base_of, card_problem, host_of
from forge.exchange.follow.fetching import Feed, FolderFeed, RemoteFeed
from forge.exchange.follow.repository import Pin, Repository, RootInfo, VerifiedMetadata, VisitRefused, held, introduced
from forge.exchange.follow.visit import PeerVisitOutcome, records_of
from forge.exchange.follow.visit_job import PeerVisitor

NO_ADDRESS = "Write the whole address, starting with https://, or the path of a folder of this machine."


class NotAdded(Exception):
    """Why a catalogue is not added, as a sentence (a msgid)."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class FirstSight:
    """An instance at first sight: where it is read, its root, and what that and its card say. The card was verified
    under that root, which nobody compared yet."""

    base: str
    folder: str | None
    root: bytes
    told: RootInfo
    card: InstanceCard
    seen: VerifiedMetadata
    feed: Feed

    @property
    def digits(self) -> str:
        """The fingerprint of its root, as a person compares it."""
        return fingerprints.fingerprint(self.root)

    @property
    def wanted(self) -> str:
        """What the command line may call it: the host of its address, else where it is read."""
        return host_of(self.card.address).partition(":")[0] or host_of(self.base) or Path(self.folder or "").name


def meet(visitor: PeerVisitor, where: str) -> FirstSight:
    """Read the root and the card at an address, or in a folder of this machine. Raises NotAdded; VisitRefused, after
    which nothing of it is kept."""
    feed, raw, told = _find_repository(visitor, where)
    known = visitor.store.peers.by_instance(told.instance)
    if known is not None:
        raise AlreadyExists("peer", known.slug)
    manifest = visitor.store.manifest()
    if manifest is not None and manifest.id == told.instance:
        raise NotAdded(rules.OURSELVES)
    folder = visitor.folder / str(told.instance)
    try:
        with held(folder):
            repository = Repository(folder, feed, Pin(raw, told.instance), visitor.clock())
            seen = repository.visit()
            if seen.only_withdrawals:
                raise VisitRefused(seen.only_withdrawals, f"{seen.expires_at:%Y-%m-%d}")
            card = _card(visitor, repository, seen)
    except (VisitRefused, NotAdded):
        forget(visitor, told)
        raise
    root = Path(feed.root).resolve() if isinstance(feed, FolderFeed) else None
    return FirstSight(feed.base, str(root) if root else None, raw, told, card, seen, feed)


def forget(visitor: PeerVisitor, told: RootInfo) -> None:
    """Delete what was fetched of it: nobody added it."""
    if visitor.store.peers.by_instance(told.instance) is None:
        shutil.rmtree(visitor.folder / str(told.instance), ignore_errors=True)


def missing(card: InstanceCard) -> tuple[str, ...]:
    """What a follower should know before, and a card does not say."""
    told = {
        "operator": card.operator,
        "contact": card.contact,
        "criteria": card.criteria,
        "validation": card.validation,
        "refresh": card.refresh,
    }
    return tuple(name for name, value in told.items() if not value)


def move(visitor: PeerVisitor, peer: Peer, address: str) -> PeerVisitOutcome:
    """Read a catalogue at another address from now on, under the same root. Raises NotAdded and VisitRefused; nothing
    changed then."""
    if "://" not in address:
        raise NotAdded(NO_ADDRESS)
    feed, _, told = _find_repository(visitor, address)
    if told.instance != peer.instance_id:
        raise VisitRefused(rules.WRONG_INSTANCE, address)
    return visitor.visit(replace(peer, address=feed.base, folder=None, etag=None), moved=True)


def same_root(introduction: FirstSight, digits: str) -> bool:
    """Whether what somebody got from elsewhere is the fingerprint of this root, however it is grouped, or its words."""
    plain = "".join(digits.lower().split())
    words = tuple(digits.lower().split())
    return plain == introduction.digits or words == fingerprints.spoken(introduction.digits)


def preview(visitor: PeerVisitor, introduction: FirstSight, *, now: datetime) -> Mapping[str, Any]:
    """Read all that stands there, and tell what would come of it: by kind how many, how many of those are here, and
    some examples. Raises VisitRefused."""
    folder = visitor.folder / str(introduction.told.instance)
    with held(folder):
        repository = Repository(
            folder, introduction.feed, Pin(introduction.root, introduction.told.instance), visitor.clock()
        )
        return take_over.preview(visitor.store, records_of(repository, introduction.seen), now=now)


def add(
    visitor: PeerVisitor,
    introduction: FirstSight,
    coming: Mapping[str, Any],
    *,
    now: datetime,
) -> Peer:
    """Keep it as a peer about which nothing is decided yet. Raises AlreadyExists
    for one that is a peer already."""
    values = {
        "id": uuid4(),
        "address": None if introduction.folder else introduction.base,
        "folder": introduction.folder,
        "instance_id": introduction.told.instance,
        "card": as_json(introduction.card),
        "fingerprint": introduction.digits,
        "sequence": introduction.seen.version,
        "expires_at": introduction.seen.expires_at,
        "etag": None,  # nothing was taken over, so that the next visit reads all
        "preview": dict(coming),
        "added_at": now,
        "visited_at": now,
        "last_good_at": now,
        "root": introduction.seen.root.decode(),
        "online_key": introduction.seen.told.online_key,
        "addresses": list(introduction.seen.told.said.addresses),
    }
    return visitor.store.peers.add(values, introduction.wanted)


def _find_repository(visitor: PeerVisitor, where: str) -> tuple[Feed, bytes, RootInfo]:
    """The repository that an address means, itself or `exchange` below it."""
    if "://" not in where:
        if not Path(where).is_dir():
            raise NotAdded(NO_ADDRESS)
        feed: Feed = FolderFeed(Path(where))
        return feed, *introduced(feed)
    base = base_of(where)
    try:
        feed = RemoteFeed(visitor.addresses, base)
        return feed, *introduced(feed)
    except VisitRefused as no:
        if no.code not in (rules.ABSENT, rules.ELSEWHERE, rules.NO_EXCHANGE) or base.endswith(f"/{EXCHANGE}"):
            raise
    feed = RemoteFeed(visitor.addresses, f"{base}{EXCHANGE}")
    return feed, *introduced(feed)


def _card(visitor: PeerVisitor, repository: Repository, seen: VerifiedMetadata) -> InstanceCard:
    """The card. Raises VisitRefused; NotAdded where the address that it states is of another exchange, or of none."""
    target_file = seen.targets.get(names.INSTANCE)
    if target_file is None:
        raise VisitRefused(rules.MALFORMED, names.INSTANCE)
    try:
        card = read_card(repository.read(target_file))
    except Unreadable as no:
        raise VisitRefused(rules.MALFORMED, str(no)) from no
    others = visitor.store.peers.all()
    wrong = card_problem(card, seen.told, repository.feed.base, others)
    if wrong and not card_problem(card, seen.told, repository.feed.base, others, card.address):
        # Its files are read at another host than its pages: then they must be read there, too.
        try:
            _, there = introduced(RemoteFeed(visitor.addresses, f"{base_of(card.address)}{EXCHANGE}"))
            wrong = "" if there.instance == seen.told.instance else wrong
        except VisitRefused:
            pass
    if wrong:
        raise NotAdded(rules.NOT_THERE)
    return card
