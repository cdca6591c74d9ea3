"""Members of records for tests: who maintains a project or represents an organization, and what verifies them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from support.factories.core import NOW

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.verification import ADDRESS, VERIFIED
from catalog.tables.ownership import membership, verification


def a_member(
    connection: Any,
    person_id: UUID,
    *,
    project_id: UUID | None = None,
    organization_id: UUID | None = None,
    role: str = VERIFIED,
    method: str = ADDRESS,
    now: datetime = NOW,
) -> None:
    """In the caller's transaction: a member of this record; who is not invited is verified by this method."""
    kind, record_id = (PROJECT, project_id) if project_id else (ORGANIZATION, organization_id)
    key = {"person_id": person_id, "kind": kind, "record_id": record_id}
    connection.execute(membership.insert().values(**key, role=role, since=now))
    if role == VERIFIED:
        given = {"nonce": uuid4().hex, "state": VERIFIED, "language": "en", "detail": {}}
        at = dict.fromkeys(("created_at", "checked_at", "verified_at", "seen_at"), now)
        connection.execute(verification.insert().values(id=uuid4(), **key, method=method, **given, **at))
