"""Requests for a verification by a moderator, as rows: whether somebody has asked the same before."""

from sqlalchemy import Connection, select

from catalog.rules.submission import OPEN_STATES, Submission
from catalog.tables.submissions import submission


def earlier(connection: Connection, current: Submission) -> bool:
    """In the caller's transaction: whether the same person's older one of this kind, about the same, is open."""
    mine = (submission.c.person_id == current.person_id, submission.c.kind == current.kind)
    about = (
        submission.c.project_id.is_not_distinct_from(current.project_id),
        submission.c.organization_id.is_not_distinct_from(current.organization_id),
    )
    older = (submission.c.id != current.id, submission.c.created_at <= current.created_at)
    query = select(submission.c.id).where(*mine, *about, *older, submission.c.state.in_(OPEN_STATES))
    return connection.execute(query.limit(1)).first() is not None
