"""Takes jobs that are due, runs visits in threads, writes idle ones together, and keeps leases.

First visits have slots of their own, so that many new projects do not delay the existing ones. So have jobs for which
somebody waits at a page, which are also polled more often, and jobs that wait for other hosts, which may be slow: they
delay no message. What is urgent waits for none of them. See docs/decisions/040-processes-and-jobs.md.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from forge.mirroring.visit_results import IdleVisit, Interrupted, VisitReport
from forge.security.safe_http import AddressRules

POLL_SECONDS = 2.0
CLOCK_SECONDS = 30.0  # between two looks whether somebody set the clock
PROMPT_SECONDS = 0.25  # how soon a job is noticed that somebody waits for
LEASE = timedelta(seconds=120)
TOGETHER = 50  # visits taken at a time, and idle ones written in one transaction
LATER_VISITS = (0, 0)  # priorities of mirrors that are there already
FIRST_VISITS = (1, 10_000)
VISITS = (FIRST_VISITS, LATER_VISITS)
OTHER_JOBS = (-1, -1)  # no priorities: slots of their own for jobs other than visits
PROMPT = (-2, -2)  # the same for jobs that somebody waits for
APART = (-3, -3)  # the same for those that wait for other hosts, which may be slow
URGENT = (-4, -4)  # the same for those that wait for no other job
OTHER_JOBS_AT_ONCE = 2
APART_TOGETHER = 2
PROMPT_TOGETHER = 2
URGENT_TOGETHER = 1
STOP_SECONDS = 1.0  # for visits under way; a thread that waits for a silent host cannot be ended, and is left behind

log = logging.getLogger("forge.mirroring.worker")

VisitOutcome = tuple[VisitReport, IdleVisit | None] | None
JobHandler = Callable[[Job], None]  # ends the job itself: done, again or failed; what it raises is the job's error


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
        places = {
            URGENT: handlers.urgent,
            OTHER_JOBS: handlers.usual,
            PROMPT: handlers.prompt,
            APART: handlers.apart,
        }
        self._kinds = {place: list(kinds_there) for place, kinds_there in places.items()} | {
            FIRST_VISITS: [VISIT],
            LATER_VISITS: [VISIT],
        }
        self._calendar, self._held, self._clock_at = handlers.calendar, False, float("-inf")
        self._handlers = {kind: handler for kinds_there in places.values() for kind, handler in kinds_there.items()}
        self._poll_seconds, self._lease_time, self._stop_seconds = poll_seconds, lease, stop_seconds
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._places = {
            FIRST_VISITS: jobs,
            LATER_VISITS: TOGETHER,
            OTHER_JOBS: OTHER_JOBS_AT_ONCE,
            PROMPT: PROMPT_TOGETHER,
            APART: APART_TOGETHER,
            URGENT: URGENT_TOGETHER,
        }
        self._pools = {
            FIRST_VISITS: ThreadPoolExecutor(jobs, "first"),
            LATER_VISITS: ThreadPoolExecutor(max(2, jobs), "again"),
            OTHER_JOBS: ThreadPoolExecutor(OTHER_JOBS_AT_ONCE, "job"),
            PROMPT: ThreadPoolExecutor(PROMPT_TOGETHER, "prompt"),
            APART: ThreadPoolExecutor(APART_TOGETHER, "apart"),
            URGENT: ThreadPoolExecutor(URGENT_TOGETHER, "urgent"),
        }
        self._running: dict[Future[VisitOutcome], tuple[Job, tuple[int, int]]] = {}
        self._drained_at: dict[tuple[int, int], float] = {}  # when the queue had no more for these places
        self._idle: list[IdleVisit] = []
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
                if len(self._idle) >= TOGETHER or not self._running:
                    self._write_idle()
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
        until, awaited = time.monotonic() + self._poll_seconds, self._kinds[PROMPT] + self._kinds[URGENT]
        while (left := until - time.monotonic()) > 0 and not self._stopping.wait(min(left, PROMPT_SECONDS)):
            if awaited and self._store.jobs.due(awaited, now=self._refresh.clock()):
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
        number, free_places = (
            0,
            {place: free for place, free in self._free_places() if self._is_worth_asking(place, free)},
        )
        others_due = self._is_due([place for place in free_places if place not in VISITS])
        for place, free in free_places.items():
            by_handler = place not in VISITS
            jobs = () if by_handler and not others_due else self._lease(place, free)
            if len(jobs) < free:
                self._drained_at[place] = time.monotonic()
            mirrors = self._refresh.read_ahead(jobs) if jobs and not by_handler else None
            for job in jobs:
                pool = self._pools[place]
                future = pool.submit(self._run_job, job) if by_handler else pool.submit(self._refresh.run, job, mirrors)
                self._running[future] = (job, place)
            number += len(jobs)
        return number

    def _free_places(self) -> Iterator[tuple[tuple[int, int], int]]:
        """The groups of places that have kinds of jobs and room, with how many more each takes."""
        for place, kinds in self._kinds.items():
            free = self._places[place] - sum(occupied == place for _, occupied in self._running.values())
            if kinds and free > 0:
                yield place, free

    def _is_due(self, places: Sequence[tuple[int, int]]) -> bool:
        """Whether a job of any of these groups is due: one reading, where a lease for each would be a write."""
        kinds = [kind for place in places for kind in self._kinds[place]]
        return bool(kinds) and self._store.jobs.due(kinds, now=self._refresh.clock())

    def _lease(self, place: tuple[int, int], most: int) -> tuple[Job, ...]:
        kinds = [kind for kind in self._kinds[place] if not (self._held and kind in self._calendar)]
        return self._store.jobs.lease(
            self._name,
            now=self._refresh.clock(),
            lease=self._lease_time,
            kinds=kinds,
            priorities=place if place in VISITS else None,
            limit=most,
        )

    def _is_worth_asking(self, place: tuple[int, int], free: int) -> bool:
        """Whether to ask the queue while jobs are running: it is a write to the database, and the end of each of many
        short visits is no reason for one."""
        if not self._running:
            return True
        if time.monotonic() - self._drained_at.get(place, -PROMPT_SECONDS) < PROMPT_SECONDS:
            return False
        return place != LATER_VISITS or free >= TOGETHER // 2

    def _run_job(self, job: Job) -> VisitOutcome:
        self._handlers[job.kind](job)
        return None

    def _finish_job(
        self, future: Future[VisitOutcome], report_visit: Callable[[VisitReport], None] = lambda report: None
    ) -> None:
        job, _ = self._running.pop(future)
        try:
            result = future.result()
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
            if result is not None:
                report, idle = result
                report_visit(report)
                if idle is not None:
                    self._idle.append(idle)

    def _write_idle(self) -> None:
        if self._idle:
            self._store.mirrors.idle([(idle.mirror, idle.job, idle.next_at) for idle in self._idle])
            self._idle = []

    def _keep_leases(self) -> None:
        while not self._stopping.wait(self._lease_time.total_seconds() / 3):
            jobs = [job for job, _ in list(self._running.values())] + [idle.job for idle in self._idle if idle.job]
            if jobs:
                self._store.jobs.extend(jobs, self._name, now=datetime.now(UTC), lease=self._lease_time)

    def _give_back_jobs(self) -> None:
        """Give back what was not begun or did not end, so that another worker need not wait for its lease."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        wait(self._running, timeout=self._stop_seconds)
        for future, (job, _) in list(self._running.items()):
            if future.done() and not future.cancelled():
                self._finish_job(future)
            else:
                self.left_behind += not future.done()
                self._store.jobs.requeue(job, at=self._refresh.clock())
        self._write_idle()
