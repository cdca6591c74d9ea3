"""The rows of a tree, parsed from its bytes: all in order, or the first of a name.

https://git-scm.com/docs/git-cat-file: each row is a mode, a space, a name, a NUL, and an id as bytes. A tree may be
16 MB with 500,000 rows, of which most callers want few.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from forge.git.objects import MirrorUnreadable

_KINDS = {"040000": "tree", "160000": "commit", "120000": "link"}


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One row of a directory. Kinds: tree, blob, link (symbolic), commit (a submodule)."""

    mode: str
    kind: str
    oid: str
    name: bytes


def rows(data: bytes, id_bytes: int) -> Iterator[TreeEntry]:
    """All rows in git's order. Raises MirrorUnreadable where the bytes are no tree."""
    at = 0
    while at < len(data):
        entry = _parse_row(data, at, id_bytes)
        yield entry
        at = data.find(b"\0", at) + 1 + id_bytes


def find_by_name(data: bytes, id_bytes: int, name: bytes) -> TreeEntry | None:
    """The first row of this name, None where there is none. Raises MirrorUnreadable where the bytes are no tree.

    The bytes of the name may also occur in an id or at the end of another name: they count only where a row begins.
    """
    entry_end, at = b" " + name + b"\0", 0
    position = data.find(entry_end)
    while position >= 0:
        start = at
        while at <= position:
            start, zero = at, data.find(b"\0", at)
            if zero < 0:
                raise MirrorUnreadable("a tree is malformed")
            at = zero + 1 + id_bytes
        if data.find(b" ", start) == position:
            return _parse_row(data, start, id_bytes)
        position = data.find(entry_end, position + 1)
        at = start
    return None


def _parse_row(data: bytes, at: int, id_bytes: int) -> TreeEntry:
    space, zero = data.find(b" ", at), data.find(b"\0", at)
    if not at < space < zero or zero + id_bytes >= len(data):
        raise MirrorUnreadable("a tree is malformed")
    mode = data[at:space].decode("ascii", "replace").rjust(6, "0")
    oid = data[zero + 1 : zero + 1 + id_bytes].hex()
    return TreeEntry(mode, _KINDS.get(mode, "blob"), oid, data[space + 1 : zero])
