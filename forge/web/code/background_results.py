"""What of pages of code is drawn behind them, so that no request waits: in one thread, the HTML kept in memory.

Beyond a number of waiting pieces a new one is dropped, and asked for again by the next reader: a crawler fills no
queue.
"""

import logging
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

from catalog.bounded_cache import BoundedCache
from forge.git import read

WAITING = 32
MAX_BYTES = 16 << 20
_ENTRY_BYTES = 200  # about what a key and bookkeeping take

log = logging.getLogger(__name__)

Work = Callable[[], str | None]


class BackgroundResults:
    """Results by key, of at most `max_bytes` together."""

    def __init__(self, waiting: int = WAITING, max_bytes: int = MAX_BYTES):
        self._waiting = waiting
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._results = BoundedCache[Hashable, tuple[str | None]](max_size=max_bytes)
        self._wanted: set[Hashable] = set()
        self._thread: ThreadPoolExecutor | None = None

    @property
    def bytes(self) -> int:
        return self._results.size

    def result(self, key: Hashable, work: Work) -> tuple[bool, str | None]:
        """Return whether it is done, and what `work` made: None where that failed, and while it is not done; it is
        wanted from now on then.
        """
        with self._lock:
            if (done := self._results.get(key)) is not None:
                return True, done[0]
            if key in self._wanted or len(self._wanted) >= self._waiting or self._stopping.is_set():
                return False, None
            self._wanted.add(key)
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, "behind code")
            self._thread.submit(self._do, key, work)
        return False, None

    def wait(self) -> None:
        """Wait until all that is wanted now is done, for tests."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.submit(lambda: None).result()

    def close(self) -> None:
        """End what is being done, and begin nothing more."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)

    def _do(self, key: Hashable, work: Work) -> None:
        try:
            result = work()
        except (read.ObjectMissing, read.MirrorUnreadable, OSError) as fault:
            log.info("%r could not be made: %s", key, fault)
            result = None
        with self._lock:
            self._wanted.discard(key)
            if self._stopping.is_set():
                return
            self._results.keep(key, (result,), 2 * len(result or "") + _ENTRY_BYTES)
