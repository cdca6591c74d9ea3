"""The turn of what needs much memory for a moment: publishing, a checkup, reading a repository, one at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# After which the next one goes ahead all the same: a checkup may take minutes, and what was taken back is told to other
# catalogues within half a minute.
TURN_SECONDS = 5.0
_turn = threading.Lock()  # publishing and a checkup together held 80 MB more


@contextmanager
def memory_turn() -> Iterator[None]:
    """Have the turn of this process for the length of the block."""
    in_turn = _turn.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if in_turn:
            _turn.release()
