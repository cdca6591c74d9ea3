"""The base of jobs that one of all workers does again and again, such as those of each day."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from catalog.store.core.jobs import Job
from catalog.store.store import Store

DAILY, WEEKLY = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class RecurringJob(ABC):
    """A subclass says its `kind`, how often it comes (`every`), and what is done then (`due`)."""

    store: Store
    clock: Callable[[], datetime]
    kind: ClassVar[str]
    every: ClassVar[timedelta] = DAILY

    def plan(self) -> None:
        """Queue the job, once for all workers."""
        self.store.jobs.add(self.kind, self.kind, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Do what is due, and queue the job again."""
        now = self.clock()
        self.due(now)
        self.store.jobs.requeue(job, at=now + self.every)

    @abstractmethod
    def due(self, now: datetime) -> None:
        """Do what is due."""
