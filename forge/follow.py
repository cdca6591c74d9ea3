"""Keeps the search index at the store's change counter, in the one process that holds the index's lock.

It reads the store and writes the index; it answers nobody. When the database is younger than the index (restored from
a copy), the index is built again from nothing.
"""

import logging
import threading
from pathlib import Path

from catalog.search import Writer
from catalog.store import Store

POLL_SECONDS = 0.5  # a change is to be found within a second
LOCK_SECONDS = 5.0  # how often a process that does not hold the lock asks for it

log = logging.getLogger("forge.follow")


def catch_up(store: Store, writer: Writer) -> bool:
    """Bring the index to the present change; whether there was anything to do."""
    number, ids, dropped = store.following.changed(writer.change)
    if number == writer.change:
        return False
    if number < writer.change:
        number, ids, _ = store.following.changed(0)
        writer.rebuild(store.following.rows(ids), number)
    elif writer.change == 0:
        writer.rebuild(store.following.rows(ids), number)
    else:
        writer.follow(store.following.rows(ids), dropped, number)
    return True


class Follower:
    """A thread that follows until `stop`; it waits for the lock while another process holds it."""

    def __init__(self, store: Store, folder: Path, *, poll_seconds: float = POLL_SECONDS):
        self._store, self._folder, self._poll_seconds = store, folder, poll_seconds
        self._writer = Writer.open(folder)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)

    @property
    def writes(self) -> bool:
        return self._writer is not None

    def start(self) -> None:
        """Catch up once, so that the first reader finds everything, then go on in the background."""
        if self._writer is not None:
            self._round()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)
        if self._writer is not None:
            self._writer.close()

    def _run(self) -> None:
        while not self._stopping.wait(self._poll_seconds if self._writer else LOCK_SECONDS):
            self._round()

    def _round(self) -> None:
        try:
            if self._writer is None:
                self._writer = Writer.open(self._folder)
            else:
                catch_up(self._store, self._writer)
        except Exception:  # whatever it is, the next round tries again; the index stays at its former change
            log.exception("The search index could not follow; it is opened again.")
            if self._writer is not None:
                self._writer.close()
                self._writer = None
