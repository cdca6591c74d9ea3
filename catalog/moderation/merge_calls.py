"""Merging two calls that say the same, and separating them again: lines of the log, as when two records are merged.

Nothing of a call is moved, so that separating undoes it. What else becomes of a call is in
`catalog.submissions.calls_lifecycle`.
"""

from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, refuse_own
from catalog.moderation.outcomes import OUTCOMES
from catalog.moderation.outcomes.base import CALLS, Act
from catalog.moderation.outcomes.decision_form import Wish
from catalog.moderation.outcomes.pairs import part_call as undo_merge
from catalog.rules import permissions
from catalog.rules.call import OPEN, WITHDRAWN, Call
from catalog.rules.decision import DECLARATION, JOIN, UNJOIN
from catalog.rules.person import Person
from catalog.rules.submission import CALL
from catalog.store import Store
from catalog.store.calls import queries as call_queries
from catalog.store.calls import rows as call_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import changing
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import NOTHING, Subject
from catalog.submissions import calls_lifecycle

SAME_CALL = "Choose another need: this is the same one"
NOT_OPEN = "Choose a need that is open and of the same kind"
SENTENCES = (SAME_CALL, NOT_OPEN)


def join_call(store: Store, person: Person, reference: str, into: str, *, now: datetime) -> None:
    """Merge the call `reference` into `into`, which says the same, with all who said "us too".

    Twice is once. Raises NotFound; NotAllowed where the person may not, and for their own calls; Invalid: into.
    """
    permissions.demand(person, "call-merge")
    if reference == into:
        raise Invalid({"into": SAME_CALL})
    with changing(store.engine) as (connection, change):
        change()
        call = call_queries.call_by_reference(connection, reference, hold=True)
        try:
            other = call_queries.call_by_reference(connection, into, hold=True)
        except NotFound:
            raise Invalid({"into": NOT_OPEN}) from None
        _refuse_own(connection, person, call, other)
        if call.joined_to == other.id:
            return
        if other.joined_to is not None or other.state != OPEN or call.state == WITHDRAWN or other.kind != call.kind:
            raise Invalid({"into": NOT_OPEN})
        act = Act(connection, change, now, person, Wish(JOIN, "same", "", ""), about=_subject(call), other=other.id)
        OUTCOMES[CALLS, JOIN].apply(act)
        told = {*call_rows.address_of_sender(connection, call), *call_rows.addresses_of_supporters(connection, call)}
        calls_lifecycle.enqueue_call_messages(connection, calls_lifecycle.JOINED_MESSAGE, other, sorted(told), now)
        _note(connection, JOIN, "same", call, other.id, person, now)


def part_call(store: Store, person: Person, reference: str, *, now: datetime) -> None:
    """Separate a merged call again, with all that was said about it; a second time changes nothing. Raises NotFound,
    NotAllowed."""
    permissions.demand(person, "call-merge")
    with changing(store.engine) as (connection, change):
        change()
        call = call_queries.call_by_reference(connection, reference, hold=True)
        _refuse_own(connection, person, call)
        if call.joined_to is None:
            return
        _note(connection, UNJOIN, "different", call, call.joined_to, person, now)
        undo_merge(connection, call, change)


def _refuse_own(connection: Connection, person: Person, *both: Call) -> None:
    for call in both:
        refuse_own(connection, person, call.project_id, call.organization_id)
        if call_rows.sender_id(connection, call.id) == person.id:
            raise NotAllowed(CONFLICT)


def _note(
    connection: Connection, kind: str, reason: str, call: Call, other: UUID, person: Person, now: datetime
) -> None:
    """The line names the call by its reference alone: what a stranger typed stays out of the log.

    The newest line of the same joining is what parting concerns, so that the log shows it as taken back.
    """
    before = {"other": str(other), "reference": call.reference}
    moderation_log.append(
        connection,
        kind,
        _subject(call),
        given_by(person, reason, ""),
        finding=CALL,
        concerns=_joining(connection, call) if kind == UNJOIN else None,
        before=before,
        now=now,
    )


def _subject(call: Call) -> Subject:
    return Subject(call.id, call.reference, "", NOTHING, kind=DECLARATION)


def _joining(connection: Connection, call: Call) -> int | None:
    number = moderation_log.latest(connection, call.id)
    return number if number is not None and moderation_log.written(connection, number).line.kind == JOIN else None
