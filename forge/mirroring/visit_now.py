"""Runs visits that somebody asked for now, outside the queue: several at once, each reported as it ends."""

import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from catalog.store.core.read_models import Mirror
from forge.config.disk_and_database import refusal_sentence
from forge.mirroring.visit import VisitRunner
from forge.mirroring.visit_results import Interrupted, VisitReport

log = logging.getLogger("forge.mirroring.visit_now")


def visit_now(runner: VisitRunner, due: Sequence[tuple[str, Mirror]], *, jobs: int) -> Iterator[VisitReport]:
    """Visit these mirrors and keep what was found; a report each, in the order in which they end.

    SIGINT and SIGTERM end it, and set `runner.stopping`; threads that still wait for a host are left behind.
    """

    def visit(slug: str, mirror: Mirror) -> VisitReport:
        try:
            return runner.visit(slug, mirror)
        except Interrupted:
            raise
        except Exception as error:  # one broken mirror does not end the others
            if (reason := refusal_sentence(error)) is None:
                log.exception("%s failed", slug)
                reason = f"{type(error).__name__}: {error}"
            return VisitReport(slug, "failed", reason, 0.0, 0)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: runner.stopping.set())
    pool = ThreadPoolExecutor(jobs, "visit")
    running = {pool.submit(visit, slug, mirror) for slug, mirror in due}
    while running and not runner.stopping.is_set():
        try:
            for future in as_completed(running, timeout=0.2):
                running.discard(future)
                yield future.result()
        except TimeoutError:
            continue
        except Interrupted:
            break
    pool.shutdown(wait=False, cancel_futures=True)
