"""Keeps whole exports as they were last written, so that each is written once a public change and not once a reader.

A file has no name, so that nothing of it stays when the process ends or another replaces it. One is written at a
time: who asks for another meanwhile is told to come back.
"""

import os
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

PIECE_BYTES = 64_000


class ExportBusy(Exception):
    """Another export is being written."""


class ExportFile:
    """A written file; it is closed when nobody reads it any more."""

    def __init__(self, descriptor: int):
        self._descriptor = descriptor
        self.size_bytes = os.fstat(descriptor).st_size

    def __del__(self) -> None:
        os.close(self._descriptor)

    def pieces(self) -> Iterator[bytes]:
        """Yield all of it; several readers do not move each other's position."""
        place = 0
        while piece := os.pread(self._descriptor, PIECE_BYTES, place):
            place += len(piece)
            yield piece


class ExportCache:
    def __init__(self, folder: Path):
        self._folder, self._lock = folder, Lock()
        self._kept: dict[str, tuple[Hashable, ExportFile]] = {}

    def get_or_write(self, name: str, stand: Hashable, write: Callable[[IO[bytes]], None]) -> ExportFile:
        """Return the file of this name of the state `stand`, written if the last one is of another. Raises
        ExportBusy."""
        last = self._kept.get(name)
        if last and last[0] == stand:
            return last[1]
        if not self._lock.acquire(blocking=False):
            raise ExportBusy
        try:
            drawing = ExportFile(self._written(write))
            self._kept[name] = (stand, drawing)
            return drawing
        finally:
            self._lock.release()

    def _written(self, write: Callable[[IO[bytes]], None]) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=self._folder) as file:
            write(file)
            file.flush()
            return os.dup(file.fileno())

    def close(self) -> None:
        self._kept.clear()
