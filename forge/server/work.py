"""Runs a worker: what `forge work` does, and the child process of `forge serve`."""

import logging
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime

from catalog.store.store import Store
from forge.backup.backup import visit_absent_mirrors
from forge.config.settings import Settings
from forge.jobs.registry import job_handlers
from forge.mirroring.worker import Worker, visit_runner
from forge.server.checkup import CHECKUP, Checkup
from forge.server.publish_in_own_interpreter import publish_in_own_interpreter

log = logging.getLogger("forge.work")


def work(settings: Settings, store: Store, *, once: bool = False) -> None:
    """Work until a signal ends it; with `once`, do what is due now. Closes the store."""
    # Somebody may have cleared the disk meanwhile. Without this, lists and statistics would count these copies until
    # the next visit of each, which may be two weeks away.
    if gone := visit_absent_mirrors(store, settings.mirrors, now=datetime.now(UTC)):
        log.warning("copies of code that are not in %s any more, and are made anew: %d", settings.mirrors, gone)
    with visit_runner(store, settings) as refresh:
        checkup = Checkup(store, settings, refresh.clock)
        checkup.plan()
        handlers = job_handlers(store, settings, refresh, publish_in_own_interpreter(settings))
        handlers = replace(handlers, apart={**handlers.apart, CHECKUP: checkup.run})
        worker = Worker(store, refresh, jobs=settings.mirror_jobs, handlers=handlers)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.run(once=once, told=lambda report: log.info("%s", report))
    store.close()
    if worker.left_behind:
        os._exit(0)  # threads that wait for a silent host would be waited for
