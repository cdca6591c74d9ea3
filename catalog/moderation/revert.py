"""Taking a decision back within a day. All is as it was before; what changed otherwise meanwhile is left alone; the log
keeps both lines.
"""

from datetime import datetime

from catalog.errors import AlreadyExists, Invalid, NotAllowed
from catalog.moderation import review
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own, own_submission
from catalog.moderation.outcomes import outcome_of
from catalog.moderation.outcomes.base import UndoTransaction
from catalog.moderation.outcomes.decision_form import FOR_EVER, NOT_LAST, NOT_NOW, TOO_LATE, reason_problems
from catalog.moderation.outcomes.records import subject_of_line
from catalog.rules import permissions
from catalog.rules.decision import (
    DECLARATION,
    UNDO,
    UNDO_WITHIN,
    UNDOABLE,
    Decision,
    GivenDecision,
)
from catalog.rules.person import Person
from catalog.store.core.engine import Connection, reading
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import StoredLogLine, Subject
from catalog.store.store import Store
from catalog.store.submissions import submission_rows


def undo(store: Store, person: Person, number: int, reason: str, words: str, *, now: datetime) -> int:
    """Take a decision back within a day and put everything back as it was; the number of the line that says so.

    Raises NotFound; NotAllowed as `decide`; Invalid for fields, or for "choice" where it cannot be taken back any more;
    AlreadyExists("decision", number) when somebody took it back before.
    """
    permissions.demand(person, "desk-revert-decide")
    with changing(store.engine) as (connection, change):
        hold(connection, moderation_log.written(connection, number), change)
        undone = moderation_log.written(connection, number)
        if own_line(connection, person, undone):
            raise NotAllowed(CONFLICT)
        if undone.line.undone_by is not None:
            raise AlreadyExists("decision", str(undone.line.undone_by))
        wrong = reason_problems(UNDO, reason, words)
        if why := why_not(undone.line, newest(connection, undone), now):
            wrong = {"choice": why} | wrong
        if wrong:
            raise Invalid(wrong)
        if not put_back(connection, undone, change, now=now):
            raise Invalid({"choice": NOT_NOW})
        return note(connection, UNDO, undone, given_by(person, reason, words), change=change, now=now)


def why_not(line: Decision, latest: int | None, now: datetime) -> str:
    """Why a decision cannot be taken back, as a msgid; "" when it can. `latest` of what it was about."""
    if line.kind not in UNDOABLE:
        return FOR_EVER
    if now - line.at > UNDO_WITHIN:
        return TOO_LATE
    return "" if line.number == latest else NOT_LAST


def latest(store: Store, number: int) -> int | None:
    """The last decision, not taken back, about what line `number` decided. Raises NotFound."""
    with reading(store.engine) as connection:
        return newest(connection, moderation_log.written(connection, number))


def newest(connection: Connection, undone: StoredLogLine) -> int | None:
    """In the caller's transaction: `latest`. What was submitted and what was decided of the record itself do not wait
    for each other, and what changed no record waits for nothing else about it."""
    if undone.submission_id is None:
        return moderation_log.latest(connection, undone.line.subject_id)
    if undone.line.kind in review.CHANGING:
        return moderation_log.latest(connection, undone.line.subject_id, review.CHANGING)
    return moderation_log.latest_on(connection, undone.submission_id)


def hold(connection: Connection, undone: StoredLogLine, change: PublicChange) -> None:
    """In the caller's transaction: lock what this line decided about, so that nobody else decides about it."""
    if undone.submission_id is not None:
        submission_rows.by_id(connection, undone.submission_id, hold=True)
    moderation_log.hold(connection, undone.line.subject_id)
    change()


def put_back(connection: Connection, undone: StoredLogLine, change: PublicChange, *, now: datetime) -> bool:
    """In the caller's transaction: put back what a decision changed; False where that is no longer possible."""
    outcome = outcome_of(undone)
    return outcome is not None and outcome.revert(UndoTransaction(connection, change, now, undone))


def note(
    connection: Connection,
    kind: str,
    undone: StoredLogLine,
    decision: GivenDecision,
    *,
    change: PublicChange,
    now: datetime,
) -> int:
    """In the caller's transaction: the line that says what became of another one."""
    about = _about(connection, undone)
    moderation_log.touch(about, change)
    return moderation_log.append(
        connection,
        kind,
        about,
        decision,
        finding=undone.line.about,
        submission_id=undone.submission_id,
        concerns=undone.line.number,
        now=now,
    )


def _about(connection: Connection, undone: StoredLogLine) -> Subject:
    """What a line is about, as it stands now; a record that went with it is told as it was called then."""
    if undone.submission_id is not None:
        return review.subject_of(connection, submission_rows.by_id(connection, undone.submission_id))
    return subject_of_line(connection, undone)


def own_line(connection: Connection, person: Person, undone: StoredLogLine) -> bool:
    """In the caller's transaction: whether the person has a conflict of interest in what a line decided."""
    key = undone.line.subject_id if undone.line.subject_kind == DECLARATION else None
    if (submission_id := undone.submission_id or key) is not None:
        return bool(own_submission(connection, person, submission_rows.by_id(connection, submission_id)))
    return own(connection, person, undone.line.subject_id, undone.other)


def is_own_line(store: Store, person: Person, number: int) -> bool:
    """Whether the person has a conflict of interest in what a line decided. Raises NotFound."""
    with reading(store.engine) as connection:
        return own_line(connection, person, moderation_log.written(connection, number))
