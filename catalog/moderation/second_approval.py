"""Confirmation by a second person: one moderator hides what was public at once; another confirms it within 7 days, or
it is undone.

Where fewer than two people decide here nobody could confirm: the decision stands, and desk and log say so. When a
second one comes, they have these 7 days.
"""

from collections.abc import Iterator
from datetime import datetime

from catalog.errors import AlreadyExists, Invalid, NotAllowed
from catalog.moderation import revert
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, DECIDED_BEFORE
from catalog.moderation.outcomes.decision_form import NOT_NOW, reason_problems
from catalog.rules import permissions
from catalog.rules.decision import BY_RULE, CONFIRM, CONFIRM_WITHIN, LAPSE, Decision, GivenDecision
from catalog.rules.person import Person
from catalog.rules.submission import WAITING
from catalog.store.core.public_changes import changing
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store
from catalog.store.submissions import rows as submission_rows

ENOUGH = 2  # people who decide, so that one of them can confirm what another did


def confirm(store: Store, person: Person, number: int, reason: str, words: str, *, now: datetime) -> int:
    """Confirm a decision, by a second person; the number of the line that says so.

    Raises NotFound; NotAllowed where the person may not, has a conflict of interest or decided it themselves; Invalid
    as `revert.undo`; AlreadyExists("decision", number) when it was confirmed or taken back before.
    """
    permissions.demand(person, "desk-second-approval-decide")
    with changing(store.engine) as (connection, change):
        revert.hold(connection, moderation_log.written(connection, number), change)
        decision = moderation_log.written(connection, number)
        if revert.own_line(connection, person, decision):
            raise NotAllowed(CONFLICT)
        if decision.person_id == person.id:
            raise NotAllowed(DECIDED_BEFORE)
        if said := decision.line.undone_by or decision.line.confirmed_by:
            raise AlreadyExists("decision", str(said))
        wrong = reason_problems(CONFIRM, reason or "agreed", words)
        if not decision.line.unconfirmed:
            wrong = {"choice": NOT_NOW} | wrong
        if wrong:
            raise Invalid(wrong)
        given = given_by(person, reason or "agreed", words)
        return revert.note(connection, CONFIRM, decision, given, change=change, now=now)


def due(line: Decision, people: int, since: datetime | None) -> datetime | None:
    """Until when a second person confirms a decision; None where none is waited for. `since`: when the second of the
    people who decide came, as `Roles.several_since` tells."""
    return max(line.at, since or line.at) + CONFIRM_WITHIN if line.unconfirmed and people >= ENOUGH else None


def lapse(store: Store, *, now: datetime) -> Iterator[int]:
    """Undo what nobody confirmed in time, each in a transaction of its own; the number of the line of each."""
    people, since = sum(store.people.roles().values()), store.roles.several_since()
    for line in store.decisions.unconfirmed(now - CONFIRM_WITHIN):
        until = due(line, people, since)
        if until is not None and until < now and (said := _lapse(store, line.number, now)):
            yield said


def _lapse(store: Store, number: int, now: datetime) -> int | None:
    with changing(store.engine) as (connection, change):
        revert.hold(connection, moderation_log.written(connection, number), change)
        decision = moderation_log.written(connection, number)
        if not decision.line.unconfirmed:  # somebody was quicker
            return None
        try:
            with connection.begin_nested():
                revert.put_back(connection, decision, change, now=now)
        except Invalid:  # what was taken away can no longer stand as it was sent: a person looks at it anew
            if decision.submission_id is not None:
                submission_rows.change(
                    connection, decision.submission_id, state=WAITING, decided_at=None, reviewed_at=None, changed_at=now
                )
        return revert.note(
            connection, LAPSE, decision, GivenDecision("not-confirmed", "", BY_RULE), change=change, now=now
        )
