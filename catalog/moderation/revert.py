"""Taking a decision back: within a day by a moderator, by itself where no second person confirmed it, or by the outcome
of an appeal. All is as it was before; what changed otherwise meanwhile is left alone; the log keeps both lines.
"""

from datetime import datetime
from uuid import UUID

from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation import curation, merge, merge_calls, review
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own, own_declaration
from catalog.moderation.decision_form import FOR_EVER, NOT_LAST, NOT_NOW, TOO_LATE, reason_problems
from catalog.rules import permissions
from catalog.rules.decision import (
    ACCEPT,
    CLOSE,
    CURATING,
    DECLARATION,
    HIDE,
    ORGANIZATION,
    PAIRINGS,
    PEERINGS,
    SERVE,
    SHOW,
    TIES,
    UNDO,
    UNDO_WITHIN,
    UNDOABLE,
    Decision,
    GivenDecision,
    serving_basis,
)
from catalog.rules.person import Person
from catalog.store import Store
from catalog.store.core.engine import Connection, reading
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.moderation import findings
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject, Written
from catalog.store.projects import takedowns
from catalog.store.submissions import rows as submission_rows

_NEED_BEFORE = frozenset({ACCEPT, SERVE, CLOSE, *PAIRINGS})


def undo(store: Store, person: Person, number: int, reason: str, words: str, *, now: datetime) -> int:
    """Take a decision back within a day: all is as it was before; the number of the line that says so.

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


def newest(connection: Connection, undone: Written) -> int | None:
    """In the caller's transaction: `latest`. What was submitted and what was decided of the record itself do not wait
    for each other, and what changed no record waits for nothing else about it."""
    if undone.line.kind in PEERINGS:
        return moderation_log.latest_of(connection, undone.line.subject_id, PEERINGS)
    if undone.declaration_id is None:
        return moderation_log.latest(connection, undone.line.subject_id)
    if undone.line.kind in review.CHANGING:
        return moderation_log.latest(connection, undone.line.subject_id, review.CHANGING)
    return moderation_log.latest_on(connection, undone.declaration_id)


def hold(connection: Connection, undone: Written, change: PublicChange) -> None:
    """In the caller's transaction: from here on nobody else decides about what this line decided."""
    if undone.declaration_id is not None:
        submission_rows.by_id(connection, undone.declaration_id, hold=True)
    moderation_log.hold(connection, undone.line.subject_id)
    change()


def put_back(connection: Connection, undone: Written, change: PublicChange, *, now: datetime) -> bool:
    """In the caller's transaction: what a decision changed is as it was; False where it no longer can be."""
    line = undone.line
    if line.kind in CURATING:
        return curation.put_back(connection, undone, change, now=now)
    if undone.declaration_id is not None:
        return review.put_back(connection, undone, change, now=now) is not None
    if line.kind in PAIRINGS and line.subject_kind == DECLARATION and undone.before:
        return merge_calls.put_back(connection, undone, change)
    if line.kind in TIES:
        change.touch(line.subject_kind, UUID(undone.before["other"]) if "other" in undone.before else None)
        return True  # the statement is its line: nothing else changed
    if not undone.before and (line.kind in _NEED_BEFORE or (line.kind == SHOW and line.subject_kind != ORGANIZATION)):
        return False  # the line came with all public data of another copy: what was before is not in there
    if line.kind in PAIRINGS:
        return merge.put_back(connection, undone, change, now=now)
    about = _about(connection, undone)
    if line.kind == ACCEPT:
        if moderation_log.accepted(connection, about.id) != undone.before["accepted"]:
            return False  # a visit took it over: the names are gone, the commits stay
        moderation_log.accept(connection, about.id, None, now=now)
    elif line.kind in (SERVE, CLOSE) and undone.before["basis"] == serving_basis(about.observation):
        moderation_log.serve(connection, about.id, undone.before["decided"], now=now)
        if undone.before["asked"]:
            findings.reopen(connection, undone.before["asked"])
    elif line.kind in (HIDE, SHOW):
        _put_back_shown(connection, about, undone, now)
    if undone.finding_id is not None:
        findings.reopen(connection, undone.finding_id)
    return True


def _put_back_shown(connection: Connection, about: Subject, undone: Written, now: datetime) -> None:
    """In the caller's transaction: a record is hidden, or shown, as it was before this line."""
    if about.kind == ORGANIZATION:
        takedowns.hide_organization(connection, about.id, undone.line.kind == SHOW)
    elif undone.line.kind == HIDE and not undone.before:
        takedowns.unblock_project(connection, about.id)
    else:
        at = datetime.fromisoformat(undone.before["at"])
        takedowns.block_project(connection, about.id, about.slug, undone.before["reason"], now=at)


def note(
    connection: Connection,
    kind: str,
    undone: Written,
    given: GivenDecision,
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
        given,
        finding=undone.line.about,
        declaration_id=undone.declaration_id,
        concerns=undone.line.number,
        now=now,
    )


def _about(connection: Connection, undone: Written) -> Subject:
    """What a line is about, as it stands now; a record that went with it is told as it was called then."""
    line = undone.line
    if undone.declaration_id is not None:
        return review.subject_of(connection, submission_rows.by_id(connection, undone.declaration_id))
    try:
        return moderation_log.subject(connection, line.subject_kind, key=line.subject_id)
    except NotFound:
        return Subject(
            line.subject_id, line.slug or "", line.name or "", moderation_log.NOTHING, kind=line.subject_kind
        )


def own_line(connection: Connection, person: Person, undone: Written) -> bool:
    """In the caller's transaction: whether what a line decided is their own matter."""
    key = undone.line.subject_id if undone.line.subject_kind == DECLARATION else None
    if (declaration := undone.declaration_id or key) is not None:
        return bool(own_declaration(connection, person, submission_rows.by_id(connection, declaration)))
    return own(connection, person, undone.line.subject_id)
