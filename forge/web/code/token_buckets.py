"""How much of the code one network may read in a while: a bucket of tokens each, which fills again by the second.

A reader, and a README with its pictures, never empties it; a crawler does, and is told when to come back. It is kept in
memory: nothing of who read what is stored.
"""

import threading
import time

from catalog.bounded_cache import BoundedCache

TOKENS, PER_SECOND = 300.0, 5.0
NETWORKS = 20_000  # that are remembered; the one that was away longest is forgotten


class TokenBuckets:
    """A bucket of `tokens` for each network."""

    def __init__(self, tokens: float = TOKENS, per_second: float = PER_SECOND, networks: int = NETWORKS):
        self._tokens, self._per_second = tokens, per_second
        self._lock = threading.Lock()
        self._left = BoundedCache[str, tuple[float, float]](max_entries=networks)  # tokens, and when that was

    def take(self, network: str, tokens: float, now: float | None = None) -> float:
        """Take tokens; return 0, or after how many seconds there will be enough: then none are taken."""
        now = time.monotonic() if now is None else now
        with self._lock:
            left, at = self._left.get(network) or (self._tokens, now)
            left = min(self._tokens, left + (now - at) * self._per_second)
            lacking = max(0.0, tokens - left)
            self._left.keep(network, ((left if lacking else left - tokens), now))
        return lacking / self._per_second
