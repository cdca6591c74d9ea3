"""Getting to know another catalogue: its card and its key at first sight, and what would come if it were followed.

Nothing of it is taken over. Its key is believed when a person compared it; everything else is verified under that key.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from catalog.federation import shapes as s
from catalog.federation import signing
from catalog.federation.delta import Delta
from catalog.rules.peer import KINDS, MALFORMED, Peer
from catalog.store import Store
from forge.federation.pull import reading
from forge.federation.pull.previewing import preview
from forge.federation.pull.pulling import RESCUE, introduced_at
from forge.federation.pull.source import FeedSource, Folder, NotRead, Remote
from forge.security.safe_http import Addresses

Known = Callable[[Store, Delta], Mapping[str, int]]  # catalog.federation.merge.known


@dataclass(frozen=True)
class Introduction:
    """An instance at first sight: where it is read, and what it says of itself. `source` reads it on."""

    address: str | None
    folder: str | None
    card: s.CatalogueCard
    source: FeedSource

    @property
    def digits(self) -> str:
        """The fingerprint of its key, as a person compares it."""
        return self.card.key.fingerprint

    @property
    def wanted(self) -> str:
        """What the command line may call it: the host of its own address, else where it is read."""
        here = self.address or Path(self.folder or "").name
        return _host(self.card.address) or _host(here) or here


@dataclass(frozen=True)
class Offered:
    """A verified state, and what would come of it: by kind how many, how many of those are here, and some examples."""

    seen: reading.Seen
    preview: Mapping[str, Any]


def introduced(addresses: Addresses, where: str) -> Introduction:
    """Read the card at an address, or in a folder of this machine. Raises NotRead."""
    if "://" in where:
        base, card = introduced_at(addresses, where)
        return Introduction(base, None, card, Remote(addresses, base))
    folder = Path(where).resolve()
    source = Folder(folder)
    return Introduction(None, str(folder), reading.introduced(source), source)


def same_key(introduction: Introduction, digits: str) -> bool:
    """Whether what somebody got from elsewhere is the fingerprint of this key, however it is grouped, or its words."""
    plain = "".join(digits.lower().split())
    return plain == introduction.digits or tuple(digits.lower().split()) == signing.spoken(introduction.digits)


def offered(
    store: Store, introduction: Introduction, languages: Collection[str], known: Known, *, now: datetime | None = None
) -> Offered:
    """Verify the state that stands there, and look at all of it. Raises NotRead."""
    now = now or datetime.now(UTC)
    public = signing.public_bytes(introduction.card.key.public)
    if public is None:
        raise NotRead(MALFORMED, f"{reading.CARD_FILE}.key")
    pinned = reading.Pinned(public, introduction.card.id, late=RESCUE in f"{introduction.address or ''}/")
    seen = reading.visited(introduction.source, pinned, now=now)
    if seen is None:  # no stamp was given
        raise NotRead(MALFORMED, reading.ENTRY_FILE)
    delta = reading.whole(introduction.source, seen.entry, KINDS, languages, kept=pinned.late)
    return Offered(seen, preview(delta, known(store, delta), now))


def add(store: Store, introduction: Introduction, state: Offered, *, now: datetime) -> Peer:
    """Keep it as a peer about which nothing is decided yet. Raises AlreadyExists for one that is a peer already."""
    seen = state.seen
    values = {
        "id": uuid4(),
        "address": introduction.address,
        "folder": introduction.folder,
        "instance_id": seen.entry.id,
        **seen.remembered,
        "etag": None,  # nothing was taken, so that the next visit reads all
        "preview": state.preview,
        "kept_at": None,
        "added_at": now,
        "visited_at": now,
        "last_good_at": now,
    }
    return store.peers.add(values, introduction.wanted)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
