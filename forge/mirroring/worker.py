"""Takes jobs that are due, runs them in threads, and keeps leases.

First visits have places of their own, so that many new projects do not delay the existing ones. So have jobs for which
somebody waits at a page, which are also polled more often, and jobs that wait for other hosts, which may be slow: they
delay no message. What is urgent waits for none of them. See docs/decisions/040-processes-and-jobs.md.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from catalog.store.core.jobs import Job
from catalog.store.mirrors.mirror_rows import VISIT
from catalog.store.store import Store
from forge.config.disk_and_database import refusal_sentence
from forge.config.settings import Settings
from forge.mirroring.observer_process import ObserverProcess
from forge.mirroring.politeness import HostTurns
from forge.mirroring.visit import VisitRunner
from forge.mirroring.visit_results import Interrupted, VisitReport
from forge.security.safe_http import AddressRules

POLL_SECONDS = 2.0
CLOCK_SECONDS = 30.0  # between two looks whether somebody set the clock
PROMPT_SECONDS = 0.25  # how soon a job is noticed that somebody waits for
LEASE = timedelta(seconds=120)
LATER_VISITS = (0, 0)  # priorities of mirrors that are there already
FIRST_VISITS = (1, 10_000)
AT_ONCE = 2  # jobs of a group other than first visits; of urgent ones one
STOP_SECONDS = 1.0  # for visits under way; a thread that waits for a silent host cannot be ended, and is left behind

log = logging.getLogger("forge.mirroring.worker")

# Ends the job itself: done, again or failed; what it raises is the job's error. A visit gives a report.
JobHandler = Callable[[Job], VisitReport | None]


@dataclass(frozen=True)
class JobHandlers:
    """Handlers by the kind of job. `prompt`: jobs that somebody waits for; `apart`: jobs that wait for other hosts;
    `urgent`: jobs that contact no host and wait for no other. No kind is in two of them. `calendar`: those that go by
    dates alone, and so wait for a day after the clock jumped.
    """

    usual: Mapping[str, JobHandler] = field(default_factory=dict)
    prompt: Mapping[str, JobHandler] = field(default_factory=dict)
    apart: Mapping[str, JobHandler] = field(default_factory=dict)
    urgent: Mapping[str, JobHandler] = field(default_factory=dict)
    calendar: frozenset[str] = frozenset()


NO_HANDLERS = JobHandlers()


@contextmanager
def visit_runner(store: Store, settings: Settings) -> Iterator[VisitRunner]:
    """A VisitRunner whose observer process ends with the block."""
    addresses = AddressRules(settings.allow_networks, settings.ca_file)
    observers = ObserverProcess()
    hosts = HostTurns(addresses.near, store.remote_hosts)
    try:
        yield VisitRunner(store, settings, addresses, hosts, observers)
    finally:
        hosts.close()
        observers.end()


class _Group:
    """Jobs that share places, and threads: all of these kinds, or of visits those of some priorities."""

    def __init__(
        self,
        name: str,
        handlers: Mapping[str, JobHandler],
        at_once: int = AT_ONCE,
        priorities: tuple[int, int] | None = None,
    ):
        self.handlers, self.at_once, self.priorities = handlers, at_once, priorities
        self.pool = ThreadPoolExecutor(at_once, name)


class Worker:
    """Runs in the thread that calls `run`; `stop` may be called from any other, and from a signal's handler."""

    def __init__(
        self,
        store: Store,
        refresh: VisitRunner,
        *,
        jobs: int,
        handlers: JobHandlers = NO_HANDLERS,
        poll_seconds: float = POLL_SECONDS,
        lease: timedelta = LEASE,
        stop_seconds: float = STOP_SECONDS,
    ):
        self._store, self._refresh = store, refresh
        visits = {VISIT: refresh.run}
        self._groups = (
            _Group("urgent", handlers.urgent, 1),
            _Group("job", handlers.usual),
            _Group("prompt", handlers.prompt),
            _Group("apart", handlers.apart),
            _Group("first", visits, jobs, FIRST_VISITS),
            _Group("again", visits, max(AT_ONCE, jobs), LATER_VISITS),
        )
        self._awaited = [*handlers.urgent, *handlers.prompt]
        self._calendar, self._held, self._clock_at = handlers.calendar, False, float("-inf")
        self._poll_seconds, self._lease_time, self._stop_seconds = poll_seconds, lease, stop_seconds
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._running: dict[Future[VisitReport | None], tuple[Job, _Group]] = {}
        self._asked_at = float("-inf")
        self._stopping = threading.Event()
        self.left_behind = 0  # visits whose threads still waited when `run` came back

    def run(self, *, once: bool = False, report_visit: Callable[[VisitReport], None] = lambda report: None) -> None:
        """Work until `stop`; with `once`, do what is due now, then return."""
        threading.Thread(target=self._keep_leases, name="leases", daemon=True).start()
        try:
            while not self._stopping.is_set():
                self._watch_clock()
                number = self._take_jobs()
                done, _ = wait(self._running, timeout=0.2 if self._running else 0, return_when="FIRST_COMPLETED")
                for future in done:
                    self._finish_job(future, report_visit)
                if number or done or self._running:
                    continue
                if once:
                    return
                self._refresh.observers.rest()
                self._pause()
        finally:
            self.stop()
            self._give_back_jobs()

    def stop(self) -> None:
        """Make `run` return soon: downloads under way are ended and begin again another time."""
        self._stopping.set()
        self._refresh.stopping.set()

    def _pause(self) -> None:
        """Wait for the next round; less when a job comes that somebody waits for. Polling for one only reads."""
        until = time.monotonic() + self._poll_seconds
        while (left := until - time.monotonic()) > 0 and not self._stopping.wait(min(left, PROMPT_SECONDS)):
            if self._awaited and self._store.jobs.due(self._awaited, now=self._refresh.clock()):
                return

    def _watch_clock(self) -> None:
        """Hold what goes by the calendar after the clock jumped."""
        if time.monotonic() - self._clock_at < CLOCK_SECONDS:
            return
        self._clock_at, now = time.monotonic(), self._refresh.clock()
        state, was_held = self._store.clock_watch.look(now), self._held
        self._held = state.is_held(now)
        if self._held and not was_held:
            log.warning(
                "The clock went from %s to %s: what deletes or reminds by the calendar waits until %s.",
                *(f"{at:%Y-%m-%d %H:%M}" for at in (state.jumped_from, state.jumped_at, state.held_until()) if at),
            )

    def _take_jobs(self) -> int:
        """Start jobs that are due where there are places; how many. While others run the queue is asked now and then:
        the end of each of many short visits is no reason."""
        if self._running and time.monotonic() - self._asked_at < PROMPT_SECONDS:
            return 0
        self._asked_at, number = time.monotonic(), 0
        for group in self._groups:
            free = group.at_once - sum(taken is group for _, taken in self._running.values())
            kinds = [kind for kind in group.handlers if not (self._held and kind in self._calendar)]
            now = self._refresh.clock()
            if not kinds or free <= 0 or not self._store.jobs.due(kinds, now=now):  # a lease is a write
                continue
            for job in self._store.jobs.lease(
                self._name, now=now, lease=self._lease_time, kinds=kinds, priorities=group.priorities, limit=free
            ):
                self._running[group.pool.submit(group.handlers[job.kind], job)] = job, group
                number += 1
        return number

    def _finish_job(
        self, future: Future[VisitReport | None], report_visit: Callable[[VisitReport], None] = lambda report: None
    ) -> None:
        job, _ = self._running.pop(future)
        try:
            report = future.result()
        except Interrupted:
            self._store.jobs.requeue(job, at=self._refresh.clock())
        except Exception as error:  # whatever it is, the job keeps the reason and is tried again
            if (reason := refusal_sentence(error)) is None:
                log.exception("%s failed", job.key)
                reason = f"{type(error).__name__}: {error}"
            else:
                log.error("%s failed. %s", job.key, reason)
            self._store.jobs.failed(job, reason, now=self._refresh.clock())
        else:
            if report is not None:
                report_visit(report)

    def _keep_leases(self) -> None:
        while not self._stopping.wait(self._lease_time.total_seconds() / 3):
            jobs = [job for job, _ in list(self._running.values())]
            if jobs:
                self._store.jobs.extend(jobs, self._name, now=datetime.now(UTC), lease=self._lease_time)

    def _give_back_jobs(self) -> None:
        """Give back what was not begun or did not end, so that another worker need not wait for its lease."""
        for group in self._groups:
            group.pool.shutdown(wait=False, cancel_futures=True)
        wait(self._running, timeout=self._stop_seconds)
        for future, (job, _) in list(self._running.items()):
            if future.done() and not future.cancelled():
                self._finish_job(future)
            else:
                self.left_behind += not future.done()
                self._store.jobs.requeue(job, at=self._refresh.clock())
