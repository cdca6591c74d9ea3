"""The hourly job that does what `forge doctor` does, and leaves the report for the administrators' page."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.config.checkup_report import GOOD, CheckFinding, last_report, write_report
from forge.config.settings import Settings
from forge.server.own_interpreter import call_in_own_interpreter

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
        sentences = {finding.sentence for finding in before.findings} if before else set()
        findings = call_in_own_interpreter(_examine, EXAMINE_SECONDS, self.settings)
        for finding in findings:
            if finding.severity != GOOD and finding.sentence not in sentences:
                log.warning("%s: %s", finding.subject, finding.sentence)
        now = self.clock()
        write_report(self.settings.data, findings, now=now)
        self.store.jobs.requeue(job, at=now + EVERY)


def _examine(settings: Settings) -> list[CheckFinding]:
    from forge.server.doctor import examine  # search, templates and what reads the document, which no worker needs

    return examine(settings)
