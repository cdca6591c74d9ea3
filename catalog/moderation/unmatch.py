"""Separates another catalogue's record from the row that evidence joined it with: a decision in the public log.

Nobody is asked again. Records are joined by evidence in `catalog.federation`.
"""

from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotAllowed
from catalog.federation import received_rows
from catalog.moderation.acting_role import given_by
from catalog.moderation.conflict_of_interest import CONFLICT, own
from catalog.moderation.outcomes.decision_form import reason_problems
from catalog.rules import permissions
from catalog.rules.decision import APART
from catalog.rules.person import Person
from catalog.store.core.public_changes import changing
from catalog.store.federation.received import records as received_records
from catalog.store.merges import rows as merge_rows
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store


def tell_apart(store: Store, person: Person, kind: str, record_id: UUID, words: str, *, now: datetime) -> int:
    """Separate the record, which gets a row of its own; the number of the line in the log.

    Raises NotFound where it is not joined with anything; NotAllowed where the person may not, or has a conflict of
    interest; Invalid by field: words.
    """
    permissions.demand(person, "desk-matched-record-decide")
    with changing(store.engine) as (connection, change):
        row = received_records.joined_with(connection, kind, record_id).row_id
        if own(connection, person, row):
            raise NotAllowed(CONFLICT)
        if wrong := reason_problems(APART, "different", words):
            raise Invalid(wrong)
        change.touch(kind, row)
        merge_rows.set_answer(connection, kind, (record_id, row), True, now=now)
        line = moderation_log.append(
            connection,
            APART,
            moderation_log.subject(connection, kind, key=row),
            given_by(person, "different", words),
            before={"other": str(record_id)},
            now=now,
        )
    received_rows.settle(store, now=now)
    return line
