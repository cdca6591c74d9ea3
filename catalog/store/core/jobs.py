"""The queue of background jobs: one table, the same on both databases. Workers (`forge.mirroring.worker`) run them.

A job is written in the caller's transaction under a unique key and taken by one UPDATE … RETURNING. When a worker dies,
its lease runs out and the job is taken again. A job that failed is retried after a doubling delay with jitter.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.tables.core import job

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


class Jobs(DatabasePart):
    def lease(
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
        # A common table expression with FOR UPDATE is evaluated once; a subquery may be twice, and lock too many.
        chosen = (
            due.order_by(job.c.priority, job.c.run_at, job.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        with writing(self._engine) as connection:
            rows = connection.execute(
                update(job)
                .where(job.c.id.in_(select(chosen.c.id)))
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
                .where(job.c.id.in_([extended.id for extended in jobs]), job.c.worker == worker)
                .values(leased_until=now + lease)
            )

    def done(self, done_job: Job) -> None:
        """Delete a job that is done. Nothing happens when its lease ran out and another worker has it now."""
        with writing(self._engine) as connection:
            connection.execute(delete(job).where(_is_still_taken(done_job)))

    def requeue(self, done_job: Job, *, at: datetime, priority: int | None = None) -> None:
        """Reschedule a job that is done: a recurring task is a job that is queued again."""
        with writing(self._engine) as connection:
            reschedule(connection, done_job, at=at, priority=priority)

    def failed(self, failed_job: Job, error: str, *, now: datetime) -> None:
        """Store the error of a job that raised, and retry it later, unless another worker has it now."""
        delay = min(FIRST_DELAY * 2 ** min(failed_job.tries - 1, 20), LONGEST_DELAY)
        with writing(self._engine) as connection:
            connection.execute(
                update(job)
                .where(_is_still_taken(failed_job))
                .values(leased_until=None, worker=None, error=error[:2000], run_at=now + jittered(delay))
            )

    def add(self, kind: str, key: str, argument: Mapping[str, Any], *, run_at: datetime, priority: int = 0) -> None:
        with writing(self._engine) as connection:
            enqueue(connection, kind, key, argument, run_at=run_at, priority=priority)

    def hasten(self, key: str, *, run_at: datetime) -> None:
        """Let a queued job run no later than `run_at`; one that is running is left alone."""
        with writing(self._engine) as connection:
            run_sooner(connection, key, run_at=run_at)

    def due(self, kinds: Sequence[str], *, now: datetime) -> bool:
        """Whether a job of one of these kinds can be taken now."""
        free = or_(job.c.leased_until.is_(None), job.c.leased_until < now)
        query = select(job.c.id).where(job.c.kind.in_(kinds), job.c.run_at <= now, free).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None


def enqueue(
    connection: Connection, kind: str, key: str, argument: Mapping[str, Any], *, run_at: datetime, priority: int = 0
) -> None:
    """In the caller's transaction: queue a job. One with the same key that is queued already stays as it is."""
    enqueue_all(connection, kind, [(key, argument, priority)], run_at=run_at)


def enqueue_all(
    connection: Connection, kind: str, jobs: Sequence[tuple[str, Mapping[str, Any], int]], *, run_at: datetime
) -> None:
    """As `enqueue`, for many jobs of one kind, each with its key, argument and priority."""
    rows = [
        {"kind": kind, "key": key, "argument": dict(argument), "run_at": run_at, "priority": priority, "tries": 0}
        for key, argument, priority in jobs
    ]
    if rows:
        connection.execute(insert(connection, job).on_conflict_do_nothing(index_elements=["key"]), rows)


def remove(connection: Connection, key: str) -> None:
    """In the caller's transaction: drop a job from the queue. One that is running ends, and leaves a job that is queued
    under its key meanwhile alone."""
    connection.execute(delete(job).where(job.c.key == key))


def run_sooner(connection: Connection, key: str, *, run_at: datetime) -> None:
    """In the caller's transaction: let a queued job run no later than `run_at`; a job that is running is left alone."""
    connection.execute(
        update(job).where(job.c.key == key, job.c.leased_until.is_(None), job.c.run_at > run_at).values(run_at=run_at)
    )


def reschedule(connection: Connection, done_job: Job, *, at: datetime, priority: int | None = None) -> None:
    """In the caller's transaction: the job is free again and due at `at`, unless another worker has it now."""
    values: dict[str, Any] = {"leased_until": None, "worker": None, "error": None, "run_at": at, "tries": 0}
    if priority is not None:
        values["priority"] = priority
    connection.execute(update(job).where(_is_still_taken(done_job)).values(**values))


def postpone(connection: Connection, key: str, *, at: datetime) -> None:
    """In the caller's transaction: move a queued job to `at`, since its work was just done; a job that is running is
    left alone."""
    connection.execute(update(job).where(job.c.key == key, job.c.leased_until.is_(None)).values(run_at=at, error=None))


def _is_still_taken(taken_job: Job) -> ColumnElement[bool]:
    """Whether the row is still leased as this job was taken: every lease counts one more try."""
    return and_(job.c.id == taken_job.id, job.c.tries == taken_job.tries)


def jittered(delay: timedelta) -> timedelta:
    """The delay, a tenth more or less, so that what failed together does not come back together."""
    return delay * random.uniform(1 - JITTER, 1 + JITTER)
