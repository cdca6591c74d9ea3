"""The disk space of all mirrors together, at most a second old: every visit asks for it, and some many times."""

import time

from catalog.store import Store

KEPT_SECONDS = 1.0


class MirrorSizes:
    def __init__(self) -> None:
        self._known = (-KEPT_SECONDS, 0)  # when it was asked for, of `time.monotonic`, and the bytes

    def size_bytes(self, store: Store) -> int:
        at, size = self._known
        now = time.monotonic()
        if now - at >= KEPT_SECONDS:
            size = store.mirrors.size_bytes()
            self._known = (now, size)
        return size
