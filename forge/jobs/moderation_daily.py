"""The daily errand of the desk: what nobody confirmed comes back, what resembles what is noted. What is due, `moderate`
knows."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog import moderation
from catalog.store import Store
from catalog.store.core.jobs import Job

DECIDING = "deciding"
EVERY = timedelta(days=1)

log = logging.getLogger("forge.jobs.moderation_daily")


@dataclass(frozen=True)
class Deciding:
    store: Store
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Let the errand wait in the queue, once for all workers."""
        self.store.jobs.add(DECIDING, DECIDING, {}, run_at=self.clock())

    def take(self, job: Job) -> None:
        """Do what is due, and come back tomorrow."""
        now = self.clock()
        self.due()
        self.store.jobs.again(job, at=now + EVERY)

    def due(self) -> None:
        """What is due now."""
        now = self.clock()
        for number in moderation.lapse(self.store, now=now):
            log.info("Nobody confirmed it in time: line %s of the log says what came back.", number)
        if found := moderation.find_likenesses(self.store, now=now):
            log.info("%s pairs of records may be the same: they wait at the desk.", found)
        self.store.waiting.forget(now)
