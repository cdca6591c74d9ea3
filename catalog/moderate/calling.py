"""Joining two calls that say the same, and parting them again: lines of the log, as when two records are joined.

Nothing of a call is moved, so that parting undoes it. What else becomes of a call is `declare.tending`.
"""

from datetime import datetime
from uuid import UUID

from catalog import rights
from catalog.calls import OPEN, WITHDRAWN, Call
from catalog.decisions import DECLARATION, JOIN, UNJOIN
from catalog.declarations import CALL
from catalog.declare import tending
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.moderate.conflicts import CONFLICT, refuse_own
from catalog.moderate.giving import given_by
from catalog.people import Person
from catalog.store import Store, calling, calls, decisions, records
from catalog.store.database import ChangeNumber, Connection, writing
from catalog.store.decisions import NOTHING, Subject, Written

SAME_CALL = "Choose another call: this is the same one"
NOT_OPEN = "Choose a call that is open and of the same kind"
SENTENCES = (SAME_CALL, NOT_OPEN)


def join_call(store: Store, person: Person, reference: str, into: str, *, now: datetime) -> None:
    """The call `reference` says the same as `into`: it is told there, and all who said "us too" follow.

    Twice is once. Raises NotFound; NotAllowed for whoever may not, and for their own calls; Invalid: into.
    """
    rights.demand(person, "call-join")
    if reference == into:
        raise Invalid({"into": SAME_CALL})
    with writing(store.engine) as connection:
        change = ChangeNumber(connection)
        change()
        one = calls.one(connection, reference, hold=True)
        try:
            other = calls.one(connection, into, hold=True)
        except NotFound:
            raise Invalid({"into": NOT_OPEN}) from None
        _refuse_own(connection, person, one, other)
        if one.joined_to == other.id:
            return
        if other.joined_to is not None or other.state != OPEN or one.state == WITHDRAWN or other.kind != one.kind:
            raise Invalid({"into": NOT_OPEN})
        calling.alter(connection, one, change=change(), joined_to=other.id)
        calling.follow_join(connection, one, other)
        records.touch(connection, other.project_id, change())
        told = {*calling.sender(connection, one), *calling.followers(connection, one)}
        tending.tell(connection, tending.JOINED_MESSAGE, other, sorted(told), now)
        _note(connection, JOIN, "same", one, other.id, person, now)


def part_call(store: Store, person: Person, reference: str, *, now: datetime) -> None:
    """It stands alone again, with all that was said about it; twice is once. Raises NotFound, NotAllowed."""
    rights.demand(person, "call-join")
    with writing(store.engine) as connection:
        change = ChangeNumber(connection)
        change()
        one = calls.one(connection, reference, hold=True)
        _refuse_own(connection, person, one)
        if one.joined_to is None:
            return
        _note(connection, UNJOIN, "different", one, one.joined_to, person, now)
        _part(connection, one, change)


def put_back(connection: Connection, undone: Written, change: ChangeNumber) -> bool:
    """In the caller's transaction: parted again; False where it was parted or joined to another one meanwhile."""
    try:
        one = calls.one(connection, undone.before["reference"], hold=True)
    except NotFound:
        return False
    if one.joined_to != UUID(undone.before["other"]):
        return False
    _part(connection, one, change)
    return True


def _part(connection: Connection, one: Call, change: ChangeNumber) -> None:
    calling.alter(connection, one, change=change(), joined_to=None)
    calling.unfollow_join(connection, one)


def _refuse_own(connection: Connection, person: Person, *both: Call) -> None:
    for one in both:
        refuse_own(connection, person, one.project_id, one.organization_id)
        if calling.sender_id(connection, one.id) == person.id:
            raise NotAllowed(CONFLICT)


def _note(
    connection: Connection, kind: str, reason: str, one: Call, other: UUID, person: Person, now: datetime
) -> None:
    """The line names the call by its reference alone: what a stranger typed stays out of the log.

    The newest line of the same joining is what parting concerns, so that the log shows it as taken back.
    """
    before = {"other": str(other), "reference": one.reference}
    about = Subject(one.id, one.reference, "", NOTHING, kind=DECLARATION)
    decisions.append(
        connection,
        kind,
        about,
        given_by(person, reason, ""),
        finding=CALL,
        concerns=_joining(connection, one) if kind == UNJOIN else None,
        before=before,
        now=now,
    )


def _joining(connection: Connection, one: Call) -> int | None:
    number = decisions.latest(connection, one.id)
    return number if number is not None and decisions.written(connection, number).line.kind == JOIN else None
