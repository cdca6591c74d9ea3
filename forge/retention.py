"""Forgets what was kept long enough: an errand that comes back every day. What is kept how long stands here, once.

The legal page says the same; a test holds both together.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store import Store
from catalog.store.jobs import Job
from catalog.store.messages import KEPT

FORGET = "forget"
EVERY = timedelta(days=1)
ATTEMPTS_KEPT = timedelta(days=14)  # digests of networks and addresses, for limits

log = logging.getLogger("forge.retention")


@dataclass(frozen=True)
class Retention:
    store: Store
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Let the errand wait in the queue, once for all workers."""
        self.store.jobs.add(FORGET, FORGET, {}, run_at=self.clock())

    def take(self, job: Job) -> None:
        """Forget what is due, and come back tomorrow."""
        now = self.clock()
        gone = self.store.limits.forget(now - ATTEMPTS_KEPT)
        gone += self.store.messages.forget(now - KEPT)
        gone += self.store.people.forget(now)
        if gone:
            log.info("%s rows that were kept long enough are deleted.", gone)
        self.store.jobs.again(job, at=now + EVERY)
