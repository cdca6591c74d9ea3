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
    CRAWLER,
    MODERATOR,
    OPEN_STATES,
    PUBLISHED,
    REFUSED,
    SENT_LIFETIME,
    WAITING,
    Declaration,
)
from catalog.store import Store
from catalog.store.core.engine import Connection, reading, writing
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject
from catalog.store.people.accounts import add_link, person_by_id
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.submissions import rows as submission_rows
from catalog.submissions.about import letter

CHANGING = (PUBLISH, EDIT, TAKE_AWAY)  # what changes records
TOLD = "decisions"  # messages to senders are of the kinds "decisions/<what>"


def possible(submission: Declaration) -> tuple[str, ...]:
    """What may be answered to a declaration now."""
    if submission.kind == APPEAL:
        return ()
    if isinstance(submissions.KINDS[submission.kind], submissions.Confidential) and (
        submission.state != PUBLISHED or not submission.reported_at
    ):
        return ()
    if submission.state in OPEN_STATES:
        edit = (EDIT,) if submissions.KINDS[submission.kind].editable(submission) else ()
        ask = () if CRAWLER in submission.answers else (ASK,)  # a program has no page to answer on
        return (PUBLISH, *edit, *ask, REFUSE)
    if submission.state == PUBLISHED:
        return (TAKE_AWAY,) if submission.looked_at else (LOOKED_AT, TAKE_AWAY)
    return ()


def answer(store: Store, person: Person, key: UUID, wish: Wish, *, now: datetime) -> int | None:
    """Answer a declaration; the number of the line in the log, None for a question, which is its sender's alone.

    Raises NotFound; NotAllowed for whoever may not, or for their own matters; Invalid as `problems` says, and for the
    declaration's fields; AlreadyExists("decision", "") when somebody answered it meanwhile.
    """
    permissions.demand(person, "desk-submission-decide")
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        if submission.project_id is not None:
            moderation_log.hold(connection, submission.project_id)
        change()  # from here on nobody else decides
        if why := own_declaration(connection, person, submission):
            raise NotAllowed(why)
        can = possible(submission)
        if not can or (wish.seen != stamp(submission) and wish.choice not in can):
            raise AlreadyExists("decision", "")
        wrong = problems(wish, can)
        if wish.seen != stamp(submission):
            wrong["choice"] = NOT_NOW
        if wrong:
            raise Invalid(wrong)
        if wish.choice == ASK:
            submission_rows.ask_sender(connection, key, wish.words, now=now)
            notify_sender(connection, submission, "ask", {"words": wish.words}, now=now)
            return None
        before = _ACTS[wish.choice](connection, submission, wish, change, now)
        return note(connection, person, submission_rows.by_id(connection, key), wish, before, now=now)


def remark(store: Store, person: Person, key: UUID, text: str, *, now: datetime) -> None:
    """Something for the other moderators; the same again is there already. Raises NotFound, NotAllowed."""
    permissions.demand(person, "desk-submission-decide")
    with writing(store.engine) as connection:
        submission = submission_rows.by_id(connection, key, hold=True)
        if why := own_declaration(connection, person, submission):
            raise NotAllowed(why)
        if not any(said.private and said.text == text for said in submission.remarks):
            submission_rows.add_remark(connection, key, MODERATOR, text, private=True, now=now)


def note(
    connection: Connection,
    person: Person,
    submission: Declaration,
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
        subject_of(connection, submission),
        given_by(person, wish.given, wish.words),
        finding=submission.kind,
        declaration_id=submission.id,
        concerns=concerns,
        before=before,
        now=now,
    )


def subject_of(connection: Connection, submission: Declaration) -> Subject:
    """In the caller's transaction: what the log names for a declaration: of what its kind lets be named the project,
    or the organization where everybody can see it; else the declaration, of which it tells the kind alone."""
    keys = {PROJECT: submission.project_id, ORGANIZATION: submission.organization_id}
    for kind in submissions.KINDS[submission.kind].nameable_records(submission):
        if (key := keys[kind]) is None:
            continue
        try:
            found = moderation_log.subject(connection, kind, key=key)
        except NotFound:
            continue
        if kind == PROJECT or not found.state.hidden:
            return found
    return Subject(submission.id, submission.reference, "", moderation_log.NOTHING, kind=DECLARATION)


def notify_sender(
    connection: Connection, submission: Declaration, what: str, said: Mapping[str, str], *, now: datetime
) -> None:
    """In the caller's transaction: a message to whoever sent it, with a link that opens its page; without an address
    they see it there."""
    if submission.email is None:
        return
    opens = {"declaration": str(submission.id)}
    token = add_link(
        connection, submissions.CONFIRM_SUBMISSION, submission.email, opens, expires_at=now + SENT_LIFETIME, now=now
    )
    argument = {**_said(connection, submission, what), "reason": "", "words": "", **said, "token": token}
    enqueue_message(connection, f"{TOLD}/{what}", submission.email, submission.language, argument, now=now)


def preview(store: Store, submission: Declaration, wish: Wish) -> tuple[str, dict[str, str]] | None:
    """The kind of message that a wish would send, with what it says; None where nobody is written to."""
    what = {PUBLISH: "publish", EDIT: "publish", ASK: "ask", REFUSE: "refuse", TAKE_AWAY: "away"}.get(wish.choice)
    if what is None or submission.email is None:
        return None
    reason = "" if what in ("publish", "ask") else wish.given
    with reading(store.engine) as connection:
        about = _said(connection, replace(submission, answers=corrected(submission, wish.edits)[0]), what)
    return f"{TOLD}/{what}", {**about, "reason": reason, "words": wish.words}


def _said(connection: Connection, submission: Declaration, what: str) -> dict[str, str]:
    """What each message to a sender says of what they sent; `path`, where it stands, once it is published."""
    about = letter(connection, submission, published=what == "publish")
    return {"reference": submission.reference, "what": submission.kind, **about}


def sender_of(connection: Connection, submission: Declaration) -> Person | None:
    """In the caller's transaction: who sent it, as they stand now."""
    return person_by_id(connection, submission.person_id)


def _publish(
    connection: Connection, submission: Declaration, wish: Wish, change: PublicChange, now: datetime
) -> dict[str, Any]:
    published = submissions.publish(connection, submission, sender_of(connection, submission), change, now=now)
    submission_rows.change(connection, submission.id, looked_at=now)
    notify_sender(connection, published, "publish", {"words": wish.words}, now=now)
    return {}


def _edit(
    connection: Connection, submission: Declaration, wish: Wish, change: PublicChange, now: datetime
) -> dict[str, Any]:
    answers, before = corrected(submission, wish.edits)
    if not before:
        raise Invalid({"choice": NOTHING_CORRECTED})
    submission_rows.change(connection, submission.id, answers=answers)
    _publish(connection, replace(submission, answers=answers), wish, change, now)
    return {"answers": before}


def corrected(submission: Declaration, edits: Mapping[tuple[str, ...], str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers with a moderator's corrections, and those that these replaced."""
    answers, before = dict(submission.answers), dict[str, Any]()
    for text in submissions.KINDS[submission.kind].editable(submission):
        new = edits.get(text.path, text.value)
        if new == text.value:
            continue
        name = text.path[0]
        before.setdefault(name, submission.answers.get(name))
        answers[name] = new if len(text.path) == 1 else {**answers[name], text.path[1]: new}
    return answers, before


def _refuse(
    connection: Connection, submission: Declaration, wish: Wish, change: PublicChange, now: datetime
) -> dict[str, Any]:
    submission_rows.change(connection, submission.id, state=REFUSED, decided_at=now, changed_at=now)
    notify_sender(connection, submission, "refuse", {"words": wish.words, "reason": wish.given}, now=now)
    return {"state": submission.state}


def _look(
    connection: Connection, submission: Declaration, wish: Wish, change: PublicChange, now: datetime
) -> dict[str, Any]:
    submission_rows.change(connection, submission.id, looked_at=now, changed_at=now)
    return {}


def _take_away(
    connection: Connection, submission: Declaration, wish: Wish, change: PublicChange, now: datetime
) -> dict[str, Any]:
    submissions.take_back(connection, submission, change, now=now)
    submission_rows.change(connection, submission.id, state=REFUSED, decided_at=now, looked_at=now, changed_at=now)
    notify_sender(connection, submission, "away", {"words": wish.words, "reason": wish.given}, now=now)
    return {"looked": submission.looked_at is not None}


def put_back(
    connection: Connection, undone: moderation_log.Written, change: PublicChange, *, now: datetime
) -> Declaration | None:
    """In the caller's transaction: what a decision on a declaration changed is as it was; the declaration. None where
    the catalogue changed so that it cannot be.

    Raises Invalid when what was taken away no longer can be published.
    """
    if undone.declaration_id is None:
        return None
    submission = submission_rows.by_id(connection, undone.declaration_id, hold=True)
    kind, before = undone.line.kind, undone.before
    if kind in (PUBLISH, EDIT) and submission.state == PUBLISHED:
        submissions.take_back(connection, submission, change, now=now)
        submission_rows.change(
            connection, submission.id, looked_at=None, answers=_restored(submission, before.get("answers", {}))
        )
    elif kind == REFUSE and submission.state == REFUSED:
        state = ASKED if before.get("state") == ASKED else WAITING
        submission_rows.change(connection, submission.id, state=state, decided_at=None, changed_at=now)
    elif kind == LOOKED_AT and submission.state == PUBLISHED:
        submission_rows.change(connection, submission.id, looked_at=None, changed_at=now)
        return submission
    elif kind == TAKE_AWAY and submission.state == REFUSED:
        submission_rows.change(connection, submission.id, state=WAITING)
        submissions.publish(
            connection, replace(submission, state=WAITING), sender_of(connection, submission), change, now=now
        )
        submission_rows.change(connection, submission.id, looked_at=now if before.get("looked") else None)
    else:
        return None
    notify_sender(connection, submission, "undo", {}, now=now)
    return submission


def _restored(submission: Declaration, before: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as their sender typed them."""
    return {name: answer for name, answer in {**submission.answers, **before}.items() if answer is not None}


_ACTS = {PUBLISH: _publish, EDIT: _edit, REFUSE: _refuse, LOOKED_AT: _look, TAKE_AWAY: _take_away}
