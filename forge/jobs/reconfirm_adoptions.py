"""The daily job of adoptions: notes what mirrors report, lowers what nobody reconfirmed and asks about it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store.core.jobs import Job
from catalog.store.store import Store

RECONFIRM_ADOPTIONS = "age-uses"
EVERY = timedelta(days=1)

log = logging.getLogger("forge.jobs.reconfirm_adoptions")


@dataclass(frozen=True)
class ReconfirmAdoptions:
    store: Store
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Queue the job, once for all workers."""
        self.store.jobs.add(RECONFIRM_ADOPTIONS, RECONFIRM_ADOPTIONS, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Do what is due, and come back tomorrow."""
        now = self.clock()
        reported = self.store.reported_adoptions.gather(now=now)
        aged = self.store.reconfirmations.age(now=now)
        if reported or aged.lowered or aged.uncounted or aged.asked or aged.noted:
            log.info(
                "%s uses newly reported, %s to be confirmed again, %s no longer counted, %s questions on their way, "
                "%s for moderators.",
                reported,
                aged.lowered,
                aged.uncounted,
                aged.asked,
                aged.noted,
            )
        self.store.jobs.requeue(job, at=now + EVERY)
