"""The queue of everything behind the web: one table, the same on both databases. It runs nothing itself.

A job is written in the caller's transaction under a unique key and taken by one UPDATE … RETURNING; a worker that
dies lets its lease run out, and the job is taken again. A job that failed comes back after a doubling delay with
jitter.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, or_, select, update

from catalog.schema import job
from catalog.store.database import insert, reading, writing

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(days=7)
JITTER = 0.1  # part of the delay, both ways


@dataclass(frozen=True)
class Job:
    id: int
    kind: str
    key: str
    argument: Mapping[str, Any]
    tries: int  # this one included
    priority: int = 0


class Jobs:
    def __init__(self, engine: Engine):
        self._engine = engine

    def take(
        self,
        worker: str,
        *,
        now: datetime,
        lease: timedelta,
        kinds: Sequence[str] | None = None,
        priorities: tuple[int, int] | None = None,
        limit: int = 1,
    ) -> tuple[Job, ...]:
        """Up to `limit` due jobs, leased to this worker: the most urgent first, then the longest due.

        `priorities` are the first and the last one wanted; 0 is the most urgent.
        """
        free = or_(job.c.leased_until.is_(None), job.c.leased_until < now)
        due = select(job.c.id).where(job.c.run_at <= now, free)
        if kinds is not None:
            due = due.where(job.c.kind.in_(kinds))
        if priorities is not None:
            due = due.where(job.c.priority.between(*priorities))
        due = due.order_by(job.c.priority, job.c.run_at, job.c.id).limit(limit).with_for_update(skip_locked=True)
        with writing(self._engine) as connection:
            rows = connection.execute(
                update(job)
                .where(job.c.id.in_(due.scalar_subquery() if limit == 1 else due))
                .values(leased_until=now + lease, worker=worker, tries=job.c.tries + 1)
                .returning(job.c.id, job.c.kind, job.c.key, job.c.argument, job.c.tries, job.c.priority, job.c.run_at)
            ).all()
        ordered = sorted(rows, key=lambda row: (row.priority, row.run_at, row.id))
        return tuple(Job(row.id, row.kind, row.key, row.argument, row.tries, row.priority) for row in ordered)

    def extend(self, jobs: Sequence[Job], worker: str, *, now: datetime, lease: timedelta) -> None:
        """Keep the lease of jobs that are still being done."""
        with writing(self._engine) as connection:
            connection.execute(
                update(job)
                .where(job.c.id.in_([one.id for one in jobs]), job.c.worker == worker)
                .values(leased_until=now + lease)
            )

    def done(self, one: Job) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(job).where(job.c.id == one.id))

    def again(self, one: Job, *, at: datetime, priority: int | None = None) -> None:
        """It was done and is to be done again at this time: a schedule is a job that comes back."""
        with writing(self._engine) as connection:
            reschedule(connection, one, at=at, priority=priority)

    def failed(self, one: Job, error: str, *, now: datetime) -> None:
        """It raised: keep the reason, try again later."""
        delay = min(FIRST_DELAY * 2 ** min(one.tries - 1, 20), LONGEST_DELAY)
        with writing(self._engine) as connection:
            connection.execute(
                update(job)
                .where(job.c.id == one.id)
                .values(leased_until=None, worker=None, error=error[:2000], run_at=now + jittered(delay))
            )

    def add(self, kind: str, key: str, argument: Mapping[str, Any], *, run_at: datetime, priority: int = 0) -> None:
        with writing(self._engine) as connection:
            enqueue(connection, kind, key, argument, run_at=run_at, priority=priority)

    def next_at(self) -> datetime | None:
        """When the next job that nobody has leased is due."""
        with reading(self._engine) as connection:
            found: datetime | None = connection.execute(
                select(job.c.run_at).where(job.c.leased_until.is_(None)).order_by(job.c.run_at).limit(1)
            ).scalar()
        return found

    def waiting(self) -> dict[str, int]:
        """How many jobs of each kind are queued."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(job.c.kind, func.count()).group_by(job.c.kind)).all()
        return {kind: number for kind, number in rows}


def enqueue(
    connection: Connection, kind: str, key: str, argument: Mapping[str, Any], *, run_at: datetime, priority: int = 0
) -> None:
    """Queue a job in the caller's transaction; one with the same key that waits already is kept as it is."""
    values = {
        "kind": kind,
        "key": key,
        "argument": dict(argument),
        "run_at": run_at,
        "priority": priority,
        "tries": 0,
    }
    connection.execute(insert(connection, job).values(**values).on_conflict_do_nothing(index_elements=["key"]))


def forward(connection: Connection, key: str, *, run_at: datetime) -> None:
    """Let a waiting job run no later than `run_at`; one that is being done is left alone."""
    connection.execute(
        update(job).where(job.c.key == key, job.c.leased_until.is_(None), job.c.run_at > run_at).values(run_at=run_at)
    )


def reschedule(connection: Connection, one: Job, *, at: datetime, priority: int | None = None) -> None:
    """In the caller's transaction: the job is free again and due at `at`."""
    values: dict[str, Any] = {"leased_until": None, "worker": None, "error": None, "run_at": at, "tries": 0}
    if priority is not None:
        values["priority"] = priority
    connection.execute(update(job).where(job.c.id == one.id).values(**values))


def postpone(connection: Connection, key: str, *, at: datetime) -> None:
    """In the caller's transaction: what a waiting job would do was just done; one that is being done is left alone."""
    connection.execute(update(job).where(job.c.key == key, job.c.leased_until.is_(None)).values(run_at=at, error=None))


def jittered(delay: timedelta) -> timedelta:
    """The delay, a tenth more or less, so that what failed together does not come back together."""
    return delay * random.uniform(1 - JITTER, 1 + JITTER)
