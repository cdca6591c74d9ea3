"""Limits how often, and how many at once, visits of this process contact one remote host."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PAUSE_SECONDS = 1.0
AT_ONCE = 2
LOOK_SECONDS = 0.1  # how soon a stop is noticed


@dataclass
class _HostState:
    places: threading.Semaphore
    free_at: float = 0.0


class HostTurns:
    """At most AT_ONCE visits of a host, begun PAUSE_SECONDS apart; hosts with `unlimited(host)` have no limit."""

    def __init__(self, unlimited: Callable[[str], bool], *, pause_seconds: float = PAUSE_SECONDS):
        self._unlimited, self._pause_seconds = unlimited, pause_seconds
        self._hosts: dict[str, _HostState] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str, stopping: threading.Event) -> Iterator[bool]:
        """Wait for a turn at this host, and hold it during the block; False when `stopping` was set before it came."""
        if self._unlimited(host):
            yield True
            return
        with self._lock:
            state = self._hosts.setdefault(host, _HostState(threading.Semaphore(AT_ONCE)))
        while not state.places.acquire(timeout=LOOK_SECONDS):
            if stopping.is_set():
                yield False
                return
        try:
            yield not stopping.wait(self._pause(state))
        finally:
            state.places.release()

    def _pause(self, state: _HostState) -> float:
        """Seconds until this visit may begin; delays the beginning of the next one."""
        with self._lock:
            now = time.monotonic()
            begins = max(state.free_at, now)
            state.free_at = begins + self._pause_seconds
        return begins - now
