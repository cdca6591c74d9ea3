"""Another catalogue (peer): its states, what may be decided about it, and why a visit of it is refused. Pure.

A person decides whether it is followed; nothing of a peer is read into this catalogue before. Whatever was decided, a
withdrawal is always taken over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

NEW, FOLLOWING, PAUSED = "new", "following", "paused"
REFUSED = "refused"  # follows of the last visit; no person decides it
STATES = (NEW, FOLLOWING, PAUSED, REFUSED)
VISITED_STATES = frozenset(
    {FOLLOWING, PAUSED}
)  # a paused peer is visited too: what it withdraws is withdrawn here as well

UNREACHABLE, MALFORMED, TAMPERED, EXPIRED = "unreachable", "malformed", "tampered", "expired"
ROLLED_BACK, OVERSIZED = "rolled-back", "oversized"
WRONG_KEY, WRONG_INSTANCE = "wrong-key", "wrong-instance"
TOO_SLOW, BROKEN_OFF, OUT_OF_ORDER, ABSENT = "too-slow", "broken-off", "out-of-order", "absent"
NOT_ALLOWED, ELSEWHERE, NO_EXCHANGE, NO_CATALOGUE = "not-allowed", "elsewhere", "no-exchange", "no-catalogue"
WRONG_CLOCK, UNKNOWN_KEY, DISK = "wrong-clock", "unknown-key", "disk"
# Nobody is to blame for these for a day: the host, the network or our own disk is out of order.
PASSING = frozenset({UNREACHABLE, TOO_SLOW, BROKEN_OFF, OUT_OF_ORDER, ABSENT, DISK})
# Old news that somebody may be holding back: nothing is wrong with what was read before, but nothing new arrives.
PAUSING = frozenset({EXPIRED, ROLLED_BACK, WRONG_CLOCK})


KEYS_WAIT = timedelta(days=1)  # after a change of its keys, in which a person may pause it
ERASED_WITHIN = timedelta(days=7)  # what a home withdraws; catalogues promise it each other
HOST_CHARACTERS = 75  # that pages show

ALREADY_KNOWN = "It is in the list of other catalogues already."
OURSELVES = "This is the catalogue that you are in."
NOT_THERE = "Its card states an address at which another catalogue is read, or none. Ask its operator."
NOTHING_ASKED = "Nothing was asked about this catalogue"
NOTHING_CHANGED = "This changes nothing"

# What people are told of each refusal, and what to do; its subject, such as a file, is shown after it.
REFUSAL_SENTENCES: Mapping[str, str] = {
    UNREACHABLE: "Its host cannot be reached. It is tried again by itself.",
    TOO_SLOW: "Its host takes longer than we wait. It is tried again by itself.",
    BROKEN_OFF: "The connection broke off in the middle of a file. It is tried again by itself.",
    OUT_OF_ORDER: "Its host says that it is out of order. It is tried again by itself.",
    ABSENT: "There is no such file at its address. Ask its operator whether it moved.",
    NOT_ALLOWED: "This address may not be contacted, or is no file of a folder.",
    ELSEWHERE: "Its address sends us to another one. Ask its operator for the new address.",
    NO_EXCHANGE: "A web page came in the place of a file: the login page of a network, or another site. Open its"
    " address in a browser.",
    NO_CATALOGUE: "What stands there is signed, but not by a catalogue.",
    MALFORMED: "What it sent cannot be read as files of an exchange.",
    TAMPERED: "A file is not the one that was signed: something changed it on its way.",
    EXPIRED: "Its signatures have expired. Somebody may be holding back newer ones. Ask its operator whether its"
    " catalogue still runs.",
    WRONG_CLOCK: "Its signatures have expired by our clock, but not by its own. Check the clock of our server.",
    ROLLED_BACK: "It showed an older state than the one that was read before. Ask its operator whether it was restored"
    " from a backup.",
    OVERSIZED: "A file is larger, or nested deeper, than what is read here.",
    WRONG_KEY: "It is signed with a key that does not follow the one that people compared. Call its operator before"
    " anything else.",
    UNKNOWN_KEY: "It is signed with a kind of key that is not read here.",
    WRONG_INSTANCE: "Another catalogue answers here, or records came that are not its own.",
    DISK: "What it sent could not be written to the disk of our server.",
}

# What people are told of a visit that was not refused; the subject of each is shown after it.
SKIPPED, FILE_REFUSED, CARD_REFUSED = "skipped", "file-refused", "card-refused"
CLOCKS, VANISHED, RETURNED = "clocks", "vanished", "returned"
KEYS_CHANGED = "keys-changed"
NOTE_SENTENCES: Mapping[str, str] = {
    SKIPPED: "A record breaks a rule of the exchange and was left out.",
    FILE_REFUSED: "A file was refused. It is fetched again at the next visit.",
    CARD_REFUSED: "Its card was refused; the one from before stays.",
    KEYS_CHANGED: "Its keys changed. For a day nothing but its withdrawals is taken over. Ask somebody there whom you"
    " know; pause it if they did not do it.",
    CLOCKS: "Its clock and ours differ by days. While they do, it is not noticed when somebody holds back news.",
    VANISHED: "More than a fifth of its records of this kind disappeared without being withdrawn. They stay here until"
    " somebody decides.",
    RETURNED: "Records came back that it had withdrawn, without saying that it publishes them again. They stay away"
    " until somebody decides.",
}
NOTES_SHOWN = 20  # of one visit

SENTENCES = (
    *REFUSAL_SENTENCES.values(),
    *NOTE_SENTENCES.values(),
    ALREADY_KNOWN,
    OURSELVES,
    NOT_THERE,
    NOTHING_ASKED,
    NOTHING_CHANGED,
)


@dataclass(frozen=True)
class Refusal:
    """How a visit ended that took nothing over: `subject` is the file, or what the card lacks; "" where it is
    neither."""

    code: str  # of REFUSAL_SENTENCES
    subject: str
    at: datetime


@dataclass(frozen=True)
class Note:
    """What a visit noticed and did not refuse: `subject` is a file, a record, a kind or a number."""

    code: str  # of NOTE_SENTENCES
    subject: str


@dataclass(frozen=True)
class Peer:
    """Another catalogue, as it was last read and decided on.

    `state` is what a person decided, of STATES but REFUSED. `taken` is the sequence up to which its records were taken
    over; None: the next visit takes over all.
    """

    id: UUID
    slug: str
    address: str | None
    folder: str | None
    instance_id: UUID
    card: Mapping[str, Any]
    fingerprint: str
    state: str
    sequence: int
    taken: int | None
    expires_at: datetime
    etag: str | None
    added_at: datetime
    visited_at: datetime | None
    last_good_at: datetime
    failures: int
    refusal: Refusal | None
    keys_changed_at: datetime | None = None  # when a root was read that names other keys than the one before
    root: str | None = None  # its newest root.json, which the next visit must follow
    online_key: str = ""
    addresses: tuple[str, ...] = ()  # where its root says that it is read
    asks: Mapping[str, int] = field(default_factory=dict)  # kind, or RETURNED -> records about which a person is asked
    allowed: tuple[str, ...] = ()  # of these a person decided that they may go, or come back
    notes: tuple[Note, ...] = ()  # of the last visit

    def waits_until(self, now: datetime) -> datetime | None:
        """Until when nothing but withdrawals is taken over, since its keys changed; None where nothing waits."""
        until = self.keys_changed_at + KEYS_WAIT if self.keys_changed_at else now
        return until if now < until else None

    @property
    def host(self) -> str:
        """The host of the catalogue's own address, by which its facts are marked; its slug where it states none."""
        address = self.card.get("address")
        try:
            hostname = urlsplit(address).hostname if isinstance(address, str) else None
        except ValueError:
            hostname = None
        return (hostname or self.slug)[:HOST_CHARACTERS]

    def at(self, path: str) -> str | None:
        """The address of a page there, whose path a record states; None where its card states no address. The path is
        appended to the address and not resolved against it: "https://…" and "javascript:…" would lead elsewhere."""
        address = self.card.get("address")
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            return None
        return f"{address.rstrip('/')}/{path.lstrip('/')}"

    @property
    def origin(self) -> str:
        """The origin of facts that come from this peer: the instance that its root names, since any card may state any
        address and any name."""
        return f"peer:{self.instance_id}"

    @property
    def names(self) -> Mapping[str, str]:
        """Its names, by language; none where its card states none."""
        names_by_tag = self.card.get("name")
        return (
            {str(tag): str(text)[:200] for tag, text in names_by_tag.items() if text}
            if isinstance(names_by_tag, Mapping)
            else {}
        )

    @property
    def name(self) -> str:
        """Its name in English, else in its first language; its slug where it states none."""
        return self.name_in("en")

    def name_in(self, language: str) -> str:
        """Its name in a language, else in English, else in the first one it gives; its slug without any."""
        names = self.names
        return next((names[tag] for tag in (language, "en", *sorted(names)) if tag in names), self.slug)

    def shown_state(self, now: datetime) -> str:
        """The state as people see it: what the last visit ended with, or that its entry has expired since."""
        if self.state != FOLLOWING:
            return self.state
        if self.refusal and self.refusal.code not in PAUSING | PASSING:
            return REFUSED
        if (self.refusal and self.refusal.code in PAUSING) or self.expires_at <= now:
            return PAUSED
        return FOLLOWING
