"""The hourly job that does what `forge doctor` does, and leaves the report for the administrators' page."""

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.store import Store
from catalog.store.core.jobs import Job
from forge.config.checkup_report import GOOD, Finding, last_report, write_report
from forge.config.settings import Settings

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
    """Examine in a child process: search, templates and the parsed document would stay in the worker, 15 MB of it. It
    waits for nobody, so that it ends soon where the worker ends first."""
    command = [sys.executable, "-c", f"from {__name__} import examine_for_parent; examine_for_parent()"]
    done = subprocess.run(
        command, input=pickle.dumps(settings), stdout=subprocess.PIPE, check=True, timeout=EXAMINE_SECONDS
    )
    found: list[Finding] = pickle.loads(done.stdout)
    return found


def examine_for_parent() -> None:
    """In the child: take settings from the parent, and give it what was found."""
    from forge.server.doctor import examine

    answer, sys.stdout = sys.stdout.buffer, sys.stderr
    found = pickle.dumps(examine(pickle.loads(sys.stdin.buffer.read())))
    try:
        answer.write(found)
        answer.flush()
    except BrokenPipeError:  # the worker ended, and nobody reads it: what is not written yet is not tried again
        os._exit(0)
