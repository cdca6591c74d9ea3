"""The files of one commit as observers see them: names, ids and sizes; a content is read when it is needed.

It does not depend on git: the caller passes the function that reads contents. Results are remembered by the file's id
and the observer's version, so that after a push only what is new is read, and a newer observer reads all again.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

MAX_FILE_BYTES = 256 * 1024  # what is read of each file
MAX_READ_BYTES = 64 << 20  # of all files of one commit
MAX_READ_FILES = 4_000

Read = Callable[[str, int], bytes | None]  # oid, most bytes -> content; None where it has more or cannot be read


class File(NamedTuple):
    oid: str
    size_bytes: int


class Tree:
    """Files by path, in git's order, below one commit; links and submodules are not in it.

    `memory` is what `remembered` of the tree before held. `whole` is False where there are more files than are listed.
    """

    def __init__(
        self,
        files: Mapping[str, File],
        read_object: Read,
        memory: Mapping[str, Any] | None = None,
        whole: bool = True,
    ):
        self.files, self.whole = files, whole
        self.remembered: dict[str, dict[str, Any]] = {}  # observer -> id and path -> result
        self._read, self._memory = read_object, memory or {}
        self._left_bytes, self._left_files = MAX_READ_BYTES, MAX_READ_FILES

    def __contains__(self, path: object) -> bool:
        return path in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.files)

    def read(self, path: str, max_bytes: int = MAX_FILE_BYTES) -> bytes | None:
        """The content of a file; None when there is none, it is larger, or the bounds of this tree are reached."""
        file = self.files.get(path)
        if file is None or file.size_bytes > max_bytes:
            return None
        if file.size_bytes > self._left_bytes or self._left_files == 0:
            return None
        self._left_bytes -= file.size_bytes
        self._left_files -= 1
        return self._read(file.oid, max_bytes)

    def read_cached(
        self, observer: str, path: str, tell: Callable[[str, bytes], Any], max_bytes: int = MAX_FILE_BYTES
    ) -> Any:
        """The result of `tell(path, content)`, JSON-safe, remembered where this very file was read before; None unread.

        `observer` is a name with a version ("license 3"), another one whenever `tell` would return something else.
        """
        file = self.files.get(path)
        if file is None:
            return None
        key, remembered = f"{file.oid} {path}", self.remembered.setdefault(observer, {})
        if key not in remembered:
            before = self._memory.get(observer) or {}
            if key in before:
                remembered[key] = before[key]
            else:
                content = self.read(path, max_bytes)
                if content is None:
                    return None
                remembered[key] = tell(path, content)
        return remembered[key]


def tree_of(contents: Mapping[str, bytes]) -> Tree:
    """A tree over given contents, with made-up ids: for a folder on the user's own machine."""
    files = {path: File(f"{position:040x}", len(data)) for position, (path, data) in enumerate(contents.items())}
    by_oid = {file.oid: contents[path] for path, file in files.items()}
    return Tree(files, lambda oid, max_bytes: by_oid[oid] if len(by_oid[oid]) <= max_bytes else None)
