"""A thread that calls a function again and again, such as one that looks for changes, until it is stopped."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta


class PollingThread:
    """`look` is called every `poll_seconds`, or where it takes long, after `rest` times as long as it took, by the
    clock or as it says itself; with `look_last`, once more after `stop` was called.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[], timedelta | None],
        poll_seconds: float,
        rest: float,
        *,
        look_last: bool = False,
    ):
        self._look, self._poll_seconds, self._rest, self._look_last = look, poll_seconds, rest, look_last
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        stopped = False
        while not stopped:
            began = time.monotonic()
            took = self._look()
            seconds = time.monotonic() - began if took is None else took.total_seconds()
            stopped = self._stopping.wait(max(self._poll_seconds, self._rest * seconds))
        if self._look_last:
            self._look()
