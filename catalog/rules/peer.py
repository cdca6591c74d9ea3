"""Another catalogue (peer): its states, what may be decided about it, and why a visit of it is refused. Pure.

A person decides for each kind of record; nothing of a peer is read into this catalogue before. Whatever was decided, a
withdrawal is always taken over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

KINDS = ("project", "organization", "adoption", "experience", "call", "join")

NONE, FOLLOW, TRUST, CO_EDIT, PAUSE, BLOCK = "none", "follow", "trust", "co-edit", "pause", "block"
CHOICES = (NONE, FOLLOW, TRUST, CO_EDIT, PAUSE, BLOCK)
TAKEN_DECISIONS = frozenset({FOLLOW, TRUST, CO_EDIT})  # for kinds so decided, a visit takes records over

NEW, FOLLOWING, PAUSED, BLOCKED = "new", "following", "paused", "blocked"
REFUSED = "refused"  # follows of the last visit; no person decides it
STATES = (NEW, FOLLOWING, PAUSED, BLOCKED, REFUSED)
VISITED_STATES = frozenset(
    {FOLLOWING, PAUSED}
)  # a paused peer is visited too: what it withdraws is withdrawn here as well

UNREACHABLE, MALFORMED, TAMPERED, EXPIRED = "unreachable", "malformed", "tampered", "expired"
ROLLED_BACK, REPLAYED, OVERSIZED = "rolled-back", "replayed", "oversized"
WRONG_KEY, WRONG_INSTANCE, INCOMPLETE_CARD = "wrong-key", "wrong-instance", "incomplete-card"
REFUSALS = (
    *(UNREACHABLE, MALFORMED, TAMPERED, EXPIRED, ROLLED_BACK, REPLAYED, OVERSIZED),
    *(WRONG_KEY, WRONG_INSTANCE, INCOMPLETE_CARD),
)
# Old news that somebody may be holding back: nothing is wrong with what was read before, but nothing new arrives.
PAUSING = frozenset({EXPIRED, ROLLED_BACK, REPLAYED})


HOST_CHARACTERS = 75  # of an origin, "peer:" and what follows

NOTHING_CHANGED = "Nothing of this is another decision than before"
NO_KIND = "Choose at least one kind of record that is read"
NO_SUCH_KIND = "There is no such kind of record, or no such decision"
LATER_DECISION = "Something else was decided of it since. Take that back first"

# What people are told of each refusal; its subject is shown after it.
REFUSAL_SENTENCES: Mapping[str, str] = {
    UNREACHABLE: "It did not answer, or had no such file.",
    MALFORMED: "What it sent cannot be read as files of an exchange.",
    TAMPERED: "A file is not the one that was signed: something changed it on its way.",
    EXPIRED: "Its signed list is older than it says it may be. Somebody may be holding back a newer one.",
    ROLLED_BACK: "It showed an older state than the one that was read before.",
    REPLAYED: "It showed an older list of the same state again.",
    OVERSIZED: "A file is larger, or nested deeper, than what is read here.",
    WRONG_KEY: "It is signed with a key that does not follow the one that people compared.",
    WRONG_INSTANCE: "Another catalogue answers here, or records came that are not its own.",
    INCOMPLETE_CARD: "Its card no longer says by which rules it works.",
}
SENTENCES = (*REFUSAL_SENTENCES.values(), NOTHING_CHANGED, NO_KIND, NO_SUCH_KIND, LATER_DECISION)


@dataclass(frozen=True)
class Refusal:
    """How a visit ended that took nothing over: `subject` is the file, or what the card lacks; "" where it is
    neither."""

    code: str  # of REFUSALS
    subject: str
    at: datetime


@dataclass(frozen=True)
class Peer:
    """Another catalogue, as it was last read and decided on.

    `state` is what a person decided, of STATES but REFUSED. `taken` is the sequence up to which its records were taken
    over; None: the next visit takes over all. `preview`: `counts` and `known` by kind, `examples` (kind, name, page),
    as they were when a person last saw them.
    """

    id: UUID
    slug: str
    address: str | None
    folder: str | None
    instance_id: UUID
    card: Mapping[str, Any]
    public_key: str
    fingerprint: str
    state: str
    decisions: Mapping[str, str]
    sequence: int
    taken: int | None
    entry_at: datetime
    expires_at: datetime
    etag: str | None
    preview: Mapping[str, Any] | None
    kept_at: datetime | None
    added_at: datetime
    visited_at: datetime | None
    last_good_at: datetime
    failures: int
    refusal: Refusal | None

    @property
    def host(self) -> str:
        """The host of the catalogue's own address, by which its facts are marked; its slug where it states none."""
        stated = self.card.get("address")
        try:
            hostname = urlsplit(stated).hostname if isinstance(stated, str) else None
        except ValueError:
            hostname = None
        return (hostname or self.slug)[:HOST_CHARACTERS]

    def at(self, path: str) -> str | None:
        """The address of a page there, whose path a record states; None where its card states no address. The path is
        appended to the address and not resolved against it: "https://…" and "javascript:…" would lead elsewhere."""
        stated = self.card.get("address")
        if not isinstance(stated, str) or not stated.startswith(("https://", "http://")):
            return None
        return f"{stated.rstrip('/')}/{path.lstrip('/')}"

    @property
    def origin(self) -> str:
        """The origin of facts that come from this peer."""
        return f"peer:{self.host}"

    @property
    def names(self) -> Mapping[str, str]:
        """Its names, by language; none where its card states none."""
        given = self.card.get("name")
        return {str(tag): str(text)[:200] for tag, text in given.items() if text} if isinstance(given, Mapping) else {}

    @property
    def name(self) -> str:
        """Its name in English, else in its first language; its slug where it states none."""
        return self.name_in("en")

    def name_in(self, language: str) -> str:
        """Its name in a language, else in English, else in the first one it gives; its slug without any."""
        names = self.names
        return next((names[tag] for tag in (language, "en", *sorted(names)) if tag in names), self.slug)

    def decision(self, kind: str) -> str:
        """The decision about a kind of record."""
        return self.decisions.get(kind, NONE)

    @property
    def wanted(self) -> frozenset[str]:
        """The kinds of record that a visit takes over."""
        if self.state != FOLLOWING:
            return frozenset()
        return frozenset(kind for kind in KINDS if self.decision(kind) in TAKEN_DECISIONS)

    def shown_state(self, now: datetime) -> str:
        """The state as people see it: what the last visit ended with, or that its entry has expired since."""
        if self.state != FOLLOWING:
            return self.state
        if self.refusal and self.refusal.code not in (*PAUSING, UNREACHABLE):
            return REFUSED
        if (self.refusal and self.refusal.code in PAUSING) or self.expires_at <= now:
            return PAUSED
        return FOLLOWING
