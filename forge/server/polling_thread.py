"""A thread that calls a function again and again, such as one that looks for changes, until it is stopped."""

import threading
from collections.abc import Callable
from datetime import timedelta


class PollingThread:
    """`look`, which returns how long its work took, is called every `poll_seconds`, or where that takes long, after
    `rest` times as long; with `look_last`, once more after `stop` was called.
    """

    def __init__(
        self, name: str, look: Callable[[], timedelta], poll_seconds: float, rest: float, *, look_last: bool = False
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
            took = self._look()
            stopped = self._stopping.wait(max(self._poll_seconds, self._rest * took.total_seconds()))
        if self._look_last:
            self._look()
