"""Verification of maintainers and representatives: the ways, what is to be placed where, and when to check again. Pure;
nobody is contacted.

The proof is a line with a public nonce of one person and one record, placed where only its maintainers can place it.
Seeing somebody else's nonce helps nobody: it verifies its own person for its own record alone.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

PROJECT, ORGANIZATION = "project", "organization"
FILE, DNS, LINK, ADDRESS = "file", "dns", "link", "address"
WAYS: Mapping[str, tuple[str, ...]] = {  # the strongest first
    PROJECT: (FILE, DNS, LINK, ADDRESS),
    ORGANIZATION: (FILE, DNS, ADDRESS),
}
OPEN, PROVEN, LOST = "open", "proven", "lost"

PREFIX = "forge-claim="
FILES = (".well-known/forge-claim.txt", "forge-claim.txt")  # in a repository; on a website, the first alone
MAX_LINES = 200  # of such a file, and of the records of a domain

# As terms of the vocabulary `verification`.
VERIFICATION: Mapping[str, str] = {
    FILE: "file-confirmed",
    DNS: "file-confirmed",
    LINK: "file-confirmed",
    ADDRESS: "domain-confirmed",
}
BY_DESK = "network-confirmed"  # a moderator knows it from elsewhere
INVITED = "invited"  # by another maintainer; no term of the vocabulary, since it is not shown

FOUND, ABSENT, AWAY = "found", "absent", "away"  # AWAY: nobody answered, which says nothing

FIRST_ANSWER_WAITED = timedelta(seconds=20)  # how long a page waits for a first answer
SOUGHT_FOR = timedelta(days=7)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(hours=1), timedelta(days=1)
AGAIN_AFTER = timedelta(days=30)  # when a verified proof is checked again
SILENT_FOR = timedelta(days=14)  # after so long without an answer when it was due, it counts as lost
GRACE = timedelta(days=30)  # how long a lost proof keeps its rights

MESSAGE_OUTCOMES = (PROVEN, LOST, "not-found", "lapsed")  # outcomes of which messages are sent


@dataclass(frozen=True)
class Proof:
    """`detail`: where it was seen (file and commit, host, page); `reason`: why it was not, one of REASONS."""

    id: UUID
    person_id: UUID
    kind: str
    record_id: UUID
    way: str
    nonce: str
    state: str
    language: str
    created_at: datetime
    asked_at: datetime | None = None  # when its person last said that it is in its place
    checked_at: datetime | None = None
    proven_at: datetime | None = None  # the first time
    seen_at: datetime | None = None  # the last time
    lost_at: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None

    @property
    def line(self) -> str:
        return PREFIX + self.nonce


@dataclass(frozen=True)
class VerificationPlace:
    """Where a way of verification may be used for a record: `where` is an address, or a domain."""

    way: str
    where: str


@dataclass(frozen=True)
class ProofOutcome:
    """A proof after a check: its state, the next check, and what its person is told ("": nothing)."""

    state: str
    at: datetime | None
    told: str = ""
    lapsed: bool = False


def new_nonce() -> str:
    return secrets.token_hex(16)


def has_proof_line(lines: Iterable[str], nonce: str) -> bool:
    """Whether one of the first MAX_LINES lines is the one of this nonce, alone on its line.

    >>> has_proof_line(["# ours", " forge-claim=abc "], "abc"), has_proof_line(["x forge-claim=abc"], "abc")
    (True, False)
    """
    wanted = PREFIX + nonce
    return any(line.strip() == wanted for _, line in zip(range(MAX_LINES), lines, strict=False))


def gives_rights(state: str, lost_at: datetime | None, now: datetime) -> bool:
    """Whether a proof gives rights: it is verified, or was lost less than GRACE ago."""
    return state == PROVEN or (state == LOST and lost_at is not None and now - lost_at < GRACE)


def outcome_of_check(proof: Proof, outcome: str, *, now: datetime) -> ProofOutcome:
    """The state of a proof after a check with this outcome."""
    if outcome == FOUND:
        waited = proof.asked_at is None or now - proof.asked_at > FIRST_ANSWER_WAITED
        return ProofOutcome(PROVEN, now + AGAIN_AFTER, PROVEN if proof.state != PROVEN and waited else "")
    if proof.state == PROVEN:
        silent = outcome == AWAY and now - (proof.seen_at or now) < AGAIN_AFTER + SILENT_FOR
        return ProofOutcome(PROVEN, now + LONGEST_PAUSE) if silent else ProofOutcome(LOST, now + LONGEST_PAUSE, LOST)
    if proof.state == LOST:
        if proof.lost_at is not None and now - proof.lost_at < GRACE:
            return ProofOutcome(LOST, now + LONGEST_PAUSE)
        return ProofOutcome(LOST, None, "lapsed", lapsed=True)
    sought = now - (proof.asked_at or now)
    if sought >= SOUGHT_FOR:
        return ProofOutcome(OPEN, None, "not-found")
    return ProofOutcome(OPEN, now + min(max(sought, FIRST_PAUSE), LONGEST_PAUSE))
