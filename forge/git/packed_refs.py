"""Finds single refs of a mirror in its files, without a process and without listing all of them: for every request."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forge.git.objects import is_oid

Packed = bytes | mmap.mmap


@contextmanager
def opened(mirror: Path) -> Iterator[Packed]:
    """The file of packed refs, for `commit_of`; 50,000 names are 4 MB. Nothing where there is none."""
    try:
        with (mirror / "packed-refs").open("rb") as file:
            packed = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError):  # ValueError: it is empty
        yield b""
        return
    with packed:
        yield packed


def commit_of(packed: Packed, name: bytes) -> str:
    """The id behind a ref and all tags; "" where no ref has this full name."""
    at = packed.find(b" " + name + b"\n")
    if at < 0:
        return ""
    begin, end = packed.rfind(b"\n", 0, at) + 1, at + len(name) + 2
    if packed[end : end + 1] == b"^":
        begin, at = end + 1, packed.find(b"\n", end)
    oid = packed[begin:at].decode("ascii", "replace")
    return oid if is_oid(oid) else ""
