"""The hourly job that does what `forge doctor` does, and leaves the report for the administrators' page."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store import Store
from catalog.store.core.jobs import Job
from forge.config.checkup_report import GOOD, Finding, last_report, write_report
from forge.config.settings import Settings
from forge.mirroring.observer_process import ObserverProcess

CHECKUP = "checkup"
EVERY = timedelta(hours=1)
EXAMINE_SECONDS = 900

log = logging.getLogger("forge.server.checkup")


@dataclass(frozen=True)
class Checkup:
    store: Store
    settings: Settings
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Queue the job, once for all workers; a start makes it due, since something may just have been mended."""
        now = self.clock()
        self.store.jobs.add(CHECKUP, CHECKUP, {}, run_at=now)
        self.store.jobs.hasten(CHECKUP, run_at=now)

    def run(self, job: Job) -> None:
        """Examine everything, log what was in order at the last time and is not now, and queue the job again."""
        before = last_report(self.settings.data)
        known = {finding.sentence for finding in before.findings} if before else set()
        found = _examine_apart(self.settings)
        for finding in found:
            if finding.severity != GOOD and finding.sentence not in known:
                log.warning("%s: %s", finding.subject, finding.sentence)
        now = self.clock()
        write_report(self.settings.data, found, now=now)
        self.store.jobs.requeue(job, at=now + EVERY)


def _examine_apart(settings: Settings) -> list[Finding]:
    """Examine in a child process, which ends with it: search, templates and the parsed document would stay in the
    worker, 15 MB of it."""
    child = ObserverProcess(task_seconds=EXAMINE_SECONDS)
    try:
        return child.run(threading.Event(), _examine, settings)
    finally:
        child.rest(idle_seconds=0)


def _examine(settings: Settings) -> list[Finding]:
    from forge.server.doctor import examine

    return examine(settings)
