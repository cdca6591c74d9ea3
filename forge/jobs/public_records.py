"""The daily job that writes public records of an older shape, which an upgrade leaves to be built on reading."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store.core.jobs import Job
from catalog.store.store import Store

PUBLIC_RECORDS = "public-records"
EVERY = timedelta(days=1)


@dataclass(frozen=True)
class PublicRecordsDaily:
    store: Store
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Queue the job, once for all workers."""
        self.store.jobs.add(PUBLIC_RECORDS, PUBLIC_RECORDS, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Write them, and queue the job again for tomorrow."""
        self.store.public_record_upkeep.write_outdated()
        self.store.jobs.requeue(job, at=self.clock() + EVERY)
