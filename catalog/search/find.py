"""The index opened for reading, by any number of threads and processes. It writes nothing and ranks nothing itself."""

import threading
from datetime import datetime
from pathlib import Path

import tantivy

from catalog.search import folder
from catalog.search.answer import Found, Query, answer, check
from catalog.search.index import counted
from catalog.search.opened import Opened
from catalog.search.walk import Place, Walked, walk


class Finder:
    """The index in a folder; one object serves all threads, and sees a commit of whatever process at once."""

    def __init__(self, index_folder: Path):
        self._folder = index_folder
        self._lock = threading.Lock()
        self._opened: tuple[tuple[str, int, int], Opened] | None = None

    def find(self, query: Query, now: datetime) -> Found:
        """The page of projects that `query` asks for; `now` decides what is alive.

        Raises IndexMissing when there is no index that can be read, ValueError for a filter or sort that is none.
        """
        check(query)
        opened = self._fresh()
        with folder.engine(self._folder):
            return answer(opened, query, now)

    def walk(self, query: Query, after: Place | None, limit: int, now: datetime) -> Walked:
        """At most `limit` projects of `query` behind a place, for who reads a list in parts; `query.page` is passed
        over. Raises as `find`."""
        check(query)
        opened = self._fresh()
        with folder.engine(self._folder):
            return walk(opened, query, after, limit, now)

    @property
    def change(self) -> int:
        """The store's change at which the index stands. Raises IndexMissing."""
        opened = self._fresh()
        with folder.engine(self._folder):
            return counted(opened.searcher, opened.schema) or 0

    @property
    def stamp(self) -> tuple[str, int, int] | None:
        """What tells one commit of the index from the next, without opening it; None where there is no index."""
        try:
            return folder.stamp(self._folder)
        except folder.IndexMissing:
            return None

    def _fresh(self) -> Opened:
        stamp, known = folder.stamp(self._folder), self._opened
        if known is not None and known[0] == stamp:
            return known[1]
        with self._lock:
            stamp = folder.stamp(self._folder)
            while self._opened is None or self._opened[0] != stamp:
                try:
                    self._opened = (stamp, self._open(stamp[0]))
                except folder.IndexMissing:
                    earlier, stamp = stamp, folder.stamp(self._folder)
                    if stamp == earlier:
                        raise  # else a commit or a rebuild put other files in use meanwhile
            return self._opened[1]

    def _open(self, name: str) -> Opened:
        with folder.engine(self._folder):
            index = tantivy.Index.open(str(self._folder / name))
            index.config_reader("manual")  # no thread that watches: the stamp tells, at 30 us a search
            index.reload()
            return Opened(index.searcher(), index.schema)
