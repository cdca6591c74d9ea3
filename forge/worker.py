"""Does what is due: takes jobs, runs visits in threads, writes idle ones together, keeps leases. It decides no rule.

First visits have their own places, so that many new projects do not hold up the ones that are there already.
"""

import ipaddress
import logging
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from catalog.store import Store
from catalog.store.jobs import Job
from catalog.store.mirrors import VISIT
from forge.addresses import Addresses
from forge.hosts import Hosts
from forge.refresh import Idle, Interrupted, Refresh, Report
from forge.settings import Settings

POLL_SECONDS = 2.0
LEASE = timedelta(seconds=120)
TOGETHER = 50  # visits taken at a time, and idle ones written in one transaction
AGAIN = (0, 0)  # priorities of mirrors that are there already
FIRST = (1, 10_000)
OBSERVER_IDLE_SECONDS = 10.0
OBSERVER_TASKS = 40  # a child is replaced after so many: license texts make it grow

log = logging.getLogger("forge.worker")


class Observers:
    """Child processes that read mirrors, started when one is wanted and ended when none was for a while."""

    def __init__(self, processes: int = 1):
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._wanted_at = 0.0
        self._lock = threading.Lock()

    def __call__(self) -> Executor:
        with self._lock:
            self._wanted_at = time.monotonic()
            if self._pool is None or getattr(self._pool, "_broken", False):
                self._pool = ProcessPoolExecutor(
                    self._processes,
                    mp_context=multiprocessing.get_context("spawn"),
                    max_tasks_per_child=OBSERVER_TASKS,
                )
            return self._pool

    def rest(self, idle_seconds: float = OBSERVER_IDLE_SECONDS) -> None:
        """End the children when nobody asked for one in this time."""
        with self._lock:
            if self._pool is not None and time.monotonic() - self._wanted_at >= idle_seconds:
                self._pool.shutdown()
                self._pool = None


@contextmanager
def conducting(store: Store, settings: Settings) -> Iterator[Refresh]:
    """A Refresh with its observers, which end with it."""
    addresses = Addresses(settings.allow_networks, settings.ca_file)
    observers = Observers()
    try:
        yield Refresh(store, settings, addresses, Hosts(lambda host: _near(host, addresses)), observers)
    finally:
        observers.rest(0)


class Worker:
    def __init__(self, store: Store, refresh: Refresh, *, jobs: int, poll_seconds: float = POLL_SECONDS):
        self._store, self._refresh, self._poll_seconds = store, refresh, poll_seconds
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._places = {FIRST: jobs, AGAIN: TOGETHER}
        self._pools = {FIRST: ThreadPoolExecutor(jobs, "first"), AGAIN: ThreadPoolExecutor(max(2, jobs), "again")}
        self._running: dict[Future[tuple[Report, Idle | None] | None], tuple[Job, tuple[int, int]]] = {}
        self._idle: list[Idle] = []
        self._stopping = threading.Event()

    def run(self, *, once: bool = False, told: Callable[[Report], None] = lambda report: None) -> None:
        """Work until `stop`; with `once`, what is due now, then come back."""
        beat = threading.Thread(target=self._keep_leases, name="leases", daemon=True)
        beat.start()
        try:
            while not self._stopping.is_set():
                taken = self._take()
                done, _ = wait(self._running, timeout=0.2 if self._running else 0, return_when="FIRST_COMPLETED")
                for one in done:
                    self._settle(one, told)
                if self._idle and (len(self._idle) >= TOGETHER or not self._running):
                    self._write_idle()
                if taken or self._running:
                    continue
                if once:
                    return
                self._rest()
                self._stopping.wait(self._poll_seconds)
        finally:
            self._stopping.set()
            self._end()

    def stop(self) -> None:
        """Come back soon: downloads under way are ended and begin again another time."""
        self._stopping.set()
        self._refresh.stopping.set()

    def _take(self) -> int:
        taken = 0
        for priorities, pool in self._pools.items():
            free = self._places[priorities] - sum(one == priorities for _, one in self._running.values())
            if free <= 0:
                continue
            now = datetime.now(UTC)
            jobs = self._store.jobs.take(
                self._name, now=now, lease=LEASE, kinds=[VISIT], priorities=priorities, limit=free
            )
            for job in jobs:
                self._running[pool.submit(self._refresh.take, job)] = (job, priorities)
            taken += len(jobs)
        return taken

    def _settle(self, one: Future[tuple[Report, Idle | None] | None], told: Callable[[Report], None]) -> None:
        job, _ = self._running.pop(one)
        try:
            found = one.result()
        except Interrupted:
            self._store.jobs.again(job, at=datetime.now(UTC))
        except BrokenProcessPool:
            self._store.jobs.failed(job, "The process that reads mirrors ended.", now=datetime.now(UTC))
            log.warning("%s: the process that reads mirrors ended; it is tried again", job.key)
        except Exception as error:  # whatever it is, the job keeps the reason and comes back
            self._store.jobs.failed(job, f"{type(error).__name__}: {error}", now=datetime.now(UTC))
            log.exception("%s failed", job.key)
        else:
            if found is not None:
                report, idle = found
                told(report)
                if idle is not None:
                    self._idle.append(idle)

    def _write_idle(self) -> None:
        self._store.mirrors.idle([(one.mirror, one.job, one.next_at) for one in self._idle])
        self._idle = []

    def _keep_leases(self) -> None:
        while not self._stopping.wait(LEASE.total_seconds() / 3):
            jobs = [job for job, _ in list(self._running.values())] + [one.job for one in self._idle if one.job]
            if jobs:
                self._store.jobs.extend(jobs, self._name, now=datetime.now(UTC), lease=LEASE)

    def _rest(self) -> None:
        rest = getattr(self._refresh.observers, "rest", None)
        if rest is not None:
            rest()

    def _end(self) -> None:
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        for one, (job, _) in list(self._running.items()):
            if one.cancelled():
                self._store.jobs.again(job, at=datetime.now(UTC))
            else:
                self._settle(one, lambda report: None)
        if self._idle:
            self._write_idle()


def _near(host: str, addresses: Addresses) -> bool:
    """Whether the operator listed this address: no pause for it. A name is never near, whatever it resolves to now."""
    try:
        return addresses.allowed(ipaddress.ip_address(host))
    except ValueError:
        return False
