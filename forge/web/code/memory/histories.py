"""The commit ids of the histories that were read last, in memory, so that a reader who turns pages reads each once."""

from collections.abc import Hashable

from catalog.bounded_cache import BoundedCache

CACHE_BYTES = 16 << 20
_ENTRY_BYTES = 500  # about what a key and bookkeeping take

Ids = tuple[bytes, bool]  # one after another, and whether they are all


class Histories:
    """Ids by place, of at most `max_bytes` together."""

    def __init__(self, max_bytes: int = CACHE_BYTES):
        self._kept = BoundedCache[Hashable, Ids](max_size=max_bytes)

    def ids(self, key: Hashable) -> Ids | None:
        """Return what is kept of a place."""
        return self._kept.get(key)

    def keep(self, key: Hashable, found: Ids) -> None:
        """Keep what was read, and forget the oldest."""
        self._kept.keep(key, found, len(found[0]) + _ENTRY_BYTES)
