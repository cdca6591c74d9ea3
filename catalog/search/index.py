"""Write the index: the one process that holds its lock follows the store's change counter."""

import fcntl
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Self
from uuid import UUID

import tantivy

from catalog.search import (
    index_document,
    normalize,
)
from catalog.search import (
    index_folder as search_index_folder,
)
from catalog.search.lexicon import Lexicon, catalogue_lexicon
from catalog.store.core.read_models import IndexRow

HEAP_BYTES = 16_000_000  # tantivy takes no less than 15 MB for a writing thread; given back after each call
# A segment for each full heap, and every query reads every segment: four times the heap makes a quarter of them
# (30,000 records: counting facets takes 1.0 ms instead of 1.7), for some 6 MB more of memory while it is built.
REBUILD_HEAP_BYTES = 64_000_000
_COUNTER = "change"  # id of the one document that is no project: it holds the change number of its own commit


class IndexWriter:
    """The right to write the index in `folder`; close it, or end the process, to give it up."""

    def __init__(self, folder: Path, lock: IO[bytes], lexicon: Lexicon):
        self._folder, self._lock, self._lexicon = folder, lock, lexicon
        self._version = index_document.index_version(lexicon)
        self._index: tantivy.Index | None = None  # until the first rows come
        self.change, self._left = 0, None
        if opened := self._opened():
            self._index, self.change, self._left = opened
        else:
            search_index_folder.empty(folder)

    @classmethod
    def open(cls, index_folder: Path, lexicon: Lexicon | None = None) -> Self | None:
        """The writer of the index in `index_folder`, None while another process is.

        An index that is damaged or of another version is deleted. Where there is none `change` is 0, and everything
        has to follow from there.
        """
        index_folder.mkdir(parents=True, exist_ok=True)
        lock = (index_folder / search_index_folder.LOCK_FILE).open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        try:
            return cls(index_folder, lock, lexicon or catalogue_lexicon())
        except BaseException:
            lock.close()
            raise

    def follow(self, changed: Iterable[IndexRow], removed: Iterable[UUID], change: int) -> None:
        """Bring the index to `change` in one commit: put each row of `changed` in place of its former self.

        Killed at any moment, the index is at the former or at the new change, whole. Raises IndexMissing when the
        engine cannot write: the index then stays at its former change, and `open` checks it again.
        """
        if self._index is None:
            self.rebuild(changed, change)
            return
        self._write(self._index, changed, removed, change)
        self.change, self._left = change, self._stamp()

    def rebuild(self, every: Iterable[IndexRow], change: int) -> None:
        """Replace the present index by a new one that holds `every` row, as of `change`.

        Readers see the present one until the new one is whole.
        """
        name = search_index_folder.new_generation(self._folder)
        index = tantivy.Index(index_document.index_schema(), str(self._folder / name))
        self._write(index, every, (), change, REBUILD_HEAP_BYTES)
        self._left = search_index_folder.put_in_use(self._folder, name, self._version)
        self._index, self.change = index, change

    def is_current(self) -> bool:
        """Whether readers open what was written last: somebody may have deleted or replaced it meanwhile."""
        try:
            return self._index is None or self._stamp() == self._left
        except search_index_folder.IndexMissing:
            return False

    def _stamp(self) -> tuple[str, int, int]:
        return search_index_folder.current_stamp(self._folder)

    def close(self) -> None:
        """Give up the right to write."""
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _opened(self) -> tuple[tantivy.Index, int, tuple[str, int, int]] | None:
        try:
            stamp_before = self._stamp()  # before the index is read
        except search_index_folder.IndexMissing:
            return None
        generation = search_index_folder.current_generation(self._folder)
        if (
            generation is None
            or generation[1] != self._version
            or search_index_folder.first_damaged_file(self._folder / generation[0])
        ):
            return None
        try:
            with search_index_folder.engine_errors(self._folder):
                index = tantivy.Index.open(str(self._folder / generation[0]))
                change = indexed_change(index.searcher(), index.schema)
        except search_index_folder.IndexMissing:
            return None
        search_index_folder.delete_other_generations(self._folder, generation[0])  # what a killed rebuild left
        return None if change is None else (index, change, stamp_before)

    def _write(
        self,
        index: tantivy.Index,
        changed: Iterable[IndexRow],
        removed: Iterable[UUID],
        change: int,
        heap_bytes: int = HEAP_BYTES,
    ) -> None:
        with search_index_folder.engine_errors(self._folder):
            writer = index.writer(heap_bytes, 1)
        try:
            for identity in removed:
                writer.delete_documents_by_term("id", str(identity))
            for row in changed:
                document = index_document.build_document(row, self._lexicon)
                with search_index_folder.engine_errors(self._folder):
                    writer.delete_documents_by_term("id", str(row.id))
                    writer.add_document(document)
            with search_index_folder.engine_errors(self._folder):
                writer.delete_documents_by_term("id", _COUNTER)
                writer.add_document(_counter(change))
                writer.commit()
        except BaseException:
            writer.rollback()
            raise
        finally:
            # Ends the threads and gives their memory back: a catalogue at rest writes nothing for hours.
            writer.wait_merging_threads()
            normalize.clear_caches()


def indexed_change(searcher: Any, schema: tantivy.Schema) -> int | None:
    """The number of the change that the index has reached, None when it does not have one."""
    hits = searcher.search(tantivy.Query.term_query(schema, "id", _COUNTER), 1, count=False).hits
    if not hits:
        return None
    value = searcher.fast_field_values("change", [hits[0][1]])[0]
    return None if value is None else int(value)


def _counter(change: int) -> tantivy.Document:
    built = tantivy.Document()
    built.add_text("id", _COUNTER)
    built.add_unsigned("change", change)
    return built
