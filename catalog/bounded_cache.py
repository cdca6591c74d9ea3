"""A cache in memory that is bounded in entries and in what they take; those that were used least recently go first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """Values by key, for several threads. What the `size` of a value counts (bytes, refs) is the caller's choice. The
    newest value stays, whatever it takes.

    >>> cache = BoundedCache[str, int](max_entries=2)
    >>> for number, key in enumerate("abac"):
    ...     cache.keep(key, number)
    >>> cache.get("a"), cache.get("b"), cache.get("c"), len(cache)
    (2, None, 3, 2)
    """

    def __init__(self, *, max_entries: int | None = None, max_size: int | None = None):
        self._max_entries, self._max_size, self._lock = max_entries, max_size, threading.Lock()
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Value | None:
        """What is kept by this key, which counts as used now."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Key, value: Value, size: int = 0) -> None:
        """Keep a value in place of the one before, and forget the oldest beyond the bounds."""
        with self._lock:
            self.size -= self._kept.pop(key, (None, 0))[1]
            self._kept[key] = value, size
            self.size += size
            while len(self._kept) > 1 and self._is_beyond():
                self.size -= self._kept.popitem(last=False)[1][1]

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self.size = 0

    def _is_beyond(self) -> bool:
        beyond_entries = self._max_entries is not None and len(self._kept) > self._max_entries
        return beyond_entries or (self._max_size is not None and self.size > self._max_size)
