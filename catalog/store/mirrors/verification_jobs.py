"""Queue jobs that check verifications: when somebody asks for it, or when a mirror has new content."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, or_, select

from catalog.record_kind import PROJECT
from catalog.rules.verification import FILE, OPEN
from catalog.store.core.jobs import enqueue, run_sooner
from catalog.tables.ownership import verification

VERIFICATION_JOB = "verify"  # the kind of the job


def check_now(connection: Connection, key: UUID, *, now: datetime) -> None:
    """In the caller's transaction: check a verification as soon as a worker is free."""
    enqueue(connection, VERIFICATION_JOB, f"{VERIFICATION_JOB}:{key}", {"verification": str(key)}, run_at=now)
    run_sooner(connection, f"{VERIFICATION_JOB}:{key}", run_at=now)


def check_file_verifications(connection: Connection, project_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: check the verifications by a file in this project's repository again."""
    query = select(verification.c.id).where(
        verification.c.kind == PROJECT,
        verification.c.record_id == project_id,
        verification.c.method == FILE,
        or_(verification.c.state != OPEN, verification.c.asked_at.is_not(None)),
    )
    for key in connection.execute(query).scalars().all():
        check_now(connection, key, now=now)
