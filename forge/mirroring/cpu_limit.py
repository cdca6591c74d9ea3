"""Limits the processor time of work in this process, by a signal: for the child in which observers run.

The signal interrupts Python and its regular expressions; waiting for other processes is bounded where it happens.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from forge.observe.observation import TooSlow


class CpuBudget:
    """At most `each_seconds` for one piece of work, and `all_seconds` for all of them together.

    Signals reach a process's main thread only: in another one nothing is enforced.
    """

    def __init__(self, each_seconds: float, all_seconds: float):
        self._each_seconds, self._left_seconds = each_seconds, all_seconds

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Raises TooSlow in the block when its time is over, or at once when there is none left."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        seconds, began = min(self._each_seconds, self._left_seconds), time.process_time()
        if seconds <= 0:
            raise TooSlow("nothing is left of the time of all")
        before = signal.signal(signal.SIGPROF, _raise_too_slow)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        least = 0.0
        try:
            yield
        except TooSlow:
            least = seconds  # the timer counts in ticks and may ring a little early
            raise
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._left_seconds -= max(least, time.process_time() - began)
            signal.signal(signal.SIGPROF, before)


def _raise_too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow("its time is over")
