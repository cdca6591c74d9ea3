"""Verification of maintainers and representatives: the methods, what is to be placed where, and when to check again.
Pure; nobody is contacted.

What is placed is a line with a public nonce of one person and one record, where only its maintainers can place it.
Seeing somebody else's nonce helps nobody: it verifies its own person for its own record alone.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.record_kind import ORGANIZATION, PROJECT

FILE, DNS, LINK, ADDRESS = "file", "dns", "link", "address"
MODERATOR = "moderator"  # one knows it from elsewhere; nothing is checked again
PLACED = (FILE, DNS, LINK)  # a line is to be placed somewhere
METHODS: Mapping[str, tuple[str, ...]] = {  # that a person may begin for a record of this kind, the strongest first
    PROJECT: (FILE, DNS, LINK, ADDRESS),
    ORGANIZATION: (FILE, DNS, ADDRESS),
}
OPEN, VERIFIED, LOST = "open", "verified", "lost"
QUIET = "quiet"  # in the detail of one that came with a use that is not public: no page tells of it
INVITED = "invited"  # by another member of the record; the other role is VERIFIED

PREFIX = "forge-claim="
FILES = (".well-known/forge-claim.txt", "forge-claim.txt")  # in a repository; on a website, the first alone
MAX_LINES = 200  # of such a file, and of the records of a domain

# As terms of the vocabulary `verification`, the strongest first.
TERMS: Mapping[str, str] = {
    FILE: "file-confirmed",
    DNS: "file-confirmed",
    LINK: "file-confirmed",
    ADDRESS: "domain-confirmed",
    MODERATOR: "moderator-confirmed",
}

FOUND, ABSENT, AWAY = "found", "absent", "away"  # AWAY: nobody answered, which says nothing

FIRST_ANSWER_WAITED = timedelta(seconds=20)  # how long a page waits for a first answer
SOUGHT_FOR = timedelta(days=7)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(hours=1), timedelta(days=1)
AGAIN_AFTER = timedelta(days=30)  # when what is verified is checked again
SILENT_FOR = timedelta(days=14)  # after so long without an answer when it was due, it counts as lost
GRACE = timedelta(days=30)  # how long a lost verification keeps its rights


@dataclass(frozen=True)
class Verification:
    """`detail`: where it was seen (file and commit, host, page); `reason`: why it was not, one of REASONS."""

    id: UUID
    person_id: UUID
    kind: str
    record_id: UUID
    method: str
    nonce: str
    state: str
    language: str
    created_at: datetime
    asked_at: datetime | None = None  # when its person last said that it is in its place
    checked_at: datetime | None = None
    verified_at: datetime | None = None  # the first time
    seen_at: datetime | None = None  # the last time
    lost_at: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None

    @property
    def line(self) -> str:
        return PREFIX + self.nonce


@dataclass(frozen=True)
class VerificationPlace:
    """Where a method may be used for a record: `where` is an address, or a domain."""

    method: str
    where: str


@dataclass(frozen=True)
class VerificationOutcome:
    """A verification after a check: its state, the next check, and what its person is told ("": nothing)."""

    state: str
    at: datetime | None
    told: str = ""
    lapsed: bool = False


def new_nonce() -> str:
    return secrets.token_hex(16)


def has_line(lines: Iterable[str], nonce: str) -> bool:
    """Whether one of the first MAX_LINES lines is the one of this nonce, alone on its line.

    >>> has_line(["# ours", " forge-claim=abc "], "abc"), has_line(["x forge-claim=abc"], "abc")
    (True, False)
    """
    token = PREFIX + nonce
    return any(line.strip() == token for _, line in zip(range(MAX_LINES), lines, strict=False))


def gives_rights(state: str, lost_at: datetime | None, now: datetime) -> bool:
    """Whether a verification gives rights: it stands, or was lost less than GRACE ago."""
    return state == VERIFIED or (state == LOST and lost_at is not None and now - lost_at < GRACE)


def outcome_of_check(verification: Verification, outcome: str, *, now: datetime) -> VerificationOutcome:
    """The state of a verification after a check with this outcome."""
    if outcome == FOUND:
        waited = verification.asked_at is None or now - verification.asked_at > FIRST_ANSWER_WAITED
        return VerificationOutcome(
            VERIFIED, now + AGAIN_AFTER, VERIFIED if verification.state != VERIFIED and waited else ""
        )
    if verification.state == VERIFIED:
        silent = outcome == AWAY and now - (verification.seen_at or now) < AGAIN_AFTER + SILENT_FOR
        return (
            VerificationOutcome(VERIFIED, now + LONGEST_PAUSE)
            if silent
            else VerificationOutcome(LOST, now + LONGEST_PAUSE, LOST)
        )
    if verification.state == LOST:
        if verification.lost_at is not None and now - verification.lost_at < GRACE:
            return VerificationOutcome(LOST, now + LONGEST_PAUSE)
        return VerificationOutcome(LOST, None, "lapsed", lapsed=True)
    sought = now - (verification.asked_at or now)
    if sought >= SOUGHT_FOR:
        return VerificationOutcome(OPEN, None, "not-found")
    return VerificationOutcome(OPEN, now + min(max(sought, FIRST_PAUSE), LONGEST_PAUSE))
