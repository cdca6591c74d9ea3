"""Runs a worker: in the process of `forge work`, or in threads of `forge serve`."""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from catalog.store.store import Store
from forge.backup.backup import visit_absent_mirrors
from forge.config.settings import Settings
from forge.jobs.registry import job_handlers
from forge.mirroring.worker import Worker, visit_runner
from forge.server.checkup import CHECKUP, Checkup
from forge.server.publish_in_own_interpreter import publish_in_own_interpreter

PAUSE_SECONDS = 5.0  # before work that ended with an error, such as of a database that went away, begins again
STOP_SECONDS = 10.0  # for what is under way when the service ends

log = logging.getLogger("forge.work")


def work(settings: Settings, store: Store, *, once: bool = False) -> None:
    """Work until a signal ends it; with `once`, do what is due now. Closes the store."""
    with _prepared_worker(settings, store) as worker:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        _run(worker, once=once)
    store.close()
    if worker.left_behind:
        os._exit(0)  # threads that wait for a silent host would be waited for


class WorkerThread:
    """Works from `start` to `stop` behind the pages, with connections of its own: neither waits for the other's."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._worker: Worker | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    @property
    def left_behind(self) -> bool:
        """Whether threads still wait for other hosts after `stop`."""
        return self._thread.is_alive() or (self._worker is not None and self._worker.left_behind > 0)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End what is under way; it begins again another time."""
        self._stopping.set()
        if self._worker is not None:
            self._worker.stop()
        self._thread.join(timeout=STOP_SECONDS)

    def _work(self) -> None:
        store = Store(self._settings.database_url)
        while not self._stopping.is_set():
            try:
                with _prepared_worker(self._settings, store) as worker:
                    self._worker = worker
                    if not self._stopping.is_set():
                        _run(worker)
            except Exception:  # whatever it is, the pages are served on, and the work begins again
                log.exception("The work behind the pages ended; it begins again.")
                self._stopping.wait(PAUSE_SECONDS)
        store.close()


@contextmanager
def _prepared_worker(settings: Settings, store: Store) -> Iterator[Worker]:
    # Somebody may have cleared the disk meanwhile. Without this, lists and statistics would count these copies until
    # the next visit of each, which may be two weeks away.
    if gone := visit_absent_mirrors(store, settings.mirrors, now=datetime.now(UTC)):
        log.warning("copies of code that are not in %s any more, and are made anew: %d", settings.mirrors, gone)
    with visit_runner(store, settings) as refresh:
        checkup = Checkup(store, settings, refresh.clock)
        checkup.plan()
        handlers = job_handlers(store, settings, refresh, publish_in_own_interpreter(settings))
        handlers = replace(handlers, apart={**handlers.apart, CHECKUP: checkup.run})
        yield Worker(store, refresh, jobs=settings.mirror_jobs, handlers=handlers)


def _run(worker: Worker, *, once: bool = False) -> None:
    worker.run(once=once, report_visit=lambda report: log.info("%s", report))
