"""Open the index for reading, from any number of threads and processes."""

import threading
from datetime import datetime
from pathlib import Path

import tantivy

from catalog.search import index_folder as search_index_folder
from catalog.search.index import indexed_change
from catalog.search.pagination import ListPart, ListPlace, list_part
from catalog.search.results import SearchQuery, SearchResult, check_query, find_projects
from catalog.search.snapshot import IndexSnapshot


class Finder:
    """The index in a folder; one object serves all threads, and sees a commit of any process at once."""

    def __init__(self, index_folder: Path):
        self._folder = index_folder
        self._lock = threading.Lock()
        self._opened: tuple[tuple[str, int, int], IndexSnapshot] | None = None

    def find(self, query: SearchQuery, now: datetime) -> SearchResult:
        """The page of projects that `query` asks for; `now` decides what is alive.

        Raises IndexMissing when there is no index that can be read; ValueError for a filter or
        sort that does not exist.
        """
        check_query(query)
        opened = self._fresh()
        with search_index_folder.engine_errors(self._folder):
            return find_projects(opened, query, now)

    def walk(self, query: SearchQuery, after: ListPlace | None, limit: int, now: datetime) -> ListPart:
        """At most `limit` projects of `query` after a place, for lists that are read in parts; `query.page` is
        ignored. Raises as `find`."""
        check_query(query)
        opened = self._fresh()
        with search_index_folder.engine_errors(self._folder):
            return list_part(opened, query, after, limit, now)

    @property
    def change(self) -> int:
        """The store's change at which the index stands. Raises IndexMissing."""
        opened = self._fresh()
        with search_index_folder.engine_errors(self._folder):
            return indexed_change(opened.searcher, opened.schema) or 0

    @property
    def stamp(self) -> tuple[str, int, int] | None:
        """A value that differs from one commit of the index to the next, without opening it; None where there is no
        index."""
        try:
            return search_index_folder.current_stamp(self._folder)
        except search_index_folder.IndexMissing:
            return None

    def _fresh(self) -> IndexSnapshot:
        stamp, opened = search_index_folder.current_stamp(self._folder), self._opened
        if opened is not None and opened[0] == stamp:
            return opened[1]
        with self._lock:
            stamp = search_index_folder.current_stamp(self._folder)
            while self._opened is None or self._opened[0] != stamp:
                try:
                    self._opened = (stamp, self._open(stamp[0]))
                except search_index_folder.IndexMissing:
                    earlier, stamp = stamp, search_index_folder.current_stamp(self._folder)
                    if stamp == earlier:
                        raise  # else a commit or a rebuild put other files in use meanwhile
            return self._opened[1]

    def _open(self, name: str) -> IndexSnapshot:
        with search_index_folder.engine_errors(self._folder):
            index = tantivy.Index.open(str(self._folder / name))
            index.config_reader("manual")  # no watching thread: the stamp shows a new commit, at 30 us a search
            index.reload()
            return IndexSnapshot(index.searcher(), index.schema)
