"""Answers to what people submitted: published, with corrections or without, asked about, not accepted, looked at, taken
away. Each is one transaction with its line in the public log, and a message to the sender.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog import submissions
from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own_submission
from catalog.moderation.outcomes import OUTCOMES
from catalog.moderation.outcomes.base import SUBMISSION, OutcomeTransaction
from catalog.moderation.outcomes.decision_form import NOT_NOW, DecisionRequest, problems, stamp
from catalog.moderation.outcomes.sender import TOLD, corrected, notify_sender, said_to_sender
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.decision import ASK, DECLARATION, EDIT, LOOKED_AT, PUBLISH, REFUSE, REOPEN, TAKE_AWAY
from catalog.rules.person import Person
from catalog.rules.submission import PUBLISHED, REFUSED, Submission
from catalog.store.core.engine import Connection, reading
from catalog.store.core.public_changes import changing
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject
from catalog.store.store import Store
from catalog.store.submissions import submission_rows

CHANGING = (PUBLISH, EDIT, TAKE_AWAY)  # what changes records


def possible(submission: Submission) -> tuple[str, ...]:
    """What may be answered to a submission now."""
    if isinstance(submissions.KINDS[submission.kind], submissions.Confidential) and (
        submission.state != PUBLISHED or not submission.reported_at
    ):
        return ()
    if submission.is_open:
        edit = (EDIT,) if submissions.KINDS[submission.kind].editable(submission) else ()
        return (PUBLISH, *edit, ASK, REFUSE)
    if submission.state == PUBLISHED:
        return (TAKE_AWAY,) if submission.reviewed_at else (LOOKED_AT, TAKE_AWAY)
    return (REOPEN,) if submission.state == REFUSED else ()


def answer(store: Store, person: Person, key: UUID, wish: DecisionRequest, *, now: datetime) -> int | None:
    """Answer a submission; the number of the line in the log, None for a question, which is its sender's alone.

    Raises NotFound; NotAllowed where the person may not, or has a conflict of interest; Invalid as `problems` says, and
    for the submission's fields; AlreadyExists("decision", "") when somebody answered it meanwhile.
    """
    permissions.demand(person, "desk-submission-decide")
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        if submission.project_id is not None:
            moderation_log.hold(connection, submission.project_id)
        change()  # from here on nobody else decides
        if own_submission(connection, person, submission):
            raise NotAllowed(CONFLICT)
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
        before = OUTCOMES[SUBMISSION, wish.choice].apply(
            OutcomeTransaction(connection, change, now, person, wish, submission=submission)
        )
        concerns = moderation_log.latest_on(connection, key) if wish.choice == REOPEN else None
        submission = submission_rows.by_id(connection, key)
        return note(connection, person, submission, wish, before, concerns=concerns, now=now)


def note(
    connection: Connection,
    person: Person,
    submission: Submission,
    wish: DecisionRequest,
    before: Mapping[str, Any],
    *,
    concerns: int | None = None,
    now: datetime,
) -> int:
    """In the caller's transaction, after the change was counted: the line of a decision on a submission."""
    return moderation_log.append(
        connection,
        wish.choice,
        subject_of(connection, submission),
        given_by(person, wish.given, wish.words),
        finding=submission.kind,
        submission_id=submission.id,
        concerns=concerns,
        before=before,
        now=now,
    )


def subject_of(connection: Connection, submission: Submission) -> Subject:
    """In the caller's transaction: what the log names for a submission: of what its kind lets be named the project,
    or the organization where everybody can see it; else the submission, of which it tells the kind alone."""
    keys = {PROJECT: submission.project_id, ORGANIZATION: submission.organization_id}
    for kind in submissions.KINDS[submission.kind].nameable_records(submission):
        if (key := keys[kind]) is None:
            continue
        try:
            subject = moderation_log.subject(connection, kind, key=key)
        except NotFound:
            continue
        if kind == PROJECT or not subject.state.hidden:
            return subject
    return Subject(submission.id, submission.reference, "", moderation_log.NOTHING, kind=DECLARATION)


def preview(store: Store, submission: Submission, wish: DecisionRequest) -> tuple[str, dict[str, str]] | None:
    """The kind of message that a wish would send, with what it says; None where nobody is written to."""
    what = {PUBLISH: "publish", EDIT: "publish", ASK: "ask", REFUSE: "refuse", TAKE_AWAY: "away", REOPEN: "reopen"}.get(
        wish.choice
    )
    if what is None or submission.email is None:
        return None
    reason = wish.given if what in ("refuse", "away") else ""
    with reading(store.engine) as connection:
        about = said_to_sender(connection, replace(submission, answers=corrected(submission, wish.edits)[0]), what)
    return f"{TOLD}/{what}", {**about, "reason": reason, "words": wish.words}
