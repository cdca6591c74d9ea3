"""The errand that keeps the served folder up to what may be told. It looks every half a minute whether anything public
changed: what was taken back is written at once, what is new at most every half an hour, so that whoever comes once a
day finds all of it in the last fifty changes. It signs and writes no file itself.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from catalog.store import Store
from catalog.store.core.jobs import Job
from catalog.store.federation.publish.state import Overtaken
from forge.federation.publish.folder import SERVED, OtherFolder, standing, write
from forge.federation.publish.keys import keys

EXCHANGE = "exchange"
EVERY = timedelta(seconds=30)
PATIENCE = timedelta(minutes=30)
REST = 20  # times as long as a look took passes before the next one
WHOLLY = 2  # times the patience: what no public change counts, such as an acknowledgement, waits as long

log = logging.getLogger("forge.federation.publish")


@dataclass
class Exchange:
    """`data` holds the key, and the folder to be served as `exchange/`; `address` is this instance's own."""

    store: Store
    data: Path
    address: str
    clock: Callable[[], datetime]
    patience: timedelta = PATIENCE
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
        after = self.clock()
        self.store.jobs.again(job, at=after + max(min(EVERY, self.patience), (after - now) * REST))

    def _write(self, now: datetime) -> None:
        folder = self.data / SERVED
        looked, told = self.store.exchange_state.looked(), self.store.exchange_state.state().at
        recent = self._looked_at is not None and now - self._looked_at < self.patience * WHOLLY
        seen = looked is not None and looked[0] == self.store.change()
        if recent and seen and told is not None and now - told < self.patience:
            return  # there is news at most, and it waits
        if recent and standing(folder, self.store, keys(self.store, self.data), self.address, now=now):
            return
        done = write(self.store, self.data, folder, self.address, now=now, patience=self.patience)
        self._looked_at = now
        if done is not None:
            self.store.exchange_state.note_looked(done.change, now=now)
        if done is not None and done.wrote:
            log.info("Exchange %s: %s files, %s bytes.", done.sequence, done.files, done.size_bytes)
