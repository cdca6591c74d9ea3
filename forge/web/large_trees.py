"""Large folders, read for few readers at once, and for one network for fewer still.

A folder may be 16 MB with 400,000 names, and a path may lead through several: reading them holds a thread and memory.
What fits into SMALL_BYTES, as almost every folder does, needs no place.
"""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request

from forge.git import read
from forge.web.limits import network_of, shared
from forge.web.source import RETRY_SECONDS

SMALL_BYTES = 1 << 20  # of trees, about 25,000 names
PLACES, SHARE = 4, 2

T = TypeVar("T")


class LargeTrees:
    """At most `places` readers of large folders at once, of one network at most `share`."""

    def __init__(self, places: int = PLACES, share: int = SHARE):
        self._lock, self._places, self._share = threading.Lock(), places, share
        self._taken: Counter[str] = Counter()

    @contextlib.contextmanager
    def place(self, network: str | None) -> Iterator[None]:
        """A place for the length of the block; None stands for readers whose networks are not known. Raises
        HTTPException 503 where there is none: threads must not pile up."""
        key = network or ""
        with self._lock:
            mine = self._taken[key] if network else 0
            if mine >= self._share or self._taken.total() >= self._places:
                raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)})
            self._taken[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[key] -= 1
                if not self._taken[key]:
                    del self._taken[key]


def _in_turn(request: Request, look: Callable[[int], T], most_bytes: int) -> T:
    """What `look` finds in trees of so many bytes: of a few at once, or else of `most_bytes` from a place among few.

    Raises what `look` raises, TooLarge where even `most_bytes` are too few, and HTTPException 503.
    """
    try:
        return look(SMALL_BYTES)
    except read.TooLarge:
        network = None if shared(request) else network_of(request)
        with request.app.state.large_trees.place(network):
            return look(most_bytes)


def find(request: Request, objects: read.Objects, oid: str, path: bytes) -> read.Entry:
    """What lies at a path below a commit or tree. Raises as `forge.git.read.find` and `_in_turn` does."""
    return _in_turn(request, lambda most: read.find(objects, oid, path, most), read.PATH_BYTES)


def entries(request: Request, objects: read.Objects, oid: str) -> list[read.Entry]:
    """The first rows of a folder. Raises as `forge.git.read.entries` and `_in_turn` does."""
    return _in_turn(request, lambda most: read.entries(objects, oid, max_bytes=most), read.OBJECT_BYTES)
