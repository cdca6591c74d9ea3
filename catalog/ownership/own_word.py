"""Raises and lowers what somebody stated of a record when they are verified for it, or when that was a mistake.

From the verification on it counts as the record's own word. Steps for the functions of `verify`, in their transactions.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from catalog.record_kind import ORGANIZATION
from catalog.rules.adoption import SELF_DECLARED
from catalog.rules.submission import ADOPT
from catalog.store.adoptions import rows as adoption_rows
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.documents import own_values
from catalog.store.ownership.verifications import term_of_member
from catalog.store.submissions.later_submissions import projects_declared_last_by


def lift(
    connection: Connection, person_id: UUID, kind: str, record_id: UUID, change: PublicChange, *, now: datetime
) -> None:
    """Make what they declared, and a moderator accepted, the record's own word; its dates stay."""
    own_values.promote_values(connection, kind, record_id, person_id, change=change, now=now)
    term = term_of_member(connection, person_id, kind, record_id)
    if kind == ORGANIZATION and term is not None:
        _verify_adoptions(connection, person_id, record_id, SELF_DECLARED, term, change)


def lower_adoptions(
    connection: Connection, person_id: UUID, organization_id: UUID, term: str, change: PublicChange
) -> None:
    """Make their declarations of use that a verification of this term raised unconfirmed again."""
    _verify_adoptions(connection, person_id, organization_id, term, SELF_DECLARED, change)


def _verify_adoptions(
    connection: Connection, person_id: UUID, organization_id: UUID, before: str, after: str, change: PublicChange
) -> None:
    for project_id in projects_declared_last_by(connection, ADOPT, organization_id, person_id):
        adoption = adoption_rows.own_adoption(connection, project_id, organization_id)
        if adoption is None or adoption.verification != before:
            continue
        row = adoption_rows.snapshot(connection, project_id, organization_id)["kept"]
        said_at = datetime.fromisoformat(row["confirmed_at"])  # it says so since then: a verification moves no date
        stronger = replace(adoption, verification=after)
        adoption_rows.write_adoption(connection, project_id, organization_id, stronger, change=change, now=said_at)
