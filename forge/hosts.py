"""Politeness: how often and how many at once one remote host is asked by this process. It contacts nobody."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PAUSE_SECONDS = 1.0
AT_ONCE = 2


@dataclass
class _Host:
    places: threading.Semaphore
    free_at: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Hosts:
    """At most AT_ONCE visits of a host, begun PAUSE_SECONDS apart; `unlimited(host)` ones as they come."""

    def __init__(self, unlimited: Callable[[str], bool], *, pause_seconds: float = PAUSE_SECONDS):
        self._unlimited, self._pause_seconds = unlimited, pause_seconds
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """Wait for a turn at this host, and hold a place there."""
        if self._unlimited(host):
            yield
            return
        with self._lock:
            one = self._hosts.setdefault(host, _Host(threading.Semaphore(AT_ONCE)))
        with one.places:
            with one.lock:
                wait = one.free_at - time.monotonic()
                if wait > 0:
                    time.sleep(wait)
                one.free_at = time.monotonic() + self._pause_seconds
            yield
