"""Queue jobs that check verifications: when somebody asks for it, or when a mirror has new content. And list the
representatives who were verified by their mail address and have no verification row that jobs check.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, exists, or_, select

from catalog.rules.verification import ADDRESS, FILE, OPEN, ORGANIZATION, PROJECT, VERIFICATION
from catalog.store.core.jobs import enqueue, run_sooner
from catalog.tables.core import organization
from catalog.tables.ownership import proof
from catalog.tables.people import person, representative

VERIFICATION_JOB = "prove"  # the kind of the job


def check_now(connection: Connection, key: UUID, *, now: datetime) -> None:
    """In the caller's transaction: check a verification as soon as a worker is free."""
    enqueue(connection, VERIFICATION_JOB, f"{VERIFICATION_JOB}:{key}", {"proof": str(key)}, run_at=now)
    run_sooner(connection, f"{VERIFICATION_JOB}:{key}", run_at=now)


def check_file_verifications(connection: Connection, project_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: check the verifications by a file in this project's repository again."""
    wanted = select(proof.c.id).where(
        proof.c.kind == PROJECT,
        proof.c.record_id == project_id,
        proof.c.way == FILE,
        or_(proof.c.state != OPEN, proof.c.asked_at.is_not(None)),
    )
    for key in connection.execute(wanted).scalars().all():
        check_now(connection, key, now=now)


class AddressVerified(NamedTuple):
    """A representative of an organization who was verified by a mail address at the domain of its website."""

    person_id: UUID
    organization_id: UUID
    email: str
    language: str
    since: datetime


def verified_by_address_only(connection: Connection) -> tuple[AddressVerified, ...]:
    """In the caller's transaction: representatives of visible organizations who were verified by their mail address,
    but have no row for that verification."""
    theirs = (
        proof.c.person_id == representative.c.person_id,
        proof.c.kind == ORGANIZATION,
        proof.c.record_id == representative.c.organization_id,
        proof.c.way == ADDRESS,
    )
    wanted = (
        select(
            representative.c.person_id,
            representative.c.organization_id,
            person.c.email,
            person.c.language,
            representative.c.since,
        )
        .join(person, person.c.id == representative.c.person_id)
        .join(organization, organization.c.id == representative.c.organization_id)
        .where(representative.c.verification == VERIFICATION[ADDRESS], organization.c.hidden.is_(None))
        .where(~exists().where(*theirs))
        .order_by(representative.c.organization_id, representative.c.person_id)
    )
    return tuple(AddressVerified(*row) for row in connection.execute(wanted))
