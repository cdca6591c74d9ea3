"""Identifiers of Software Heritage for what a mirror holds: they stay true wherever the code is kept.

Of content, directories, revisions and releases they are git's own SHA-1 ids; a repository of SHA-256 has none.
https://docs.softwareheritage.org/devel/swh-model/persistent-identifiers.html
"""

from collections.abc import Sequence

KINDS = {"blob": "cnt", "tree": "dir", "commit": "rev", "tag": "rel"}


def identifier(kind: str, oid: str) -> str:
    """The identifier of a git object; "" where it has none."""
    return f"swh:1:{KINDS[kind]}:{oid}" if kind in KINDS and len(oid) == 40 else ""


def qualified(core: str, qualifiers: Sequence[tuple[str, str | bytes]]) -> str:
    """An identifier with where it was found; qualifiers without a value are left out."""
    return ";".join([core, *(f"{key}={_escaped(value)}" for key, value in qualifiers if value)])


def _escaped(value: str | bytes) -> str:
    """A value in which nothing ends the qualifier; bytes that are no text of one line are written as their numbers."""
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte not in b";%" else f"%{byte:02X}" for byte in data)
