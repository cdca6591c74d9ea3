"""What moderators do: decide on a finding or a project, and take it back within a day. Each is one transaction.

What is decided, the record that changes, the line of the public log and the change counter are kept together or not at
all. It words no page; sentences for fields are msgids.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog import rights
from catalog.decisions import (
    BLANK,
    CLOSE,
    HIDE,
    MAX_WORDS,
    OPERATOR,
    REASONS,
    SERVE,
    SHOW,
    UNDO,
    UNDO_WITHIN,
    WORDS_NEEDED,
    Decision,
    State,
    basis,
    choices,
)
from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.people import Person
from catalog.store import Store, blocks, decisions, findings
from catalog.store.database import next_change, reading, writing
from catalog.store.decisions import Subject

CONFLICT = "conflict"  # what NotAllowed says of one's own matters
UNSURE = "license-unsure"  # the finding that asks whether source may be served

NO_CHOICE = "Choose what you decide"
NOT_NOW = "This cannot be decided now. Something changed meanwhile: look again"
NO_REASON = "Choose a reason"
OTHER_REASON = "Choose a reason that fits what you decide"
NO_WORDS = "Write the reason in your words: everybody can read it"
TOO_LONG = "Use 1,000 characters or fewer"
AN_ADDRESS = "Leave out the e-mail address: everybody can read this"
TOO_LATE = "It was decided more than 24 hours ago. Decide anew"
NOT_LAST = "Something else was decided about it since. Take that back first"
SENTENCES = (
    *(NO_CHOICE, NOT_NOW, NO_REASON, OTHER_REASON, NO_WORDS, TOO_LONG, AN_ADDRESS),
    *(TOO_LATE, NOT_LAST),
)

_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


@dataclass(frozen=True)
class Wish:
    """What somebody wants to decide, as typed. `seen`: the `basis` of what they looked at."""

    choice: str
    reason: str
    words: str
    seen: str


def problems(wish: Wish, possible: tuple[str, ...]) -> dict[str, str]:
    """What is wrong with a wish, a msgid by field: choice, reason, words."""
    found = {}
    if not wish.choice:
        found["choice"] = NO_CHOICE
    elif wish.choice not in possible:
        found["choice"] = NOT_NOW
    return found | _reason_problems(wish.choice, wish.reason, wish.words)


def conflict(store: Store, person: Person, about: Subject) -> bool:
    """Whether it is their own matter: a project they keep, or one of an organization that they speak for."""
    if not (person.keeps or person.speaks_for):
        return False
    with reading(store.engine) as connection:
        return _conflict(connection, person, about)


def decide(store: Store, person: Person, slug: str, wish: Wish, *, finding: int | None = None, now: datetime) -> int:
    """Decide on a project, or on a finding about it; the number of the line in the log.

    Raises NotFound; NotAllowed for whoever may not, or for their own matters (CONFLICT); Invalid as `problems` says;
    AlreadyExists("decision", "") when the finding was decided on meanwhile, or closed by itself.
    """
    rights.demand(person, "desk-matter-decide" if finding else "desk-project-decide")
    return _decide(store, person, slug, wish, finding, now)


def decide_here(store: Store, slug: str, choice: str, reason: str, words: str, *, now: datetime) -> int:
    """Decide as whoever has the command line: `choice` is SHOW, or HIDE, which gives what is hidden another reason.

    Raises NotFound, Moved, Invalid.
    """
    return _decide(store, None, slug, Wish(choice, reason, words, ""), None, now)


def undo(store: Store, person: Person, number: int, reason: str, words: str, *, now: datetime) -> int:
    """Take a decision back within a day: all is as it was before; the number of the line that says so.

    Raises NotFound; NotAllowed as `decide`; Invalid for fields, or for "choice" where it cannot be taken back any more;
    AlreadyExists("decision", number) when somebody took it back before.
    """
    rights.demand(person, "desk-undo-decide")
    with writing(store.engine) as connection:
        about = decisions.subject(connection, key=decisions.written(connection, number).line.subject_id)
        decisions.hold(connection, about.id)
        if _conflict(connection, person, about):
            raise NotAllowed(CONFLICT)
        change = next_change(connection)
        about = decisions.subject(connection, key=about.id)
        undone = decisions.written(connection, number)
        if undone.line.undone_by is not None:
            raise AlreadyExists("decision", str(undone.line.undone_by))
        wrong = _reason_problems(UNDO, reason, words)
        if why := why_not(undone.line, decisions.latest(connection, about.id), now):
            wrong = {"choice": why} | wrong
        if wrong:
            raise Invalid(wrong)
        _put_back(connection, undone, about)
        decisions.touch(connection, about.id, change)
        return decisions.append(
            connection,
            UNDO,
            about,
            finding=undone.line.about,
            reason=reason,
            words=words,
            role=rights.level(person),
            person_id=person.id,
            concerns=number,
            before={},
            now=now,
        )


def blank(store: Store, number: int, *, now: datetime) -> int:
    """Take the text of a line out of the log, since the law asks for it; the number of the line that says so.

    Raises NotFound; AlreadyExists("decision", number) when it has no text any more.
    """
    with writing(store.engine) as connection:
        change = next_change(connection)
        line = decisions.written(connection, number).line
        if line.blanked:
            raise AlreadyExists("decision", str(number))
        nameless = Subject(line.subject_id, "", "", State(False, None, None, False), None, None)
        decisions.take_out(connection, number)
        decisions.touch(connection, line.subject_id, change)
        return decisions.append(
            connection,
            BLANK,
            nameless,
            reason="law",
            words="",
            role=OPERATOR,
            person_id=None,
            concerns=number,
            before={},
            now=now,
        )


def why_not(line: Decision, latest: int | None, now: datetime) -> str:
    """Why a decision cannot be taken back, as a msgid; "" when it can. `latest` of its project."""
    if now - line.at > UNDO_WITHIN:
        return TOO_LATE
    return "" if line.number == latest else NOT_LAST


def _decide(store: Store, person: Person | None, slug: str, wish: Wish, finding: int | None, now: datetime) -> int:
    with writing(store.engine) as connection:
        key = decisions.subject(connection, slug=slug).id
        decisions.hold(connection, key)
        change = next_change(connection)  # from here on nobody else decides or ends a visit of this project
        about = decisions.subject(connection, key=key)
        if person is not None and _conflict(connection, person, about):
            raise NotAllowed(CONFLICT)
        matter = findings.matter(connection, finding) if finding else None
        if matter and matter.project_id != key:
            raise NotFound("finding", str(finding))
        if matter and (matter.done_at is not None or about.state.hidden):
            raise AlreadyExists("decision", "")
        possible = choices(about.state, matter is not None)
        wrong = problems(wish, possible if person else (*possible, HIDE))
        if wish.choice in (SERVE, CLOSE) and wish.seen != basis(about.observation):
            wrong["choice"] = NOT_NOW
        if wrong:
            raise Invalid(wrong)
        if matter and wish.choice != HIDE:  # of what is hidden nothing waits; it does again when it is shown
            findings.close(connection, matter.number, now=now)
        before = _act(connection, wish, about, now)
        decisions.touch(connection, key, change)
        return decisions.append(
            connection,
            wish.choice,
            about,
            finding=matter.kind if matter else None,
            finding_id=matter.number if matter else None,
            reason=wish.reason,
            words=wish.words,
            role=rights.level(person) if person else OPERATOR,
            person_id=person.id if person else None,
            before=before,
            now=now,
        )


def _act(connection: Any, wish: Wish, about: Subject, now: datetime) -> dict[str, Any]:
    """What a decision changes; what stood before, for an undo."""
    if wish.choice in (SERVE, CLOSE):
        decisions.serve(connection, about.id, wish.choice == SERVE)
        asked = findings.settle(connection, about.id, UNSURE, wish.seen, now=now)
        return {"decided": about.state.decided, "basis": wish.seen, "asked": asked}
    if wish.choice == HIDE:
        blocks.put(connection, about.id, about.slug, wish.words, now=now)
    elif wish.choice == SHOW:
        blocks.lift(connection, about.id)
    return {"reason": about.block[0], "at": about.block[1].isoformat()} if about.block else {}


def _put_back(connection: Any, undone: decisions.Written, about: Subject) -> None:
    """What an undo changes. What the license files or a later command made otherwise meanwhile is left alone."""
    kind, before = undone.line.kind, undone.before
    if kind in (SERVE, CLOSE) and before["basis"] == basis(about.observation):
        decisions.serve(connection, about.id, before["decided"])
        if before["asked"]:
            findings.reopen(connection, before["asked"])
    elif kind == HIDE and not before:
        blocks.lift(connection, about.id)
    elif kind in (HIDE, SHOW):
        blocks.put(connection, about.id, about.slug, before["reason"], now=datetime.fromisoformat(before["at"]))
    if undone.finding_id is not None:
        findings.reopen(connection, undone.finding_id)


def _conflict(connection: Any, person: Person, about: Subject) -> bool:
    return about.id in person.keeps or bool(decisions.keepers(connection, about.id) & set(person.speaks_for))


def _reason_problems(choice: str, reason: str, words: str) -> dict[str, str]:
    found = {}
    if not reason:
        found["reason"] = NO_REASON
    elif reason not in REASONS or (choice and choice not in REASONS[reason]):
        found["reason"] = OTHER_REASON
    if not words and (choice in WORDS_NEEDED or reason == "other"):
        found["words"] = NO_WORDS
    elif len(words) > MAX_WORDS:
        found["words"] = TOO_LONG
    elif _EMAIL.search(words):
        found["words"] = AN_ADDRESS
    return found
