"""The weekly job that counts the groups that use each project without being named.

Only so seldom, and only in steps, so that nobody can tell from the sentence who came or went.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store.core.jobs import Job
from catalog.store.store import Store

COUNT_UNNAMED_ADOPTIONS = "unnamed"
EVERY = timedelta(days=7)


@dataclass(frozen=True)
class CountUnnamedAdoptions:
    store: Store
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Queue the job, once for all workers."""
        self.store.jobs.add(COUNT_UNNAMED_ADOPTIONS, COUNT_UNNAMED_ADOPTIONS, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Count, and queue the job again for next week."""
        now = self.clock()
        self.store.restricted_adoptions.count_unnamed(now=now)
        self.store.jobs.requeue(job, at=now + EVERY)
