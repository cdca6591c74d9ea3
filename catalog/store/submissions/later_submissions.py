"""Finds later published submissions about the same, which stay when an earlier one is taken back."""

from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from catalog.rules.submission import PUBLISHED, Submission
from catalog.tables.submissions import submission

COLUMNS = tuple(submission.c[field.name] for field in fields(Submission) if field.name != "remarks")


def published_after(
    connection: Connection, kind: str, project_id: UUID | None, organization_id: UUID | None, at: datetime | None
) -> tuple[Submission, ...]:
    """In the caller's transaction: what was published of this kind about the same after that time, in order."""
    query = select(*COLUMNS).where(
        submission.c.kind == kind,
        submission.c.state == PUBLISHED,
        submission.c.project_id.is_(None) if project_id is None else submission.c.project_id == project_id,
        submission.c.organization_id.is_(None)
        if organization_id is None
        else submission.c.organization_id == organization_id,
        submission.c.decided_at > at,
    )
    rows = connection.execute(query.order_by(submission.c.decided_at, submission.c.id)) if at is not None else ()
    return tuple(Submission(**row._mapping) for row in rows)


def projects_declared_last_by(
    connection: Connection, kind: str, organization_id: UUID, person_id: UUID
) -> tuple[UUID, ...]:
    """In the caller's transaction: the projects about which this person sent the last published submission of this
    kind for the organization."""
    query = (
        select(submission.c.project_id, submission.c.person_id)
        .where(
            submission.c.kind == kind,
            submission.c.state == PUBLISHED,
            submission.c.organization_id == organization_id,
            submission.c.project_id.is_not(None),
        )
        .order_by(submission.c.decided_at, submission.c.id)
    )
    last = {row.project_id: row.person_id for row in connection.execute(query)}
    return tuple(project_id for project_id, sender in last.items() if sender == person_id)
