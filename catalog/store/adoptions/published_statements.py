"""Published submissions about one pair of a project and an organization: find, close, suspend and resume them.

Reading and writing submissions in general is in `catalog.store.submissions`.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, select, update

from catalog.rules.submission import PUBLISHED, WITHDRAWN, Submission
from catalog.store.core import cases
from catalog.store.submissions.submission_rows import COLUMNS, from_row
from catalog.tables.submissions import submission


def last_published(connection: Connection, kind: str, project_id: UUID, organization_id: UUID) -> Submission | None:
    """In the caller's transaction: the published submission of this kind about this pair that was decided last."""
    query = select(*COLUMNS).where(_published_about(kind, project_id, organization_id))
    row = connection.execute(query.order_by(submission.c.decided_at.desc(), submission.c.id).limit(1)).first()
    return from_row(row) if row else None


def withdraw_for_good(
    connection: Connection, kind: str, project_id: UUID, organization_id: UUID, *, now: datetime
) -> None:
    """In the caller's transaction: withdraw for good what was published of this kind about this pair."""
    values = {"state": WITHDRAWN, "before": None, "changed_at": now}
    mine = _published_about(kind, project_id, organization_id)
    keys = list(connection.execute(update(submission).where(mine).values(values).returning(submission.c.id)).scalars())
    cases.follow(connection, submission.c.id.in_(keys))


def suspend(connection: Connection, kind: str, project_id: UUID, organization_id: UUID, *, now: datetime) -> list[UUID]:
    """In the caller's transaction: withdraw what was published of this kind about this pair, until `resume` publishes
    it again; the ids of those submissions."""
    mine = _published_about(kind, project_id, organization_id)
    keys = list(connection.execute(select(submission.c.id).where(mine).order_by(submission.c.id)).scalars())
    connection.execute(update(submission).where(mine).values(state=WITHDRAWN, changed_at=now))
    cases.follow(connection, submission.c.id.in_(keys))
    return keys


def resume(connection: Connection, keys: Sequence[UUID], *, now: datetime) -> None:
    """In the caller's transaction: publish again what `suspend` withdrew. What its sender withdrew meanwhile holds no
    `before`, and stays withdrawn."""
    resting = (submission.c.id.in_(keys), submission.c.state == WITHDRAWN, submission.c.before.is_not(None))
    connection.execute(update(submission).where(*resting).values(state=PUBLISHED, changed_at=now))
    cases.follow(connection, submission.c.id.in_(keys))


def _published_about(kind: str, project_id: UUID, organization_id: UUID) -> ColumnElement[bool]:
    return and_(
        submission.c.kind == kind,
        submission.c.state == PUBLISHED,
        submission.c.project_id == project_id,
        submission.c.organization_id == organization_id,
    )
