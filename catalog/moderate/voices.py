"""Saying that a foreign record is not the row that evidence joined it with: a decision like others, in the public log.

Nobody is asked again. What joins records by evidence is the matter of `exchange`.
"""

from datetime import datetime
from uuid import UUID

from catalog import rights
from catalog.decisions import APART
from catalog.errors import Invalid, NotAllowed
from catalog.exchange import merge
from catalog.moderate.conflicts import CONFLICT, own
from catalog.moderate.giving import given_by
from catalog.moderate.wishes import reason_problems
from catalog.people import Person
from catalog.store import Store, decisions, foreign, joins
from catalog.store.database import writing


def tell_apart(store: Store, person: Person, kind: str, record_id: UUID, words: str, *, now: datetime) -> int:
    """The record stands for itself from now on, with a row of its own; the number of the line in the log.

    Raises NotFound where it is not joined with anything; NotAllowed for whoever may not, or for their own matters;
    Invalid by field: words.
    """
    rights.demand(person, "desk-voice-decide")
    with writing(store.engine) as connection:
        row = foreign.joined_with(connection, kind, record_id)
        if own(connection, person, row):
            raise NotAllowed(CONFLICT)
        if wrong := reason_problems(APART, "different", words):
            raise Invalid(wrong)
        joins.answered(connection, kind, (record_id, row), True, now=now)
        line = decisions.append(
            connection,
            APART,
            decisions.subject(connection, kind, key=row),
            given_by(person, "different", words),
            before={"other": str(record_id)},
            now=now,
        )
    merge.settle(store, now=now)
    return line
