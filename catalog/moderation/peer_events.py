"""Writes public lines of the log for what a visit of another catalogue found: it has another key, or another catalogue
keeps its records now. No person decides this: it is signed with the key that people compared.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.exchange import fingerprint as fingerprints
from catalog.exchange.statements import RootStatement
from catalog.rules.decision import BY_RULE, PEER, PEER_KEY, GivenDecision
from catalog.rules.peer import VISITED_STATES, Peer
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import changing
from catalog.store.federation import peers, taken_over
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import NOTHING, Subject
from catalog.store.store import Store

SIGNED = "signed"


def rooted(
    store: Store, peer: Peer, raw: bytes, root: RootStatement, online_key: str, *, others: bool, now: datetime
) -> None:
    """Pin a new root that a visit read: the next visit must follow it. Another fingerprint than before is a line of the
    public log; where it names `others` as its keys, its records wait for a day. What another key withdrew binds nobody
    under this one."""
    fingerprint = fingerprints.fingerprint(raw)
    values: dict[str, Any] = {"root": raw.decode(), "fingerprint": fingerprint, "addresses": list(root.addresses)}
    values |= {"online_key": online_key} | ({"keys_changed_at": now} if others else {})
    with changing(store.engine) as (connection, change):
        change()
        peers.rooted(connection, peer.id, values)
        if peer.root is not None and peer.state in VISITED_STATES:
            fingerprint_parts = (fingerprints.grouped(digits) for digits in (peer.fingerprint, fingerprint))
            _append_log_line(connection, peer, PEER_KEY, " → ".join(fingerprint_parts), now)


def visited(
    store: Store,
    peer: Peer,
    *,
    batch_number: int | None,
    now: datetime,
    files: Mapping[str, str] | None = None,
    **values: Any,
) -> None:
    """Note that a visit of this peer ended well, as `peers.good` writes it. `files`: that were taken over, with the
    SHA-256 of each."""
    with changing(store.engine) as (connection, change):
        is_known = peers.good(connection, peer, records_taken=batch_number, change=change, now=now, **values)
        if is_known and files is not None:
            taken_over.keep_files(connection, peer.id, files)


def _append_log_line(connection: Connection, peer: Peer, kind: str, words: str, now: datetime) -> None:
    moderation_log.append(
        connection,
        kind,
        Subject(peer.id, peer.slug, peer.name, NOTHING, kind=PEER),
        GivenDecision(SIGNED, words, BY_RULE),
        now=now,
    )
