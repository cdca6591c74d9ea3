"""The daily job of calls and questions: reminders, ends, and questions that wait. `catalog.submissions` decides what
is due.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store.core.jobs import Job
from catalog.store.store import Store
from catalog.submissions import answering, expire_calls

CALLS_DAILY = "calling"
EVERY = timedelta(days=1)

log = logging.getLogger("forge.jobs.calls_daily")


@dataclass(frozen=True)
class CallsDaily:
    store: Store
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Queue the job, once for all workers."""
        self.store.jobs.add(CALLS_DAILY, CALLS_DAILY, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Do what is due, and come back tomorrow."""
        now = self.clock()
        done, moved = expire_calls.calls_due(self.store, now=now), answering.questions_due(self.store, now=now)
        if done or moved:
            log.info("%s calls ended or end soon; %s questions went on, ended or were forgotten.", done, moved)
        self.store.jobs.requeue(job, at=now + EVERY)
