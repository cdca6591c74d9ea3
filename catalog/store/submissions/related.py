"""What is shown beside a submission when somebody decides on it: what its sender sent before, what is open about the
same record, and the names of the records that it is about.
"""

from collections.abc import Collection

from sqlalchemy import Connection, and_, func, or_, select

from catalog.record_kind import PROJECT
from catalog.rules.submission import OPEN_STATES, Submission
from catalog.tables.core import organization, project
from catalog.tables.submissions import submission


def earlier(connection: Connection, current: Submission) -> dict[str, int]:
    """In the caller's transaction: how many other submissions its sender sent before, by state; none without one."""
    if current.person_id is None:
        return {}
    query = select(submission.c.state, func.count()).where(
        submission.c.person_id == current.person_id,
        submission.c.id != current.id,
        submission.c.sent_at.is_not(None),
    )
    return {state: number for state, number in connection.execute(query.group_by(submission.c.state))}


def beside(connection: Connection, current: Submission) -> tuple[str, ...]:
    """In the caller's transaction: references of other open submissions of its kind about the same; at most five."""
    same_one = [submission.c.subject == current.subject] if current.subject else []
    if current.project_id is not None or current.organization_id is not None:
        about = [
            column == key if key is not None else column.is_(None)
            for column, key in (
                (submission.c.project_id, current.project_id),
                (submission.c.organization_id, current.organization_id),
            )
        ]
        same_one.append(and_(*about))
    if not same_one:
        return ()
    query = select(submission.c.reference).where(
        submission.c.kind == current.kind,
        submission.c.id != current.id,
        submission.c.state.in_(OPEN_STATES),
        or_(*same_one),
    )
    return tuple(connection.execute(query.order_by(submission.c.created_at).limit(5)).scalars())


def names_by_slug(connection: Connection, kind: str, slugs: Collection[str]) -> dict[str, str]:
    """In the caller's transaction: the names of the records of this kind with these slugs, as far as they are here."""
    table = project if kind == PROJECT else organization
    rows = connection.execute(select(table.c.slug, table.c.name).where(table.c.slug.in_(slugs)))
    return {row.slug: row.name for row in rows}
