"""The daily job of the moderators' desk: undoes what nobody confirmed in time and notes pairs of records that may be
the same. `catalog.moderation` decides what is due.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog import moderation
from catalog.store.core.jobs import Job
from catalog.store.store import Store

MODERATION_DAILY = "deciding"
EVERY = timedelta(days=1)

log = logging.getLogger("forge.jobs.moderation_daily")


@dataclass(frozen=True)
class ModerationDaily:
    store: Store
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Queue the job, once for all workers."""
        self.store.jobs.add(MODERATION_DAILY, MODERATION_DAILY, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Do what is due, and queue the job again for tomorrow."""
        now = self.clock()
        self.due()
        self.store.jobs.requeue(job, at=now + EVERY)

    def due(self) -> None:
        """Undo lapsed decisions, note likenesses, forget old entries of the desk."""
        now = self.clock()
        for number in moderation.lapse(self.store, now=now):
            log.info("Nobody confirmed it in time: line %s of the log says what came back.", number)
        if pairs := moderation.find_likenesses(self.store, now=now):
            log.info("%s pairs of records may be the same: they wait at the desk.", pairs)
        self.store.moderation_queue.forget(now)
