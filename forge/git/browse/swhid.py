"""Identifiers of Software Heritage for what a mirror holds: they stay true wherever the code is kept.

Of content, directories, revisions and releases they are git's own SHA-1 ids; a repository of SHA-256 has none. A
snapshot is ours: of the branches and tags that we serve, not of all that the origin has.
https://docs.softwareheritage.org/devel/swh-model/persistent-identifiers.html
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

KINDS = {"blob": "cnt", "tree": "dir", "commit": "rev", "tag": "rel"}
_TARGETS = {"blob": b"content", "tree": b"directory", "commit": b"revision", "tag": b"release"}


class Branch(NamedTuple):
    """A branch or tag of a snapshot: its full name, and the kind ("commit", "tag", "tree", "blob") and id it names."""

    name: bytes
    kind: str
    oid: str


def identifier(kind: str, oid: str) -> str:
    """The identifier of a git object; "" where it has none."""
    return f"swh:1:{KINDS[kind]}:{oid}" if kind in KINDS and len(oid) == 40 else ""


def snapshot(named: Iterable[Branch], head: bytes = b"") -> str:
    """The identifier of all branches and tags together, `head` being the full name that HEAD stands for; "" where one
    of them has none.

    https://docs.softwareheritage.org/devel/swh-model/data-model.html, and git_objects.snapshot_git_object of
    swh.model for the bytes.
    """
    rows = []
    for branch in named:
        if branch.kind not in _TARGETS or len(branch.oid) != 40:
            return ""
        rows.append((branch.name, _TARGETS[branch.kind], bytes.fromhex(branch.oid)))
    if head:
        rows.append((b"HEAD", b"alias", head))
    rows.sort()
    body = b"".join(b"%s %s\0%d:%s" % (kind, name, len(target), target) for name, kind, target in rows)
    digest = hashlib.sha1(b"snapshot %d\0" % len(body) + body, usedforsecurity=False)
    return f"swh:1:snp:{digest.hexdigest()}"


def qualified(core: str, qualifiers: Sequence[tuple[str, str | bytes]]) -> str:
    """An identifier with where it was found; qualifiers without a value are left out."""
    return ";".join([core, *(f"{key}={_escaped(value)}" for key, value in qualifiers if value)])


def _escaped(value: str | bytes) -> str:
    """A value in which nothing ends the qualifier; bytes that are no text of one line are written as their numbers."""
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b";%" else f"%{byte:02X}" for byte in data)
