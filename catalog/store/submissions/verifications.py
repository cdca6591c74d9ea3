"""Requests for a verification by a moderator, as rows: whether somebody has asked the same before."""

from sqlalchemy import Connection, select

from catalog.rules.submission import OPEN_STATES, Declaration
from catalog.tables.submissions import declaration


def earlier(connection: Connection, submission: Declaration) -> bool:
    """In the caller's transaction: whether the same person's older one of this kind, about the same, is open."""
    mine = (declaration.c.person_id == submission.person_id, declaration.c.kind == submission.kind)
    about = (
        declaration.c.project_id.is_not_distinct_from(submission.project_id),
        declaration.c.organization_id.is_not_distinct_from(submission.organization_id),
    )
    older = (declaration.c.id != submission.id, declaration.c.created_at <= submission.created_at)
    wanted = select(declaration.c.id).where(*mine, *about, *older, declaration.c.state.in_(OPEN_STATES))
    return connection.execute(wanted.limit(1)).first() is not None
