"""Stating that one record is part of another, or its successor, and taking that back. Both records stay as they are,
and readers of either are told.

The statement is its line of the log, and holds as long as that does. It is no kind of submission: only moderators make
it. Others correct the field of relations.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own
from catalog.moderation.merge import THE_SAME
from catalog.moderation.outcomes import OUTCOMES
from catalog.moderation.outcomes.base import TIE, OutcomeTransaction
from catalog.moderation.outcomes.decision_form import NOT_NOW, DecisionRequest, reason_problems
from catalog.rules import permissions
from catalog.rules.decision import TIES, UNTIE
from catalog.rules.person import Person
from catalog.store.core.public_changes import changing
from catalog.store.merges import rows as merge_rows
from catalog.store.merges import successors
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store

BELONGS, NO_MORE = "belongs", "mistake"  # the reasons of the log


@dataclass(frozen=True)
class SuccessionStatement:
    """What a moderator states: `first` is part of `other`, or took over from it. `says` is one of TIES."""

    kind: str
    first: UUID
    other: UUID
    says: str
    words: str


def tie(store: Store, person: Person, wish: SuccessionStatement, *, now: datetime) -> int:
    """The number of the line in the log. Raises NotFound; NotAllowed where the person may not, or has a conflict of
    interest; Invalid by field; AlreadyExists("decision", ...) where one of them is hidden, or this was said already."""
    permissions.demand(person, "desk-merge-decide")
    with changing(store.engine) as (connection, change):
        for key in merge_rows.ordered_pair(wish.first, wish.other):
            moderation_log.hold(connection, key)
        change()
        if own(connection, person, wish.first, wish.other):
            raise NotAllowed(CONFLICT)
        wrong = reason_problems(wish.says, BELONGS, wish.words)
        if wish.says not in TIES:
            wrong["choice"] = NOT_NOW
        elif wish.first == wish.other:
            wrong["choice"] = THE_SAME
        if wrong:
            raise Invalid(wrong)
        about, beside = (moderation_log.subject(connection, wish.kind, key=key) for key in (wish.first, wish.other))
        if about.state.hidden or beside.state.hidden:
            raise AlreadyExists("decision", "")
        for line in successors.ties_of_moderators(connection):
            if (line.kind, line.first, line.other, line.says) == (wish.kind, wish.first, wish.other, wish.says):
                raise AlreadyExists("decision", str(line.number))
        act = OutcomeTransaction(
            connection, change, now, person, DecisionRequest(wish.says, "", "", ""), about=about, other=wish.other
        )
        before = OUTCOMES[TIE, wish.says].apply(act)
        given = given_by(person, BELONGS, wish.words)
        return moderation_log.append(connection, wish.says, about, given, before=before, now=now)


def untie(store: Store, person: Person, number: int, words: str, *, now: datetime) -> int:
    """Take the statement back, also long after; the number of the line. Raises as `tie`; NotFound where line `number`
    says nothing of the kind, or does so no more."""
    permissions.demand(person, "desk-merge-decide")
    with changing(store.engine) as (connection, change):
        change()
        found = next((line for line in successors.ties_of_moderators(connection) if line.number == number), None)
        if found is None:
            raise NotFound("decision", str(number))
        if own(connection, person, found.first, found.other):
            raise NotAllowed(CONFLICT)
        if wrong := reason_problems(UNTIE, NO_MORE, words):
            raise Invalid(wrong)
        change.touch(found.kind, found.first, found.other)
        return moderation_log.append(
            connection,
            UNTIE,
            moderation_log.subject(connection, found.kind, key=found.first),
            given_by(person, NO_MORE, words),
            concerns=number,
            before={"other": str(found.other)},
            now=now,
        )
