"""What a moderator may decide, with which reasons, and how the public log is chained. Pure functions.

A line's digest covers the digest of the line before, what is not text, and the digest of its text. So the text can be
taken out where the law demands it, and every line can still be checked; its salt is taken out with it, since a short
text could be guessed from a bare digest.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.rules.submission import ADOPT, CALL, CLAIM, CORRECT, EXPERIENCE, HELP, REGISTER, WITHDRAW

LOOKED_AT, ACCEPT, SERVE, CLOSE, HIDE, SHOW = "looked-at", "accept", "serve", "close", "hide", "show"
PUBLISH, EDIT, ASK, REFUSE, TAKE_AWAY = "publish", "publish-edited", "ask", "refuse", "take-away"
JOIN, UNJOIN, APART = "join", "unjoin", "apart"
UNDO, REOPEN, BLANK = "undo", "reopen", "blank"
PEER_FOLLOW, PEER_PAUSE, PEER_LEAVE = "peer-follow", "peer-pause", "peer-leave"
PEER_KEY = "peer-key"
ERASE = "erase"  # objects are removed from our copy of the code, for ever
ROLE_END = "role-end"  # a person loses their role here
# What moderators do to curated records and lists themselves, so that nobody has to edit the document.
EDIT_RECORD, ADD, REMOVE, LOCK, UNLOCK = "edit", "add", "remove", "lock", "unlock"

CHOICES = (LOOKED_AT, ACCEPT, SERVE, CLOSE, HIDE, SHOW, LOCK, UNLOCK)  # about a finding, or a record without one
PAIRINGS = (JOIN, APART)  # of two records
WITHHELD = "deletions-withheld"  # the finding that most records of an origin vanished; ACCEPT deletes them here too
PEERINGS = (PEER_FOLLOW, PEER_PAUSE, PEER_LEAVE)  # of another catalogue
CURATING = (EDIT_RECORD, ADD, REMOVE)
PEER_NEWS = (PEER_KEY,)  # what another catalogue states of itself, signed with a key that is trusted here
KINDS = (
    *(*CHOICES, PUBLISH, EDIT, REFUSE, TAKE_AWAY, *PAIRINGS, UNJOIN),
    *(UNDO, REOPEN, BLANK),
    *PEERINGS,
    *PEER_NEWS,
    ERASE,
    ROLE_END,
    *CURATING,
)
TAKING_BACK = (UNDO, REOPEN, UNJOIN)  # the line that they concern no longer holds
ABOUT_LINES = (UNDO, REOPEN, BLANK)  # about a line of the log, not about what it decided
UNDOABLE = (*CHOICES, PUBLISH, EDIT, REFUSE, TAKE_AWAY, *PAIRINGS, *CURATING)
OPERATOR = "operator"  # an operator at the command line; the other roles are those of people
BY_RULE = "itself"  # nobody: a rule decided when its time came
# What is decided about, beside projects and organizations. A submission is a declaration here, as in its address.
DECLARATION, PEER = "declaration", "peer"
CATALOG = "catalog"  # this catalogue itself: no line of the log is about a person
COLLECTION = "collection"  # a curated list

# Each reason, and what it may be given for.
REASONS: Mapping[str, tuple[str, ...]] = {
    "fits": (PUBLISH, EDIT, ADD, PEER_FOLLOW),
    "outdated": (EDIT_RECORD, REMOVE),
    "protected": (LOCK,),
    "as-it-should-be": (LOOKED_AT, ACCEPT),
    "read": (LOOKED_AT, SERVE, CLOSE),
    "stated-elsewhere": (LOOKED_AT, SERVE),
    "not-free": (CLOSE, REFUSE, TAKE_AWAY),
    "no-license": (CLOSE, REFUSE),
    "not-for-here": (REFUSE, TAKE_AWAY),
    "here-already": (REFUSE,),
    "not-checkable": (REFUSE, TAKE_AWAY),
    "not-theirs": (REFUSE, TAKE_AWAY),
    "advertising": (REFUSE, TAKE_AWAY),
    "no-answer": (REFUSE,),
    "asked": (ACCEPT, CLOSE, HIDE, SHOW, ERASE),
    "harm": (HIDE, REFUSE, TAKE_AWAY, ERASE),
    "law": (CLOSE, HIDE, REFUSE, TAKE_AWAY, BLANK, ERASE),
    "court": (CLOSE, HIDE, TAKE_AWAY, ERASE),
    "same": (JOIN,),
    "different": (APART, UNJOIN),
    "unsure": (PEER_PAUSE,),
    "signed": PEER_NEWS,
    "over": (SHOW, UNLOCK, UNDO, PEER_LEAVE),
    "mistake": (HIDE, TAKE_AWAY, SHOW, UNDO, REOPEN),
    "new-facts": (LOOKED_AT, SHOW, UNDO, REOPEN),
    "other": tuple(kind for kind in KINDS if kind not in (BLANK, *PEER_NEWS)),
}
# The kinds of submissions that a reason fits, where it does not fit all of them.
REASONS_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "not-free": (REGISTER,),
    "no-license": (REGISTER,),
    "here-already": (REGISTER, ADOPT, CORRECT, CALL, EXPERIENCE, HELP),
    "not-theirs": (ADOPT, CORRECT, EXPERIENCE, HELP, CLAIM, WITHDRAW),
}
USUAL_REASONS: Mapping[str, str] = {  # where nobody chose a reason
    PUBLISH: "fits",
    EDIT: "fits",
    ACCEPT: "as-it-should-be",
    JOIN: "same",
    APART: "different",
    PEER_FOLLOW: "fits",
    PEER_PAUSE: "unsure",
    PEER_LEAVE: "over",
    EDIT_RECORD: "outdated",
    ADD: "fits",
    REMOVE: "outdated",
    LOCK: "protected",
    UNLOCK: "over",
}
WORDS_NEEDED = (
    SERVE,
    CLOSE,
    HIDE,
    ASK,
    TAKE_AWAY,
    REOPEN,
    ERASE,
)  # and where no reason of the list is given
MAX_WORDS = 1000  # characters
UNDO_WITHIN = timedelta(hours=24)
ANSWER_WITHIN = timedelta(days=7)  # what is promised to people who send something
ANSWER_SHARE_PERIOD = timedelta(days=90)  # the period for which it is shown whether that was kept
ANSWER_SHARE_FROM = 5  # of fewer answers no share is shown
FIRST_PREVIOUS = "0" * 64  # the `previous` of the first line


@dataclass(frozen=True)
class DecisionState:
    """What possible decisions depend on: whether a project's files were read, what they show, what was decided
    before, whether the record is hidden or locked."""

    read: bool
    free: bool | None
    decided: bool | None
    hidden: bool
    locked: bool = False


@dataclass(frozen=True)
class GivenDecision:
    """How a decision was given: its reason, its words and in which role. Who gave it is stored beside the log's line
    and shown on no page; None: nobody, or who uses the command line."""

    reason: str
    words: str
    role: str
    person_id: UUID | None = None


@dataclass(frozen=True)
class Decision:
    """A line of the public log. `slug`, `name` and `words` are its text, as they were then: None once taken out.

    Of a submission that is no record, `slug` is its reference and `name` is empty: nothing that a stranger typed.
    `about` is the kind of finding or submission that was decided on, `concerns` the line that is undone, or whose text
    was taken out; `undone_by` the line that took this one back.
    """

    number: int
    at: datetime
    kind: str
    subject_kind: str
    subject_id: UUID
    slug: str | None
    name: str | None
    about: str | None
    reason: str
    words: str | None
    role: str
    concerns: int | None
    salt: str | None
    text_digest: str
    previous: str
    digest: str
    undone_by: int | None = None

    @property
    def blanked(self) -> bool:
        return self.salt is None


def possible_decisions(state: DecisionState, finding: str | None) -> tuple[str, ...]:
    """The decisions that are possible now, in the order of CHOICES; `finding`: the kind of the one to close.

    A person decides whether source is served where the files leave it unsure, or where a person decided it before.
    """
    if state.hidden:
        return () if finding else (SHOW,)
    is_free = state.free if state.decided is None else state.decided
    possible = {
        LOOKED_AT: finding is not None,
        ACCEPT: finding == WITHHELD,
        SERVE: state.read and is_free is not True and state.free is not False,
        CLOSE: state.read and state.decided is not False and (state.free is None or state.decided is True),
        HIDE: True,
        LOCK: finding is None and not state.locked,
        UNLOCK: finding is None and state.locked,
    }
    return tuple(choice for choice in CHOICES if possible.get(choice))


def reasons_for(chosen: Iterable[str], submission: str = "") -> tuple[str, ...]:
    """The reasons that fit at least one of these, in their order; about a `submission`, those that fit its kind."""
    kinds = set(chosen)
    return tuple(
        reason
        for reason, fit in REASONS.items()
        if kinds & set(fit) and (not submission or submission in REASONS_OF_KINDS.get(reason, (submission,)))
    )


def serving_basis(record: Mapping[str, Any] | None) -> str:
    """What a decision about serving is based on: a digest of the names and ids of the license files that were read.

    Other files may change, and a newer reader may see more in the same ones: the decision stands until these change.
    """
    listed = [] if record is None else [*record.get("license_files", ()), *record.get("unidentified_license_files", ())]
    files = sorted({(str(license_file.get("file")), str(license_file.get("oid"))) for license_file in listed})
    return _digest_of_json(files)


def text_digest(salt: str, slug: str, name: str, words: str) -> str:
    """As `line_digest`, of the list of these four. The chain covers this digest and not the text, so that a court can
    have the text taken out; the salt keeps the text from being guessed then."""
    return _digest_of_json([salt, slug, name, words])


def line_digest(
    *,
    previous: str,
    number: int,
    at: datetime,
    kind: str,
    subject_kind: str,
    subject_id: UUID,
    about: str | None,
    reason: str,
    role: str,
    concerns: int | None,
    text_digest: str,
) -> str:
    """SHA-256, in hexadecimal, of the JSON list of all of these in this order, in UTF-8 and without spaces.

    The time is UTC to the second, as in "2026-11-24T12:30:00Z".
    """
    instant = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    subject = [subject_kind, str(subject_id)]
    return _digest_of_json([previous, number, instant, kind, *subject, about, reason, role, concerns, text_digest])


def log_faults(lines: Iterable[Decision], head: tuple[int, str] | None) -> Iterator[str]:
    """A sentence for each line that is missing or was changed. `lines` in their order; `head`: the last one written."""
    before: Decision | None = None
    without_text, explained = set[int](), set[int]()
    expected = 1
    for line in lines:
        if line.number != expected:
            yield _sentence_of_gap(expected, line.number - 1)
        elif line.previous != (before.digest if before else FIRST_PREVIOUS):
            yield f"Line {line.number} does not follow the one before it: one of the two was changed."
        if line.digest != _digest_of_line(line):
            yield f"Line {line.number} was changed."
        if line.blanked:
            without_text.add(line.number)
        elif line.text_digest != text_digest(line.salt or "", line.slug or "", line.name or "", line.words or ""):
            yield f"The text of line {line.number} was changed."
        if line.kind == BLANK and line.concerns is not None:
            explained.add(line.concerns)
        before, expected = line, line.number + 1
    if head and head[0] >= expected:
        yield _sentence_of_gap(expected, head[0])
    elif before and head != (before.number, before.digest):
        yield f"Line {before.number} is not the one that was written last."
    for number in sorted(without_text - explained):
        yield f"The text of line {number} was taken out, and no line says so."


def _sentence_of_gap(first: int, last: int) -> str:
    return f"Line {first} is missing." if first == last else f"Lines {first} to {last} are missing."


def _digest_of_line(line: Decision) -> str:
    return line_digest(
        previous=line.previous,
        number=line.number,
        at=line.at,
        kind=line.kind,
        subject_kind=line.subject_kind,
        subject_id=line.subject_id,
        about=line.about,
        reason=line.reason,
        role=line.role,
        concerns=line.concerns,
        text_digest=line.text_digest,
    )


def _digest_of_json(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
