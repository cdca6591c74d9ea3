"""The child process that reads mirrors: started when it is needed, ended when it was idle for a while.

What it runs is bounded in time, and one task at a time, so that a repository that kills it harms no other. It keeps
nothing and does not use the store.
"""

import multiprocessing
import multiprocessing.connection
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar, TypeVarTuple

from forge.config.memory_turn import memory_turn

IDLE_SECONDS = 10.0
TASK_SECONDS = 180  # of one repository; 300,000 commits take 20
TASKS = 40  # a child is replaced after so many: license texts make it grow
MEMORY_BYTES = 1 << 30  # of the child's data; an observer that wants more gets a MemoryError, which is a fault of it
LOOK_SECONDS = 0.1  # how soon a stop is noticed

Ts = TypeVarTuple("Ts")
T = TypeVar("T")


class ChildEnded(Exception):
    """The child was killed twice over the same task, or the service stops."""


class ObserverProcess:
    def __init__(self, *, task_seconds: int = TASK_SECONDS):
        self._task_seconds = task_seconds
        self._pool: ProcessPoolExecutor | None = None
        self._wanted_at = 0.0
        self._turn = threading.Lock()

    def run(self, stopping: threading.Event, task: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """The result of `task`, run in the child; what it raises is raised here. It and its arguments are pickled.

        Raises ChildEnded when the child was killed (also by taking too long) and its successor too, or when `stopping`
        is set.
        """
        for _time in (1, 2):
            while not self._turn.acquire(timeout=LOOK_SECONDS):
                if stopping.is_set():
                    raise ChildEnded
            try:
                with memory_turn():
                    future = self._start_pool().submit(_run_bounded, self._task_seconds, task, arguments)
                    return self._await_result(stopping, future)
            except BrokenProcessPool:
                self._end_pool()
            finally:
                self._wanted_at = time.monotonic()
                self._turn.release()
        raise ChildEnded

    def rest(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """End the child when nobody asked for it in this time."""
        if self._pool is None or time.monotonic() - self._wanted_at < idle_seconds:
            return
        if self._turn.acquire(blocking=False):
            try:
                self._end_pool()
            finally:
                self._turn.release()

    def end(self) -> None:
        """End the child at once, whatever it does."""
        for child in multiprocessing.active_children():
            child.kill()
        self._end_pool()

    def _start_pool(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_prepare_child,
                max_tasks_per_child=TASKS,
            )
        return self._pool

    def _await_result(self, stopping: threading.Event, future: "Future[T]") -> T:
        while not stopping.is_set():
            if wait([future], LOOK_SECONDS).done:
                return future.result()
        raise ChildEnded

    def _end_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(cancel_futures=True)


def _run_bounded(seconds: int, task: Callable[[*Ts], T], arguments: tuple[*Ts]) -> T:
    """Run in the child: SIGALRM, which nobody handles, kills it when the time is over."""
    signal.alarm(seconds)
    try:
        return task(*arguments)
    finally:
        signal.alarm(0)


def _prepare_child() -> None:
    """Limit the child's memory, and end it with its parent: when that is killed it would wait for work for ever, since
    it holds both ends of its own pipe."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
