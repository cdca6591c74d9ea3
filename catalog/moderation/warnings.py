"""Warnings for moderators about a submission: those of its kind, and those for every kind.

A warning decides nothing: a person reads it before they decide.
"""

from catalog import submissions
from catalog.rules.submission import PUBLISHED, REFUSED, Submission
from catalog.store.core.engine import Connection, reading
from catalog.store.mirrors import mirror_rows
from catalog.store.store import Store
from catalog.store.submissions import related
from catalog.submissions import Doubt

DEAD = ("gone", "unreachable")  # states of a mirror whose address answers no more


def doubts(store: Store, submission: Submission) -> tuple[Doubt, ...]:
    """All that should be looked at before deciding, what is particular to its kind first."""
    with reading(store.engine) as connection:
        return (*submissions.KINDS[submission.kind].doubts(connection, submission), *_general(connection, submission))


def _general(connection: Connection, submission: Submission) -> tuple[Doubt, ...]:
    doubts: list[Doubt] = []
    doubts += (Doubt("also-open", {"reference": reference}) for reference in related.beside(connection, submission))
    before = related.earlier(connection, submission)
    for state, reason in ((REFUSED, "sender-refused"), (PUBLISHED, "sender-published")):
        if before.get(state):
            doubts.append(Doubt(reason, {"count": before[state]}))
    if (
        submission.project_id is not None
        and (mirror_state := mirror_rows.mirror_state(connection, submission.project_id)) in DEAD
    ):
        doubts.append(Doubt("address-dead", {"state": mirror_state}))
    return tuple(doubts)
