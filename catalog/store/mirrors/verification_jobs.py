"""Looks at proofs, queued in the caller's transaction: somebody asks for one, or a mirror holds something new. And who
speaks for an organization by their address, without a proof that errands look at.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, exists, or_, select

from catalog.rules.verification import ADDRESS, FILE, OPEN, ORGANIZATION, PROJECT, VERIFICATION
from catalog.store.core.jobs import enqueue, forward
from catalog.tables.core import organization
from catalog.tables.ownership import proof
from catalog.tables.people import person, speaker

PROVE = "prove"  # the errand


def look_now(connection: Connection, key: UUID, *, now: datetime) -> None:
    """A proof is looked at as soon as a worker is free."""
    enqueue(connection, PROVE, f"{PROVE}:{key}", {"proof": str(key)}, run_at=now)
    forward(connection, f"{PROVE}:{key}", run_at=now)


def look_at_mirror(connection: Connection, project_id: UUID, *, now: datetime) -> None:
    """Whoever proves by a file in this repository is looked at again."""
    wanted = select(proof.c.id).where(
        proof.c.kind == PROJECT,
        proof.c.record_id == project_id,
        proof.c.way == FILE,
        or_(proof.c.state != OPEN, proof.c.asked_at.is_not(None)),
    )
    for key in connection.execute(wanted).scalars().all():
        look_now(connection, key, now=now)


class ByAddress(NamedTuple):
    """Who speaks for an organization since their address was at the domain of its website."""

    person_id: UUID
    organization_id: UUID
    email: str
    language: str
    since: datetime


def let_in_by_address(connection: Connection) -> tuple[ByAddress, ...]:
    """In the caller's transaction: of organizations that are here, those without a proof of this way."""
    theirs = (
        proof.c.person_id == speaker.c.person_id,
        proof.c.kind == ORGANIZATION,
        proof.c.record_id == speaker.c.organization_id,
        proof.c.way == ADDRESS,
    )
    wanted = (
        select(speaker.c.person_id, speaker.c.organization_id, person.c.email, person.c.language, speaker.c.since)
        .join(person, person.c.id == speaker.c.person_id)
        .join(organization, organization.c.id == speaker.c.organization_id)
        .where(speaker.c.verification == VERIFICATION[ADDRESS], organization.c.hidden.is_(None))
        .where(~exists().where(*theirs))
        .order_by(speaker.c.organization_id, speaker.c.person_id)
    )
    return tuple(ByAddress(*row) for row in connection.execute(wanted))
