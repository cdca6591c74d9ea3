"""Looks at proofs, queued in the caller's transaction: somebody asks for one, or a mirror holds something new."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, or_, select

from catalog.proofs import FILE, OPEN, PROJECT
from catalog.schema_keeping import proof
from catalog.store.jobs import enqueue, forward

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
