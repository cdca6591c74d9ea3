"""Compares two trees: which files differ, from the trees alone and only while that is cheap. No file is read.

Two trees are read side by side, and a folder in them when its turn comes, so that what is held at a time are the
trees from the top to that folder. All bounds are for the whole of one comparison.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from forge.git import read
from forge.git.trees import Entry, rows

FILES = 200
FILE_BYTES = 64 << 10  # of all their paths
TREES = 400  # read at most, about 0.1 ms each
TREE_BYTES = 8 << 20  # of them together
ROWS = 100_000  # compared at most, about 4 µs each
SECONDS = 5.0


@dataclass(frozen=True)
class ChangedFile:
    """One file: kind "added", "changed" or "removed"."""

    kind: str
    path: bytes


@dataclass(frozen=True)
class TreeChanges:
    """The files that differ, by path. `more`: there are more than these. `skipped`: folders were not compared,
    because they are too many, too large or too deep; nobody knows whether files in them differ.
    """

    files: tuple[ChangedFile, ...]
    more: bool = False
    skipped: bool = False


def compare_trees(
    objects: read.ObjectReader,
    before: str,
    after: str,
    *,
    maximum: int = FILES,
    max_path_bytes: int = FILE_BYTES,
    seconds: float = SECONDS,
) -> TreeChanges:
    """Compare the tree `before` ("" for none) with the tree `after`. Raises ObjectMissing and MirrorUnreadable.

    Equal parts are never opened, so that the work grows with what changed.
    """
    comparing = _Comparison(objects, seconds)
    files: list[ChangedFile] = []
    path_bytes = 0
    for changed in comparing.folder(b"", before, after, 1):
        path_bytes += len(changed.path)
        if len(files) == maximum or path_bytes > max_path_bytes:
            return TreeChanges(tuple(files), more=True, skipped=comparing.skipped)
        files.append(changed)
    return TreeChanges(tuple(files), skipped=comparing.skipped)


class _Comparison:
    """What one comparison may still read. `skipped` is True once a folder was left out."""

    def __init__(self, objects: read.ObjectReader, seconds: float):
        self._objects, self._deadline = objects, time.monotonic() + seconds
        self._trees, self._bytes, self._rows = TREES, TREE_BYTES, ROWS
        self.skipped = False

    def folder(self, prefix: bytes, before: str, after: str, depth: int) -> Iterator[ChangedFile]:
        """Yield the files that differ below a folder, whose tree was `before` and is `after`; "" where it was or is
        not.
        """
        if depth > read.DEPTH or len(prefix) > FILE_BYTES:
            self.skipped = True  # no address leads there
            return
        try:
            old, new = self._tree(before), self._tree(after)
        except read.TooLarge:
            self.skipped = True
            return
        for was, now in self._differing(old, new, len(before or after) // 2):
            entry = was or now
            assert entry is not None  # `_differing` gives one of the two at least
            path = prefix + entry.name
            if entry.kind == "tree":
                yield from self.folder(path + b"/", was.oid if was else "", now.oid if now else "", depth + 1)
            else:
                yield ChangedFile("added" if was is None else "removed" if now is None else "changed", path)

    def _differing(self, old: bytes, new: bytes, id_bytes: int) -> Iterator[tuple[Entry | None, Entry | None]]:
        """Yield rows that only one of two trees has, or that differ. Both are in git's order, and so is the result."""
        olds, news = rows(old, id_bytes), rows(new, id_bytes)
        was, now = next(olds, None), next(news, None)
        while was or now:
            if not self._rows:
                self.skipped = True
                return
            self._rows -= 1
            if was is None or (now is not None and _sort_key(now) < _sort_key(was)):
                yield None, now
                now = next(news, None)
            elif now is None or _sort_key(was) < _sort_key(now):
                yield was, None
                was = next(olds, None)
            else:
                if (was.oid, was.mode) != (now.oid, now.mode):
                    yield was, now
                was, now = next(olds, None), next(news, None)

    def _tree(self, oid: str) -> bytes:
        """Read a tree. Raises TooLarge where nothing more may be read."""
        if not oid:
            return b""
        if not self._trees or time.monotonic() > self._deadline:
            raise read.TooLarge("comparing two trees takes too long")
        self._trees -= 1
        data = read.tree(self._objects, oid, self._bytes)
        self._bytes -= len(data)
        return data


def _sort_key(entry: Entry) -> tuple[bytes, bool]:
    """Return the sort key of a row in its tree: git sorts folders as if their names ended with a slash."""
    return (entry.name + b"/", True) if entry.kind == "tree" else (entry.name, False)
