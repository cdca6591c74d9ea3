"""Decisions about other catalogues: one is followed, paused, or not read.

Each is one transaction: what is decided, the records that leave by it, and a line of the public log. No record is added
by it: the next visit takes over what is followed.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid
from catalog.federation import received_rows
from catalog.moderation.acting_role import given_by
from catalog.moderation.outcomes.decision_form import reason_problems
from catalog.rules import permissions
from catalog.rules.decision import PEER, PEER_FOLLOW, PEER_LEAVE, PEER_PAUSE, USUAL_REASONS
from catalog.rules.peer import FOLLOWING, NEW, NOTHING_ASKED, NOTHING_CHANGED, PAUSED, Peer
from catalog.rules.person import Person
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import changing
from catalog.store.federation import peers
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import NOTHING, Subject
from catalog.store.store import Store

LINES: Mapping[str, str] = {FOLLOWING: PEER_FOLLOW, PAUSED: PEER_PAUSE, NEW: PEER_LEAVE}


def decide_peer(
    store: Store, person: Person | None, peer_id: UUID, state: str, words: str = "", *, now: datetime
) -> int:
    """Decide that a peer is FOLLOWING, PAUSED, or NEW again, which is: not read, and its records leave. `words` are
    public; `person` None: by the operator at the command line. The number of the line in the log.

    Raises NotFound, NotAllowed; Invalid by field: state, words.
    """
    if person is not None:
        permissions.demand(person, "desk-peer-decide")
    with changing(store.engine) as (connection, change):
        change()
        peer = peers.held(connection, peer_id)
        if state not in LINES or state == peer.state:
            raise Invalid({"state": NOTHING_CHANGED})
        line = _log(connection, person, peer, LINES[state], words, now=now)
        peers.decide(connection, peer, state, now=now)
        if state == NEW:
            received_rows.forget(connection, peer.id, change=change, now=now)
    received_rows.settle(store, now=now)
    return line


def allow_peer(store: Store, person: Person | None, peer_id: UUID, words: str = "", *, now: datetime) -> int:
    """Confirm what the last visit asked: delete records that disappeared, take over those that came back; the
    number of the line in the log. Raises NotFound, NotAllowed; Invalid by field: asks, words."""
    if person is not None:
        permissions.demand(person, "desk-peer-decide")
    with changing(store.engine) as (connection, change):
        change()
        peer = peers.held(connection, peer_id)
        if not peer.asks:
            raise Invalid({"asks": NOTHING_ASKED})
        line = _log(connection, person, peer, PEER_FOLLOW, words, now=now)
        peers.allow(connection, peer, now=now)
    return line


def remove_peer(store: Store, peer_id: UUID, words: str = "", *, now: datetime) -> int:
    """Remove a peer with its records; the number of the line in the log. Raises NotFound; Invalid("words")."""
    with changing(store.engine) as (connection, change):
        change()
        peer = peers.held(connection, peer_id)
        line = _log(connection, None, peer, PEER_LEAVE, words, now=now)
        received_rows.forget(connection, peer.id, change=change, now=now)
        peers.remove(connection, peer, now=now)
    received_rows.settle(store, now=now)
    return line


def _log(connection: Connection, person: Person | None, peer: Peer, kind: str, words: str, *, now: datetime) -> int:
    """The line of the public log. Raises Invalid("words")."""
    remark = words.strip()
    reason = "other" if remark else USUAL_REASONS[kind]
    if wrong := reason_problems(kind, reason, remark):
        raise Invalid(wrong)
    about = Subject(peer.id, peer.slug, peer.name, NOTHING, kind=PEER)
    return moderation_log.append(connection, kind, about, given_by(person, reason, remark), now=now)
