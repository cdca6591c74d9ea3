"""Answers to what people submitted: published, with corrections or without, asked about, not accepted, looked at, taken
away. Each is one transaction with its line in the public log, and a message to whoever sent it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog import submissions
from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import own_declaration
from catalog.moderation.decision_form import NOT_NOW, NOTHING_CORRECTED, Wish, problems, stamp
from catalog.rules import permissions
from catalog.rules.decision import (
    ASK,
    DECLARATION,
    EDIT,
    LOOKED_AT,
    ORGANIZATION,
    PROJECT,
    PUBLISH,
    REFUSE,
    TAKE_AWAY,
)
from catalog.rules.person import Person
from catalog.rules.submission import (
    APPEAL,
    ASKED,
    MODERATOR,
    OPEN_STATES,
    PUBLISHED,
    REFUSED,
    SENT_LIFETIME,
    WAITING,
    Declaration,
)
from catalog.store import Store
from catalog.store.core.engine import ChangeNumber, Connection, reading, writing
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject
from catalog.store.people.accounts import add_link, person_by_id
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.submissions import rows as submission_rows
from catalog.submissions.about import letter

CHANGING = (PUBLISH, EDIT, TAKE_AWAY)  # what changes records
TOLD = "decisions"  # messages to senders are of the kinds "decisions/<what>"


def possible(one: Declaration) -> tuple[str, ...]:
    """What may be answered to a declaration now."""
    if one.kind == APPEAL:
        return ()
    if isinstance(submissions.KINDS[one.kind], submissions.Confidential) and (
        one.state != PUBLISHED or not one.reported_at
    ):
        return ()
    if one.state in OPEN_STATES:
        edit = (EDIT,) if submissions.KINDS[one.kind].editable(one) else ()
        return (PUBLISH, *edit, ASK, REFUSE)
    if one.state == PUBLISHED:
        return (TAKE_AWAY,) if one.looked_at else (LOOKED_AT, TAKE_AWAY)
    return ()


def answer(store: Store, person: Person, key: UUID, wish: Wish, *, now: datetime) -> int | None:
    """Answer a declaration; the number of the line in the log, None for a question, which is its sender's alone.

    Raises NotFound; NotAllowed for whoever may not, or for their own matters; Invalid as `problems` says, and for the
    declaration's fields; AlreadyExists("decision", "") when somebody answered it meanwhile.
    """
    permissions.demand(person, "desk-declaration-decide")
    with writing(store.engine) as connection:
        one = submission_rows.one(connection, key, hold=True)
        if one.project_id is not None:
            moderation_log.hold(connection, one.project_id)
        change = ChangeNumber(connection)
        change()  # from here on nobody else decides
        if why := own_declaration(connection, person, one):
            raise NotAllowed(why)
        can = possible(one)
        if not can or (wish.seen != stamp(one) and wish.choice not in can):
            raise AlreadyExists("decision", "")
        wrong = problems(wish, can)
        if wish.seen != stamp(one):
            wrong["choice"] = NOT_NOW
        if wrong:
            raise Invalid(wrong)
        if wish.choice == ASK:
            submission_rows.asked(connection, key, wish.words, now=now)
            tell(connection, one, "ask", {"words": wish.words}, now=now)
            return None
        before = _ACTS[wish.choice](connection, one, wish, change, now)
        return note(connection, person, submission_rows.one(connection, key), wish, before, now=now)


def remark(store: Store, person: Person, key: UUID, text: str, *, now: datetime) -> None:
    """Something for the other moderators; the same again is there already. Raises NotFound, NotAllowed."""
    permissions.demand(person, "desk-declaration-decide")
    with writing(store.engine) as connection:
        one = submission_rows.one(connection, key, hold=True)
        if why := own_declaration(connection, person, one):
            raise NotAllowed(why)
        if not any(said.private and said.text == text for said in one.remarks):
            submission_rows.say(connection, key, MODERATOR, text, private=True, now=now)


def note(
    connection: Connection,
    person: Person,
    one: Declaration,
    wish: Wish,
    before: Mapping[str, Any],
    *,
    concerns: int | None = None,
    now: datetime,
) -> int:
    """In the caller's transaction, after the change was counted: the line of a decision on a declaration."""
    return moderation_log.append(
        connection,
        wish.choice,
        subject_of(connection, one),
        given_by(person, wish.given, wish.words),
        finding=one.kind,
        declaration_id=one.id,
        concerns=concerns,
        before=before,
        now=now,
    )


def subject_of(connection: Connection, one: Declaration) -> Subject:
    """In the caller's transaction: what the log names for a declaration: of what its kind lets be named the project,
    or the organization where everybody can see it; else the declaration, of which it tells the kind alone."""
    keys = {PROJECT: one.project_id, ORGANIZATION: one.organization_id}
    for kind in submissions.KINDS[one.kind].named(one):
        if (key := keys[kind]) is None:
            continue
        try:
            found = moderation_log.subject(connection, kind, key=key)
        except NotFound:
            continue
        if kind == PROJECT or not found.state.hidden:
            return found
    return Subject(one.id, one.reference, "", moderation_log.NOTHING, kind=DECLARATION)


def tell(connection: Connection, one: Declaration, what: str, said: Mapping[str, str], *, now: datetime) -> None:
    """In the caller's transaction: a message to whoever sent it, with a link that opens its page; without an address
    they see it there."""
    if one.email is None:
        return
    opens = {"declaration": str(one.id)}
    token = add_link(
        connection, submissions.CONFIRM_SUBMISSION, one.email, opens, expires_at=now + SENT_LIFETIME, now=now
    )
    argument = {**_said(connection, one, what), "reason": "", "words": "", **said, "token": token}
    enqueue_message(connection, f"{TOLD}/{what}", one.email, one.language, argument, now=now)


def preview(store: Store, one: Declaration, wish: Wish) -> tuple[str, dict[str, str]] | None:
    """The kind of message that a wish would send, with what it says; None where nobody is written to."""
    what = {PUBLISH: "publish", EDIT: "publish", ASK: "ask", REFUSE: "refuse", TAKE_AWAY: "away"}.get(wish.choice)
    if what is None or one.email is None:
        return None
    reason = "" if what in ("publish", "ask") else wish.given
    with reading(store.engine) as connection:
        about = _said(connection, replace(one, answers=corrected(one, wish.edits)[0]), what)
    return f"{TOLD}/{what}", {**about, "reason": reason, "words": wish.words}


def _said(connection: Connection, one: Declaration, what: str) -> dict[str, str]:
    """What each message to a sender says of what they sent; `path`, where it stands, once it is published."""
    about = letter(connection, one, published=what == "publish")
    return {"reference": one.reference, "what": one.kind, **about}


def sender_of(connection: Connection, one: Declaration) -> Person | None:
    """In the caller's transaction: who sent it, as they stand now."""
    return person_by_id(connection, one.person_id)


def _publish(
    connection: Connection, one: Declaration, wish: Wish, change: ChangeNumber, now: datetime
) -> dict[str, Any]:
    published = submissions.publish(connection, one, sender_of(connection, one), change, now=now)
    submission_rows.change(connection, one.id, looked_at=now)
    tell(connection, published, "publish", {"words": wish.words}, now=now)
    return {}


def _edit(connection: Connection, one: Declaration, wish: Wish, change: ChangeNumber, now: datetime) -> dict[str, Any]:
    answers, before = corrected(one, wish.edits)
    if not before:
        raise Invalid({"choice": NOTHING_CORRECTED})
    submission_rows.change(connection, one.id, answers=answers)
    _publish(connection, replace(one, answers=answers), wish, change, now)
    return {"answers": before}


def corrected(one: Declaration, edits: Mapping[tuple[str, ...], str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers with a moderator's corrections, and those that these replaced."""
    answers, before = dict(one.answers), dict[str, Any]()
    for text in submissions.KINDS[one.kind].editable(one):
        new = edits.get(text.path, text.value)
        if new == text.value:
            continue
        name = text.path[0]
        before.setdefault(name, one.answers.get(name))
        answers[name] = new if len(text.path) == 1 else {**answers[name], text.path[1]: new}
    return answers, before


def _refuse(
    connection: Connection, one: Declaration, wish: Wish, change: ChangeNumber, now: datetime
) -> dict[str, Any]:
    submission_rows.change(connection, one.id, state=REFUSED, decided_at=now, changed_at=now)
    tell(connection, one, "refuse", {"words": wish.words, "reason": wish.given}, now=now)
    return {"state": one.state}


def _look(connection: Connection, one: Declaration, wish: Wish, change: ChangeNumber, now: datetime) -> dict[str, Any]:
    submission_rows.change(connection, one.id, looked_at=now, changed_at=now)
    return {}


def _take_away(
    connection: Connection, one: Declaration, wish: Wish, change: ChangeNumber, now: datetime
) -> dict[str, Any]:
    submissions.take_back(connection, one, change, now=now)
    submission_rows.change(connection, one.id, state=REFUSED, decided_at=now, looked_at=now, changed_at=now)
    tell(connection, one, "away", {"words": wish.words, "reason": wish.given}, now=now)
    return {"looked": one.looked_at is not None}


def put_back(
    connection: Connection, undone: moderation_log.Written, change: ChangeNumber, *, now: datetime
) -> Declaration | None:
    """In the caller's transaction: what a decision on a declaration changed is as it was; the declaration. None where
    the catalogue changed so that it cannot be.

    Raises Invalid when what was taken away no longer can be published.
    """
    if undone.declaration_id is None:
        return None
    one = submission_rows.one(connection, undone.declaration_id, hold=True)
    kind, before = undone.line.kind, undone.before
    if kind in (PUBLISH, EDIT) and one.state == PUBLISHED:
        submissions.take_back(connection, one, change, now=now)
        submission_rows.change(connection, one.id, looked_at=None, answers=_restored(one, before.get("answers", {})))
    elif kind == REFUSE and one.state == REFUSED:
        state = ASKED if before.get("state") == ASKED else WAITING
        submission_rows.change(connection, one.id, state=state, decided_at=None, changed_at=now)
    elif kind == LOOKED_AT and one.state == PUBLISHED:
        submission_rows.change(connection, one.id, looked_at=None, changed_at=now)
        return one
    elif kind == TAKE_AWAY and one.state == REFUSED:
        submission_rows.change(connection, one.id, state=WAITING)
        submissions.publish(connection, replace(one, state=WAITING), sender_of(connection, one), change, now=now)
        submission_rows.change(connection, one.id, looked_at=now if before.get("looked") else None)
    else:
        return None
    tell(connection, one, "undo", {}, now=now)
    return one


def _restored(one: Declaration, before: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as their sender typed them."""
    return {name: answer for name, answer in {**one.answers, **before}.items() if answer is not None}


_ACTS = {PUBLISH: _publish, EDIT: _edit, REFUSE: _refuse, LOOKED_AT: _look, TAKE_AWAY: _take_away}
