"""What is shown beside a submission when somebody decides on it: what its sender sent before, and what is open about
the same record.
"""

from sqlalchemy import Connection, and_, func, or_, select

from catalog.rules.submission import OPEN_STATES, Declaration
from catalog.tables.submissions import declaration


def earlier(connection: Connection, submission: Declaration) -> dict[str, int]:
    """In the caller's transaction: how many other declarations its sender sent before, by state; none without one."""
    if submission.person_id is None:
        return {}
    wanted = select(declaration.c.state, func.count()).where(
        declaration.c.person_id == submission.person_id,
        declaration.c.id != submission.id,
        declaration.c.sent_at.is_not(None),
    )
    return {state: number for state, number in connection.execute(wanted.group_by(declaration.c.state))}


def beside(connection: Connection, submission: Declaration) -> tuple[str, ...]:
    """In the caller's transaction: references of other open declarations of its kind about the same; at most five."""
    same_one = [declaration.c.subject == submission.subject] if submission.subject else []
    if submission.project_id is not None or submission.organization_id is not None:
        about = [
            column == key if key is not None else column.is_(None)
            for column, key in (
                (declaration.c.project_id, submission.project_id),
                (declaration.c.organization_id, submission.organization_id),
            )
        ]
        same_one.append(and_(*about))
    if not same_one:
        return ()
    wanted = select(declaration.c.reference).where(
        declaration.c.kind == submission.kind,
        declaration.c.id != submission.id,
        declaration.c.state.in_(OPEN_STATES),
        or_(*same_one),
    )
    return tuple(connection.execute(wanted.order_by(declaration.c.created_at).limit(5)).scalars())
