"""Keeps the file of all public data for download: written when it is missing, one at a time, by `public_dump`."""

import hashlib
import threading
import time
from datetime import datetime
from pathlib import Path

from catalog.store import Store

WAIT_SECONDS = 20.0
PAUSE_SECONDS = 60.0  # between two that are written: each takes a core for seconds, and pages are to be drawn too


class Busy(Exception):
    """An archive is being written, or was a moment ago and is outdated already: ask again in `seconds`."""

    def __init__(self, seconds: float):
        super().__init__(f"ask again in {seconds:.0f} seconds")
        self.seconds = seconds


class PublicDumpFile:
    """The archive of the present change and day in a folder of its own, written when somebody asks for it, one at a
    time.

    Whatever moves the change counter, such as a withdrawal, outdates it. `address`: where readers find the catalogue.
    It comes from the settings and never from a request, because the first reader would choose it for everybody.
    """

    def __init__(self, folder: Path, address: str, *, pause_seconds: float = PAUSE_SECONDS):
        self._folder, self._address, self.pause_seconds = folder, address, pause_seconds
        self._digest = hashlib.sha256(address.encode()).hexdigest()[:8]  # an archive outlives a change of the settings
        self._turn = threading.Lock()
        self._written: float | None = None

    def file(self, store: Store, *, now: datetime) -> tuple[Path, str]:
        """Return the archive and the name of its state. Raises Busy, LookupError, OSError."""
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise Busy(WAIT_SECONDS)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            change = store.change()
            name = f"catalog-{change}-{now:%Y%m%d}-{self._digest}"
            file = self._folder / f"{name}.tar.gz"
            if not file.is_file():
                if self._written is not None and (left := self._written + self.pause_seconds - time.monotonic()) > 0:
                    raise Busy(left)
                self._written = time.monotonic()
                from forge.export.public_dump import write_dump  # reads all that is public: not before somebody asks

                write_dump(store, file, address=self._address, now=now)
                for old_file in self._folder.glob("catalog-*.tar.gz"):
                    if old_file != file:
                        old_file.unlink(missing_ok=True)
            return file, name
        finally:
            self._turn.release()
