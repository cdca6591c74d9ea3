"""The errand that keeps the served folder up to what may be told: after public changes, every few minutes at most."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from catalog.store import Store
from catalog.store.jobs import Job
from catalog.store.sent import Overtaken
from forge.exchange.folder import OtherFolder, standing, write
from forge.exchange.keys import keys

EXCHANGE = "exchange"
EVERY = timedelta(minutes=3)
WHOLLY = timedelta(hours=1)  # what no public change counts, such as an acknowledgement, waits as long

log = logging.getLogger("forge.exchange")


@dataclass
class Exchange:
    """`data` holds the key, and the folder to be served as `exchange/`; `address` is this instance's own."""

    store: Store
    data: Path
    address: str
    clock: Callable[[], datetime]
    _looked_at: datetime | None = field(default=None, init=False)

    def plan(self) -> None:
        """Let the errand wait in the queue, once for all workers."""
        self.store.jobs.add(EXCHANGE, EXCHANGE, {}, run_at=self.clock())

    def take(self, job: Job) -> None:
        """Write what changed, and come back soon. Where another process writes, that one is right."""
        now = self.clock()
        try:
            self._write(now)
        except (Overtaken, OtherFolder) as other:
            log.info("%s", other)
        self.store.jobs.again(job, at=self.clock() + EVERY)

    def _write(self, now: datetime) -> None:
        folder = self.data / "exchange"
        looked = self._looked_at is not None and now - self._looked_at < WHOLLY
        if looked and standing(folder, self.store, keys(self.store, self.data), self.address, now=now):
            return
        done = write(self.store, self.data, folder, self.address, now=now)
        self._looked_at = now
        if done is not None and done.wrote:
            log.info("Exchange %s: %s files, %s bytes.", done.sequence, done.files, done.size_bytes)
