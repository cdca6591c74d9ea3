"""Decisions about other catalogues: which kinds of their records are read here, or that nothing is.

Each is one transaction: what is decided, the records that leave by it, a line of what was decided about the peer, one
of the public log. No record is added by it: the next visit takes over what was decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import Invalid, NotFound
from catalog.federation import received_rows
from catalog.moderation.acting_role import given_by
from catalog.moderation.outcomes.decision_form import reason_problems
from catalog.rules import permissions
from catalog.rules.decision import (
    OPERATOR,
    PEER,
    PEER_BLOCK,
    PEER_FOLLOW,
    PEER_LEAVE,
    PEER_PAUSE,
    USUAL_REASONS,
)
from catalog.rules.peer import (
    BLOCKED,
    CHOICES,
    FOLLOWING,
    KINDS,
    LATER_DECISION,
    NEW,
    NO_KIND,
    NO_SUCH_KIND,
    NONE,
    NOTHING_ASKED,
    NOTHING_CHANGED,
    PAUSED,
    TAKEN_DECISIONS,
    Peer,
)
from catalog.rules.person import Person
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.federation import peers
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import NOTHING, StoredLogLine, Subject
from catalog.store.store import Store

LINES: Mapping[str, str] = {FOLLOWING: PEER_FOLLOW, PAUSED: PEER_PAUSE, BLOCKED: PEER_BLOCK, NEW: PEER_LEAVE}


@dataclass(frozen=True)
class PeerDecisionRequest:
    """What somebody wants: the peer as a whole is FOLLOWING, PAUSED, BLOCKED, or NEW again, which is: not read. `kinds`
    are decisions by kind of record; one that is not named stays. `words` are public."""

    state: str
    kinds: Mapping[str, str]
    words: str = ""


def decide_peer(store: Store, person: Person | None, peer_id: UUID, wish: PeerDecisionRequest, *, now: datetime) -> int:
    """Decide about a peer; None: by the operator at the command line. The number of the line in the log.

    Raises NotFound, NotAllowed; Invalid by field: state, kinds, words.
    """
    if person is not None:
        permissions.demand(person, "desk-peer-decide")
    with changing(store.engine) as (connection, change):
        change()
        line = _decide(connection, person, peers.held(connection, peer_id), wish, change=change, now=now)
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
        line = _log(connection, person, peer, PEER_FOLLOW, words, {}, now=now)
        peers.allow(connection, peer, now=now)
    return line


def remove_peer(store: Store, peer_id: UUID, words: str = "", *, now: datetime) -> int:
    """Remove a peer with its records and with what was decided about it; the number of the line.

    Raises NotFound; Invalid("words").
    """
    with changing(store.engine) as (connection, change):
        change()
        peer = peers.held(connection, peer_id)
        line = _log(connection, None, peer, PEER_LEAVE, words, {}, now=now)
        received_rows.forget(connection, peer.id, change=change, now=now)
        peers.remove(connection, peer, now=now)
    received_rows.settle(store, now=now)
    return line


def take_back_peer(store: Store, person: Person | None, line: int, words: str = "", *, now: datetime) -> int:
    """Undo one line of a peer's decisions; the number of the line in the log.

    Raises NotFound, NotAllowed; Invalid("line") where something was decided of it since, and as `decide_peer`.
    """
    if person is not None:
        permissions.demand(person, "desk-peer-decide")
    with changing(store.engine) as (connection, change):
        change()
        peer_id, kind, before, latest = peers.decision_of(connection, line)
        if not latest:
            raise Invalid({"line": LATER_DECISION})
        peer = peers.held(connection, peer_id)
        wish = (
            PeerDecisionRequest(before, {}, words)
            if kind is None
            else PeerDecisionRequest(peer.state, {kind: before}, words)
        )
        if (
            peer.state == FOLLOWING
            and kind is not None
            and not TAKEN_DECISIONS.intersection({**peer.decisions, **wish.kinds}.values())
        ):
            wish = PeerDecisionRequest(NEW, wish.kinds, words)
        number = _decide(connection, person, peer, wish, change=change, now=now)
    received_rows.settle(store, now=now)
    return number


def put_back(
    connection: Connection, undone: StoredLogLine, person: Person, *, change: PublicChange, now: datetime
) -> bool:
    """In the caller's transaction: undo what a line of the log decided about a peer; False where
    the peer is one no more, or the line does not know. The next `received_rows.settle` adds or deletes
    records."""
    try:
        peer = peers.held(connection, undone.line.subject_id)
    except NotFound:
        return False
    if not undone.before:
        return False
    wanted: dict[str | None, str] = {None: undone.before["state"], **undone.before["kinds"]}
    changes = {kind: to for kind, to in wanted.items() if to != (peer.state if kind is None else peer.decision(kind))}
    _change(connection, person, peer, changes, change=change, now=now)
    return True


def _decide(
    connection: Connection,
    person: Person | None,
    peer: Peer,
    wish: PeerDecisionRequest,
    *,
    change: PublicChange,
    now: datetime,
) -> int:
    if wish.state not in LINES or any(
        kind not in KINDS or choice not in CHOICES for kind, choice in wish.kinds.items()
    ):
        raise Invalid({"kinds": NO_SUCH_KIND})
    kinds = dict.fromkeys(peer.decisions, NONE) | dict(wish.kinds) if wish.state == NEW else wish.kinds
    changes: dict[str | None, str] = {kind: to for kind, to in kinds.items() if peer.decision(kind) != to}
    if wish.state != peer.state:
        changes[None] = wish.state
    wrong = {}
    if not changes:
        wrong["state"] = NOTHING_CHANGED
    if wish.state == FOLLOWING and not _reads(peer, wish):
        wrong["kinds"] = NO_KIND
    if wrong:
        raise Invalid(wrong)
    before = {"state": peer.state, "kinds": {kind: peer.decision(kind) for kind in changes if kind is not None}}
    line = _log(connection, person, peer, LINES[wish.state], wish.words, before, now=now)
    _change(connection, person, peer, changes, change=change, now=now)
    return line


def _change(
    connection: Connection,
    person: Person | None,
    peer: Peer,
    changes: Mapping[str | None, str],
    *,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: apply what is decided, and delete what is read no more."""
    role = permissions.level_of(person) if person else OPERATOR
    peers.decide(connection, peer, changes, role=role, person_id=person.id if person else None, now=now)
    if changes.get(None, peer.state) in (BLOCKED, NEW):
        received_rows.forget(connection, peer.id, change=change, now=now)
    else:
        received_rows.decided(connection, peer.id, change=change, now=now)


def _reads(peer: Peer, wish: PeerDecisionRequest) -> bool:
    """Whether any kind of record is read of it then."""
    return not TAKEN_DECISIONS.isdisjoint({**peer.decisions, **wish.kinds}.values())


def _log(
    connection: Connection,
    person: Person | None,
    peer: Peer,
    kind: str,
    words: str,
    before: Mapping[str, Any],
    *,
    now: datetime,
) -> int:
    """The line of the public log. Raises Invalid("words")."""
    said = words.strip()
    reason = "other" if said else USUAL_REASONS.get(kind, "other")
    if wrong := reason_problems(kind, reason, said):
        raise Invalid(wrong)
    return moderation_log.append(
        connection,
        kind,
        Subject(peer.id, peer.slug, peer.name, NOTHING, kind=PEER),
        given_by(person, reason, said),
        before=before,
        now=now,
    )
