"""Keeps the served folder up to what may be published, as a job of the worker, or as a thread of a service without one.

It looks every half a minute whether anything public changed: what was withdrawn is written at once, what is new after
the pause that is set.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.store.core.jobs import Job
from catalog.store.exchange.published import PublishedMeanwhile
from catalog.store.store import DatabaseError, Store

if TYPE_CHECKING:
    from forge.exchange.publish import PublishResult

PUBLISH = "publish"
EVERY = timedelta(seconds=30)
PATIENCE = timedelta(minutes=30)
CHECKED_EVERY = timedelta(days=1)  # every file of the folder
REST = 20  # times as long as a look took passes before the next one

log = logging.getLogger("forge.exchange.publisher")


Write = Callable[[Store, Path, str, datetime, timedelta, bool], "PublishResult | None"]


def write_here(
    store: Store, data: Path, address: str, now: datetime, patience: timedelta, check: bool
) -> "PublishResult | None":
    """As `forge.exchange.publish.write`, which is read when there is something to write: it needs python-tuf."""
    from forge.exchange.publish import write

    return write(store, data, address, now=now, patience=patience, check=check)


def write_with_own_store(
    database: str, data: Path, address: str, now: datetime, patience: timedelta, check: bool
) -> "PublishResult | None":
    """As `write_here`, for a process that has no store yet."""
    with contextlib.closing(Store(database)) as store:
        return write_here(store, data, address, now, patience, check)


@dataclass
class Publisher:
    """`data` holds the keys, and the folder to be served as `exchange/`; `address` is this instance's own. `write`: in
    this process, or in another one."""

    store: Store
    data: Path
    address: str
    clock: Callable[[], datetime]
    patience: timedelta = PATIENCE
    # Asks followers what they have of our exchange; before the first signing after a restore.
    ask_followers: Callable[[], object] = lambda: None
    write: Write = write_here
    _seen: int | None = field(default=None, init=False)  # the public change that was looked at last
    _next_at: datetime | None = field(default=None, init=False)
    _checked_at: datetime | None = field(default=None, init=False)
    _trouble: str = field(default="", init=False)  # what was told last, so that it is told once

    def plan(self) -> None:
        """Let the job wait in the queue, once for all workers."""
        self.store.jobs.add(PUBLISH, PUBLISH, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Publish what changed, and queue the job again."""
        took = self.look()
        self.store.jobs.requeue(job, at=self.clock() + max(min(EVERY, self.patience), took * REST))

    def look_and_log(self) -> timedelta:
        """As `look`, in a service that no worker runs beside: a database that does not answer is told, too."""
        try:
            return self.look()
        except DatabaseError as wrong:
            log.error("Nothing is published to other catalogues: %s", wrong)
            return timedelta(0)

    def look(self) -> timedelta:
        """Write what changed, and return how long that took. Where another process writes, that one is right; a key
        that cannot be used is told."""
        from forge.exchange.keys import KeyTrouble
        from forge.exchange.repository import FolderInUse, OtherFolder

        try:
            took = self._write(self.clock())
            self._trouble = ""
            return took
        except (PublishedMeanwhile, FolderInUse) as other:
            log.info("%s", other)
        except (KeyTrouble, OtherFolder, OSError) as trouble:
            if str(trouble) != self._trouble:
                self._trouble = str(trouble)
                log.error("Nothing is published to other catalogues: %s", trouble)
        return timedelta(0)

    def _write(self, now: datetime) -> timedelta:
        if self.store.published_exchange.state().restored:
            self.ask_followers()
        change = self.store.change()
        check = self._checked_at is None or now - self._checked_at >= CHECKED_EVERY
        if not check and change == self._seen and self._next_at is not None and now < self._next_at:
            return timedelta(0)
        done = self.write(self.store, self.data, self.address, now, self.patience, check)
        if done is None:
            return timedelta(0)
        self._seen, self._next_at = done.change, done.waits_until or now + max(self.patience, EVERY)
        self._checked_at = now if check else self._checked_at
        self.store.published_exchange.note_looked(done.change, now=now)
        if done.wrote:
            log.info("Published version %s: %s files, %s bytes.", done.version, done.files, done.size_bytes)
        return done.took
