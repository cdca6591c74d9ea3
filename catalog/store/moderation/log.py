"""The public log of decisions as rows, and what a decision depends on. `catalog.moderation` decides.

A line is added in the transaction of what it tells of, after the change counter was counted, which one transaction does
at a time: so numbers have no gap and each line follows the one before it. Why lines are chained:
docs/decisions/031-public-log.md.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, exists, func, or_, select, update

from catalog.errors import NotFound
from catalog.record_kind import PROJECT
from catalog.rules.decision import (
    ABOUT_LINES,
    ANSWER_SHARE_FROM,
    ANSWER_SHARE_PERIOD,
    ANSWER_WITHIN,
    EDIT,
    FIRST_PREVIOUS,
    PUBLISH,
    REFUSE,
    TAKING_BACK,
    Decision,
    GivenDecision,
    line_digest,
    log_faults,
    text_digest,
)
from catalog.rules.submission import MODERATOR, OPEN_STATES, PUBLISHED, REFUSED
from catalog.store.core.engine import DatabasePart, get_meta, reading, set_meta
from catalog.store.moderation.subjects import NOTHING as NOTHING
from catalog.store.moderation.subjects import Subject as Subject
from catalog.store.moderation.subjects import accept as accept
from catalog.store.moderation.subjects import accepted as accepted
from catalog.store.moderation.subjects import hidden_organizations as hidden_organizations
from catalog.store.moderation.subjects import hold as hold
from catalog.store.moderation.subjects import maintaining_organizations as maintaining_organizations
from catalog.store.moderation.subjects import projects_of_organizations as projects_of_organizations
from catalog.store.moderation.subjects import serve as serve
from catalog.store.moderation.subjects import subject as subject
from catalog.store.moderation.subjects import touch as touch
from catalog.store.projects import takedowns
from catalog.tables.moderation import decision
from catalog.tables.submissions import remark, submission

FIRST_ANSWERS = (PUBLISH, EDIT, REFUSE)
HEAD = "log"  # in `meta`: number and digest of the last line, apart from the lines, so that a cut-off end shows

_other = decision.alias("other")


_PUBLIC = [column for column in decision.c if column.name not in ("person_id", "finding_id", "submission_id", "before")]
_UNDOING = _other.c.kind.in_(TAKING_BACK), _other.c.concerns == decision.c.number
_LINES: Select[Any] = select(
    *_PUBLIC, select(func.max(_other.c.number)).where(*_UNDOING).scalar_subquery().label("undone_by")
)
_STANDS = decision.c.kind.not_in(ABOUT_LINES) & ~exists().where(*_UNDOING)
# Built once: every page of a project reads it, and building took longer than asking.
_OF_RECORD = (
    _LINES.where(decision.c.subject_id == bindparam("of", type_=decision.c.subject_id.type), _STANDS)
    .order_by(decision.c.number.desc())
    .limit(bindparam("most", type_=decision.c.number.type))
)
_OF_RECORD_ITSELF = _OF_RECORD.where(decision.c.submission_id.is_(None))


@dataclass(frozen=True)
class StoredLogLine:
    """A line with what no page shows: whom it came from, which finding or submission it answers, what stood there."""

    line: Decision
    person_id: UUID | None
    finding_id: int | None
    submission_id: UUID | None
    before: Mapping[str, Any]

    @property
    def other(self) -> UUID | None:
        """The second record, where it was decided about two."""
        return UUID(self.before["other"]) if self.before.get("other") else None


class ModerationDecisions(DatabasePart):
    def lines(self, before: int | None = None, limit: int = 50) -> tuple[Decision, ...]:
        """Lines of the log, newest first, below number `before`."""
        query = _LINES if before is None else _LINES.where(decision.c.number < before)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(decision.c.number.desc()).limit(limit)).all()
        return tuple(_line(row) for row in rows)

    def get(self, number: int) -> Decision:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return written(connection, number).line

    def of_project(self, project_id: UUID, limit: int = 3) -> tuple[Decision, ...]:
        """What was decided about a project by itself and not taken back, newest first: not what people submitted."""
        with reading(self._engine) as connection:
            rows = connection.execute(_OF_RECORD_ITSELF, {"of": project_id, "most": limit}).all()
        return tuple(_line(row) for row in rows)

    def about(self, key: UUID, limit: int = 5) -> tuple[Decision, ...]:
        """What was decided about a project, an organization or a submission and not taken back, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(_OF_RECORD, {"of": key, "most": limit}).all()
        return tuple(_line(row) for row in rows)

    def of_submission(self, key: UUID, limit: int = 20) -> tuple[Decision, ...]:
        """Each decision on a submission, newest first, also those that were taken back and those about these."""
        with reading(self._engine) as connection:
            query = _LINES.where(decision.c.submission_id == key).order_by(decision.c.number.desc()).limit(limit)
            return tuple(_line(row) for row in connection.execute(query))

    def on(self, finding: int) -> Decision | None:
        """The last decision on a finding, also one that was taken back."""
        with reading(self._engine) as connection:
            query = _LINES.where(decision.c.finding_id == finding).order_by(decision.c.number.desc())
            row = connection.execute(query.limit(1)).first()
        return _line(row) if row else None

    def is_by(self, number: int, person_id: UUID) -> bool:
        """Whether this person decided so: for themselves to know, and for nobody else."""
        mine = (decision.c.number == number) & (decision.c.person_id == person_id)
        with reading(self._engine) as connection:
            return connection.execute(select(decision.c.number).where(mine)).first() is not None

    def subject(self, slug: str, kind: str = PROJECT) -> Subject:
        """A project or an organization that may be decided on, also a hidden one. Raises NotFound, Moved for a former
        slug."""
        with reading(self._engine) as connection:
            return subject(connection, kind, slug=slug)

    def hidden_organizations(self) -> tuple[Subject, ...]:
        """The organizations that are hidden now, the newest first."""
        with reading(self._engine) as connection:
            return hidden_organizations(connection)

    def faults(self) -> tuple[str, ...]:
        """Each line of the log that is missing or was changed, as a sentence."""
        with reading(self._engine) as connection:
            rows = connection.execute(_LINES.order_by(decision.c.number), execution_options={"yield_per": 1000})
            head = get_meta(connection, HEAD)
            return tuple(log_faults((_line(row) for row in rows), (head["number"], head["digest"]) if head else None))

    def answered_share(self, *, now: datetime) -> int | None:
        """Of what people sent during ANSWER_SHARE_PERIOD and a person had to answer, the share in a hundred that had
        its first answer, a decision or a question, within ANSWER_WITHIN. What is younger and not answered yet is not
        counted; None of fewer than ANSWER_SHARE_FROM."""
        since = now - ANSWER_SHARE_PERIOD
        decided = select(decision.c.submission_id, func.min(decision.c.at).label("at")).group_by(
            decision.c.submission_id
        )
        decided = decided.where(decision.c.kind.in_(FIRST_ANSWERS), decision.c.submission_id.is_not(None))
        query = select(remark.c.submission_id, func.min(remark.c.at).label("at")).group_by(remark.c.submission_id)
        query = query.where(remark.c.voice == MODERATOR)
        first, question = decided.where(decision.c.at > since).subquery(), query.where(remark.c.at > since).subquery()
        share_query = (
            select(submission.c.sent_at, first.c.at.label("decided"), question.c.at.label("asked"))
            .outerjoin_from(submission, first, first.c.submission_id == submission.c.id)
            .outerjoin(question, question.c.submission_id == submission.c.id)
            .where(submission.c.sent_at > since, submission.c.state.in_((*OPEN_STATES, PUBLISHED, REFUSED)))
            .where(or_(first.c.at.is_not(None), question.c.at.is_not(None), submission.c.state.in_(OPEN_STATES)))
        )
        within = late = 0
        with reading(self._engine) as connection:
            for row in connection.execute(share_query):
                answer = min((at for at in (row.decided, row.asked) if at is not None), default=None)
                soon = (answer or now) - row.sent_at <= ANSWER_WITHIN
                within += soon and answer is not None
                late += not soon
        return None if within + late < ANSWER_SHARE_FROM else 100 * within // (within + late)

    def count(self) -> int:
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.count()).select_from(decision)).scalar_one())


def append(
    connection: Connection,
    kind: str,
    about: Subject,
    decision_made: GivenDecision,
    *,
    finding: str | None = None,
    finding_id: int | None = None,
    submission_id: UUID | None = None,
    concerns: int | None = None,
    before: Mapping[str, Any] | None = None,
    now: datetime,
) -> int:
    """In the caller's transaction, after the change was counted: add a line; its number."""
    head = get_meta(connection, HEAD) or {"number": 0, "digest": FIRST_PREVIOUS}
    number, at, salt = head["number"] + 1, now.replace(microsecond=0), secrets.token_hex(16)
    covered: dict[str, Any] = {
        "previous": head["digest"],
        "number": number,
        "at": at,
        "kind": kind,
        "subject_kind": about.kind,
        "subject_id": about.id,
        "about": finding,
        "reason": decision_made.reason,
        "role": decision_made.role,
        "concerns": concerns,
        "text_digest": text_digest(salt, about.slug, about.name, decision_made.words),
    }
    digest = line_digest(**covered)
    text = {"slug": about.slug, "name": about.name, "words": decision_made.words, "salt": salt}
    private: dict[str, Any] = {
        "person_id": decision_made.person_id,
        "finding_id": finding_id,
        "submission_id": submission_id,
    }
    private |= {"before": dict(before or {})}
    connection.execute(decision.insert().values(**covered, **text, **private, digest=digest))
    set_meta(connection, HEAD, {"number": number, "digest": digest})
    return int(number)


def take_out(connection: Connection, number: int) -> None:
    """In the caller's transaction: the text of a line goes, for ever, also from what its undo or a later line keeps."""
    row = connection.execute(select(decision.c.subject_id, decision.c.words).where(decision.c.number == number)).one()
    nothing = {"slug": None, "name": None, "words": None, "salt": None}
    connection.execute(update(decision).where(decision.c.number == number).values(**nothing))
    if not row.words:
        return
    takedowns.clear_reason(connection, row.subject_id, row.words)
    query = select(decision.c.number, decision.c.before).where(decision.c.subject_id == row.subject_id)
    for other in connection.execute(query).all():
        if other.before.get("reason") == row.words:
            without = {**other.before, "reason": ""}
            connection.execute(update(decision).where(decision.c.number == other.number).values(before=without))


def written(connection: Connection, number: int) -> StoredLogLine:
    """In the caller's transaction: a line with what no page shows. Raises NotFound."""
    private = (decision.c.person_id, decision.c.finding_id, decision.c.submission_id, decision.c.before)
    row = connection.execute(_LINES.add_columns(*private).where(decision.c.number == number)).first()
    if row is None:
        raise NotFound("decision", str(number))
    return StoredLogLine(_line(row), row.person_id, row.finding_id, row.submission_id, row.before)


def latest(connection: Connection, key: UUID, submitted: Sequence[str] = ()) -> int | None:
    """In the caller's transaction: the last decision about a record that was not taken back: about itself, or, with
    the kinds `submitted`, about what people submitted of it."""
    this = decision.c.subject_id == key
    if submitted:
        this &= decision.c.submission_id.is_not(None) & decision.c.kind.in_(submitted)
    else:
        this &= decision.c.submission_id.is_(None)
    return _last(connection, this)


def latest_on(connection: Connection, submission_id: UUID) -> int | None:
    """In the caller's transaction: the last decision on a submission that was not taken back."""
    return _last(connection, decision.c.submission_id == submission_id)


def _last(connection: Connection, this: Any) -> int | None:
    number: int | None = connection.execute(select(func.max(decision.c.number)).where(this, _STANDS)).scalar()
    return number


def _line(row: Row[Any]) -> Decision:
    return Decision(**{name: getattr(row, name) for name in Decision.__dataclass_fields__})
