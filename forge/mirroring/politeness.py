"""Limits how often, and how many at once, visits contact one remote host: those of this process, and by rows in the
database those of all workers together. A host that asked for a pause (Retry-After) is left alone by all of them.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from catalog.store.mirrors.host_turns import RemoteHosts

PAUSE_SECONDS = 1.0
AT_ONCE = 2
LOOK_SECONDS = 0.1  # how soon a stop is noticed
POLL_SECONDS = 0.5  # how soon a place is noticed that another worker gave back
LEASE = timedelta(seconds=120)  # of a turn whose process died


@dataclass
class Turn:
    """A turn at a host. `given` is False where the wait for it was stopped, and until `paused_until` there is none."""

    given: bool = True
    paused_until: datetime | None = None
    pause_seconds: int = field(default=0, init=False)

    def pause(self, seconds: int | None) -> None:
        """The host asks everybody to wait for so long."""
        self.pause_seconds = max(self.pause_seconds, seconds or 0)

    def __bool__(self) -> bool:
        return self.given


class HostTurns:
    """At most AT_ONCE visits of a host and one look beside them, begun PAUSE_SECONDS apart; hosts
    with `unlimited(host)` have no limit."""

    def __init__(
        self,
        unlimited: Callable[[str], bool],
        hosts: RemoteHosts,
        *,
        pause_seconds: float = PAUSE_SECONDS,
        lease: timedelta = LEASE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self._unlimited, self._hosts, self._clock = unlimited, hosts, clock
        self._apart, self._lease = timedelta(seconds=pause_seconds), lease
        self._places: dict[tuple[str, bool], threading.Semaphore] = {}
        self._held: dict[str, str] = {}  # host, by the token of a turn
        self._lock, self._closed = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def turn(self, host: str, stopping: threading.Event, *, look: bool = False) -> Iterator[Turn]:
        """Wait for a turn at this host, and hold it during the block; none is given where `stopping` is set before it
        came, or where the host asked for a pause. A `look` is short, and waits for no copy."""
        if self._unlimited(host):
            yield Turn()
            return
        with self._lock:
            places = self._places.setdefault((host, look), threading.Semaphore(1 if look else AT_ONCE))
        while not places.acquire(timeout=LOOK_SECONDS):
            if stopping.is_set():
                yield Turn(False)
                return
        try:
            with self._shared_turn(host, stopping, AT_ONCE + look) as turn:
                yield turn
        finally:
            places.release()

    @contextmanager
    def _shared_turn(self, host: str, stopping: threading.Event, at_once: int) -> Iterator[Turn]:
        """A turn among all workers: a place of this process is held already."""
        token = uuid.uuid4().hex
        while True:
            now = self._clock()
            host_turn = self._hosts.take(host, token, at_once=at_once, apart=self._apart, lease=self._lease, now=now)
            if host_turn.paused_until is not None:
                yield Turn(False, host_turn.paused_until)
                return
            if host_turn.begins_at is not None:
                break
            if stopping.wait(POLL_SECONDS):
                yield Turn(False)
                return
        self._hold(host, token)
        turn = Turn(not stopping.wait((host_turn.begins_at - now).total_seconds()))
        try:
            yield turn
        finally:
            with self._lock:
                self._held.pop(token, None)
            now = self._clock()
            until = now + timedelta(seconds=turn.pause_seconds) if turn.pause_seconds else None
            self._hosts.give_back(host, token, pause_until=until, now=now)

    def _hold(self, host: str, token: str) -> None:
        with self._lock:
            self._held[token] = host
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_turns, name="turns", daemon=True)
                self._thread.start()

    def _keep_turns(self) -> None:
        """Extend turns that take longer than a lease. A process that ended extends none."""
        while not self._closed.wait(self._lease.total_seconds() / 3):
            with self._lock:
                turns = [(host, token) for token, host in self._held.items()]
            if turns:
                self._hosts.extend(turns, lease=self._lease, now=self._clock())

    def close(self) -> None:
        """Extend no turn any more."""
        self._closed.set()
