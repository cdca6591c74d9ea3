"""Keeps the search index at the store's change counter, in the one process that holds the index's lock.

When the database is younger than the index (restored from a copy), the index is built again from nothing.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from catalog.search import IndexWriter
from catalog.store.core.read_models import IndexRow
from catalog.store.store import Store

POLL_SECONDS = 0.5  # a change is to be found within a second
PATIENCE_SECONDS = 5.0  # a start waits so long: an index of 130 projects takes 1 s to make, of 10,000 projects 30 s
LOCK_SECONDS = 5.0  # how often a process that does not hold the lock asks for it

log = logging.getLogger("forge.server.index_follower")


class UpdateStopped(Exception):
    """The service ends: the update of the index that had begun is dropped."""


def catch_up(store: Store, writer: IndexWriter, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Bring the index to the present change; return whether there was anything to do.

    Raises UpdateStopped once `stopping` returns True, and leaves the index as it was.
    """
    number, ids, dropped = store.index_rows.changed(writer.change)
    if number == writer.change:
        return False
    store.frame()  # the index is written with the terms of this catalogue's own
    if number < writer.change:
        build_anew(store, writer, stopping)
    else:
        writer.follow(_rows_until_stopped(store, ids, stopping), dropped, number)
    return True


def build_anew(store: Store, writer: IndexWriter, stopping: Callable[[], bool] = lambda: False) -> None:
    """Make the index of all projects anew."""
    number, ids, _ = store.index_rows.changed(0)
    writer.rebuild(_rows_until_stopped(store, ids, stopping), number)


def _rows_until_stopped(store: Store, ids: Sequence[UUID], stopping: Callable[[], bool]) -> Iterator[IndexRow]:
    for row in store.index_rows.rows(ids):
        if stopping():
            raise UpdateStopped
        yield row


class IndexFollower:
    """A thread that follows the store until `stop`; it waits for the lock while another process holds it."""

    def __init__(self, store: Store, folder: Path, *, poll_seconds: float = POLL_SECONDS):
        self._store, self._folder, self._poll_seconds = store, folder, poll_seconds
        self._trouble = ""  # what was told last: it is tried again each few seconds, and told once
        self._writer = self._opened()
        self._stopping, self._tried = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)

    @property
    def writes(self) -> bool:
        return self._writer is not None

    def start(self, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Follow in the background. The first update is waited for up to `patience_seconds`, so that the first reader
        finds everything; while a larger one runs, every page that does not search is answered.
        """
        self._thread.start()
        self._tried.wait(patience_seconds)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)
        if self._writer is not None:
            self._writer.close()

    def _run(self) -> None:
        if self._writer is not None:
            self._round()
        self._tried.set()
        while not self._stopping.wait(self._poll_seconds if self._writer else LOCK_SECONDS):
            self._round()

    def _opened(self) -> IndexWriter | None:
        """Open the index for writing; None while another process has the lock, or where the folder is not writable:
        the service starts without, since everything but search is answered.
        """
        try:
            return IndexWriter.open(self._folder)
        except Exception as wrong:  # whatever it is, it is tried again
            self._log_once("The search index in %s cannot be opened for writing: %s", self._folder, wrong)
            return None

    def _round(self) -> None:
        try:
            if self._writer is None:
                self._writer = self._opened()
            elif not self._writer.is_current():
                log.warning("The search index in %s is not what was written there; it is opened anew.", self._folder)
                self._writer.close()
                self._writer = self._opened()
            if self._writer is not None:
                catch_up(self._store, self._writer, self._stopping.is_set)
                self._trouble = ""
        except UpdateStopped:
            log.info("The search index was left as it was: the service ends.")
        except Exception as wrong:  # whatever it is, the next round tries again; the index stays at its former change
            self._log_once("The search index could not follow; it is opened again: %s", wrong, exc_info=True)
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _log_once(self, sentence: str, *values: object, exc_info: bool = False) -> None:
        if sentence % values != self._trouble:
            self._trouble = sentence % values
            log.error(sentence, *values, exc_info=exc_info)
