"""The commit ids of the histories that were read last, in memory, so that a reader who turns pages reads each once."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

CACHE_BYTES = 16 << 20
_ENTRY_BYTES = 500  # about what a key and bookkeeping take

Ids = tuple[bytes, bool]  # one after another, and whether they are all


class Histories:
    """Ids by place, of at most `max_bytes` together; the oldest are forgotten first."""

    def __init__(self, max_bytes: int = CACHE_BYTES):
        self._max_bytes, self._lock = max_bytes, threading.Lock()
        self._kept: OrderedDict[Hashable, Ids] = OrderedDict()
        self._bytes = 0

    def ids(self, key: Hashable) -> Ids | None:
        """Return what is kept of a place."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def keep(self, key: Hashable, found: Ids) -> None:
        """Keep what was read, and forget the oldest."""
        with self._lock:
            if key in self._kept:
                self._bytes -= self._size_bytes(self._kept.pop(key))
            self._kept[key] = found
            self._bytes += self._size_bytes(found)
            while len(self._kept) > 1 and self._bytes > self._max_bytes:
                self._bytes -= self._size_bytes(self._kept.popitem(last=False)[1])

    @staticmethod
    def _size_bytes(found: Ids) -> int:
        return len(found[0]) + _ENTRY_BYTES
