"""Cases: what all kinds of them share, and the case of a submission, which is open while that waits for a moderator.

Whether a submission waits follows from its own row. So code that changes such rows calls `follow` in the same
transaction, and nothing else opens or closes these cases.
"""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, cast, func, literal, or_, select, true, update
from sqlalchemy import case as choose
from sqlalchemy.types import JSON

from catalog.rules.decision import APART
from catalog.rules.submission import ASK, ASKED, OPEN_STATES, PUBLISHED
from catalog.store.core.engine import insert_for_dialect
from catalog.tables.moderation import case
from catalog.tables.submissions import submission

# Where cases come from: people who send something; what was published without a moderator, to be looked at afterwards;
# visits of repositories; records that are alike.
SUBMISSION, LOOK, FINDING, LIKENESS = "declaration", "look", "finding", "likeness"  # as addresses of the desk name them
OPEN, CLOSED = "open", "closed"
# Columns of a submission on which it depends whether, and since when, it waits.
DEPENDS_ON = frozenset({"state", "sent_at", "decided_at", "reviewed_at", "reported_at"})

# What somebody asks an organization waits for no moderator: they do not decide whether it is passed on.
WAITS = and_(submission.c.kind != ASK, submission.c.state.in_(OPEN_STATES))
# Published without a moderator: one looks at it afterwards. A question is looked at where one of the two reported it.
TO_BE_LOOKED_AT = and_(
    submission.c.state == PUBLISHED,
    submission.c.reviewed_at.is_(None),
    or_(submission.c.kind != ASK, submission.c.reported_at.is_not(None)),
)
DECIDED_APART = (case.c.source == LIKENESS, case.c.outcome == APART)  # a person decided that two are not the same
_KEY = bindparam("submission", type_=submission.c.id.type)


def follow(connection: Connection, which: ColumnElement[bool]) -> None:
    """In the caller's transaction: open or close the cases of these submissions, as their rows say."""
    connection.execute(_opening(connection.dialect.name, which))
    connection.execute(_closing(which))


def follow_submission(connection: Connection, key: Any) -> None:
    """`follow` for one submission, with statements that are made once."""
    opening, closing = _of_one(connection.dialect.name)
    connection.execute(opening, {"submission": key})
    connection.execute(closing, {"submission": key})


def unlike_submissions(connection: Connection) -> tuple[str, ...]:
    """References of submissions whose case is not as their row says: one that waits and has no open case of where it
    comes from, one that does not wait and has one."""
    waits = choose((WAITS, literal(SUBMISSION)), (TO_BE_LOOKED_AT, literal(LOOK)), else_=literal(""))
    is_open = and_(case.c.submission_id == submission.c.id, case.c.state == OPEN)
    query = select(submission.c.reference).select_from(submission.outerjoin(case, is_open))
    query = query.where(waits != func.coalesce(case.c.source, literal(""))).order_by(submission.c.reference)
    return tuple(connection.execute(query).scalars())


@cache
def _of_one(dialect: str) -> tuple[Any, Any]:
    this = submission.c.id == _KEY
    return _opening(dialect, this), _closing(this)


def _opening(dialect: str, which: ColumnElement[bool]) -> Any:
    looked = func.coalesce(submission.c.reported_at, submission.c.decided_at, submission.c.changed_at)
    sent_at = func.coalesce(submission.c.sent_at, submission.c.created_at)
    rows = select(
        choose((WAITS, literal(SUBMISSION)), else_=literal(LOOK)),
        true(),
        submission.c.kind,
        submission.c.id,
        literal(""),
        cast(literal({}, JSON), JSON) if dialect == "postgresql" else literal("{}"),
        literal(OPEN),
        choose((WAITS, sent_at), else_=looked),
        choose((submission.c.state == ASKED, submission.c.changed_at)),
    ).where(which, or_(WAITS, TO_BE_LOOKED_AT))
    names = ("source", "from_people", "kind", "submission_id", "key", "payload", "state", "since", "asked_at")
    statement = insert_for_dialect(dialect, case).from_select(names, rows)
    new = {name: statement.excluded[name] for name in ("source", "state", "since", "asked_at")}
    return statement.on_conflict_do_update(
        index_elements=["submission_id"], set_=new | {"closed_at": None, "outcome": None}
    )


def _closing(which: ColumnElement[bool]) -> Any:
    ended = select(submission.c.changed_at).where(submission.c.id == case.c.submission_id).scalar_subquery()
    over = select(submission.c.id).where(which, ~or_(WAITS, TO_BE_LOOKED_AT))
    return (
        update(case).where(case.c.state == OPEN, case.c.submission_id.in_(over)).values(state=CLOSED, closed_at=ended)
    )
