"""Merging two records that are the same, separating them again, and saying that they are not the same.

A merge is a statement of a moderator: public, reversible within a day by an undo and later by another decision. Nothing
that was stated of either is lost. Records of other catalogues are joined by evidence, in `catalog.federation`.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from uuid import UUID

from catalog.errors import AlreadyExists, Invalid, NotAllowed
from catalog.federation import received_rows
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own
from catalog.moderation.outcomes import OUTCOMES
from catalog.moderation.outcomes.base import PAIR, OutcomeTransaction
from catalog.moderation.outcomes.decision_form import NOT_LAST, NOT_NOW, DecisionRequest, reason_problems
from catalog.rules import permissions
from catalog.rules.decision import APART, JOIN, UNJOIN
from catalog.rules.person import Person
from catalog.store.core.public_changes import changing
from catalog.store.federation.received import records as received_records
from catalog.store.merges import merge_rows
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store

NO_STAY = "Choose which of the two to keep"
THE_SAME = "Choose two different records"
SENTENCES = (NO_STAY, THE_SAME)
MOST = 500  # pairs that are noted at a time
CROWD = 5  # organizations of one name and country: of more it is no likeness, but a name that many bear


@dataclass(frozen=True)
class MergeChoice:
    """Two records and what a person says of them: `choice` is JOIN or APART; `stays` the identity that stays."""

    kind: str
    first: UUID
    other: UUID
    choice: str
    stays: UUID | None
    reason: str
    words: str

    @property
    def given(self) -> str:
        return self.reason or ("same" if self.choice == JOIN else "different")


def pair(store: Store, person: Person, wish: MergeChoice, *, now: datetime) -> int:
    """Join two records, or say that they are not the same; the number of the line in the log.

    Raises NotFound; NotAllowed where the person may not, or has a conflict of interest; Invalid by field: choice,
    stays, reason, words; AlreadyExists("decision", "") when one of them was joined, hidden or answered meanwhile.
    """
    permissions.demand(person, "desk-merge-decide")
    with changing(store.engine) as (connection, change):
        for key in merge_rows.ordered_pair(wish.first, wish.other):
            moderation_log.hold(connection, key)
        change()
        if own(connection, person, wish.first, wish.other):
            raise NotAllowed(CONFLICT)
        both = {key: moderation_log.subject(connection, wish.kind, key=key) for key in (wish.first, wish.other)}
        wrong = reason_problems(wish.choice, wish.given, wish.words)
        if wish.choice not in (JOIN, APART):
            wrong["choice"] = NOT_NOW
        elif wish.first == wish.other:
            wrong["choice"] = THE_SAME
        elif wish.choice == JOIN and wish.stays not in both:
            wrong["stays"] = NO_STAY
        if wrong:
            raise Invalid(wrong)
        if any(about.state.hidden for about in both.values()):
            raise AlreadyExists("decision", "")
        stays = wish.stays if wish.choice == JOIN and wish.stays is not None else wish.first
        goes = wish.other if stays == wish.first else wish.first
        act = OutcomeTransaction(
            connection, change, now, person, DecisionRequest(wish.choice, "", "", ""), about=both[stays], other=goes
        )
        before = OUTCOMES[PAIR, wish.choice].apply(act)
        decision = given_by(person, wish.given, wish.words)
        line = moderation_log.append(connection, wish.choice, both[stays], decision, before=before, now=now)
        if wish.choice == JOIN:
            merge_rows.set_log_number(connection, wish.kind, goes, line)
        return line


def separate(store: Store, person: Person, kind: str, record_id: UUID, words: str, *, now: datetime) -> int:
    """Separate a record from the one that a person merged it into, also long after, or another catalogue's record from
    the row that evidence joined it with, and say that they are not the same; the number of the line.

    Raises NotFound where it is not joined with anything; NotAllowed and Invalid as `pair`.
    """
    permissions.demand(person, "desk-separate-send")
    with changing(store.engine) as (connection, change):
        change()
        merge = merge_rows.merge_of(connection, kind, record_id)
        stays = merge.into_id if merge else received_records.joined_with(connection, kind, record_id).row_id
        if own(connection, person, stays, record_id):
            raise NotAllowed(CONFLICT)
        choice = UNJOIN if merge else APART
        wrong = reason_problems(choice, "different", words)
        if merge and merge_rows.merge_of(connection, kind, stays) is not None:
            wrong["choice"] = NOT_LAST
        if wrong:
            raise Invalid(wrong)
        if merge:
            merge_rows.separate_records(connection, merge, change)
        change.touch(kind, stays)
        merge_rows.set_answer(connection, kind, (stays, record_id), True, now=now)
        line = moderation_log.append(
            connection,
            choice,
            moderation_log.subject(connection, kind, key=stays),
            given_by(person, "different", words),
            concerns=merge.number if merge else None,
            before={"other": str(record_id)},
            now=now,
        )
    if not merge:
        received_rows.settle(store, now=now)  # the record gets a row of its own
    return line


def find_likenesses(store: Store, *, now: datetime) -> int:
    """Note the organizations of one folded name and country, which may be the same; how many pairs are new. What many
    share is no likeness."""
    bearers: dict[tuple[str | None, str], list[tuple[UUID, UUID | None]]] = {}
    for key, name, country, home in store.merges.names():
        same = bearers.setdefault((country, name), [])
        if name and len(same) <= CROWD:
            same.append((key, home))
    pairs = [
        merge_rows.ordered_pair(one[0], other[0])
        for same in bearers.values()
        if len(same) <= CROWD
        for one, other in combinations(same, 2)
        if one[1] is None or one[1] != other[1]  # two records of another catalogue are two: it says so
    ]
    return store.merges.resemble("organization", pairs[:MOST], now=now)
