"""Reads large folders for few readers at once.

A folder may be 16 MB with 400,000 names, and a path may lead through several: reading them holds a thread and memory.
What fits into SMALL_BYTES, as almost every folder does, needs no place.
"""

from collections.abc import Callable
from typing import TypeVar

from starlette.requests import Request

from forge.git import read
from forge.web.code.access import readers_of

SMALL_BYTES = 1 << 20  # of trees, about 25,000 names

T = TypeVar("T")


def _with_place(request: Request, look: Callable[[int], T], most_bytes: int) -> T:
    """Return what `look` finds in trees of so many bytes: of a few at once, or else of `most_bytes` as heavy work.

    Raises what `look` raises, TooLarge where even `most_bytes` are too few, and HTTPException 503.
    """
    try:
        return look(SMALL_BYTES)
    except read.TooLarge:
        with readers_of(request).heavy_work(request):
            return look(most_bytes)


def find(request: Request, objects: read.ObjectReader, oid: str, path: bytes) -> read.TreeEntry:
    """Find the entry at a path below a commit or tree. Raises as `forge.git.read.find` and `_with_place` do."""
    return _with_place(request, lambda most: read.find(objects, oid, path, most), read.PATH_BYTES)


def entries(request: Request, objects: read.ObjectReader, oid: str) -> list[read.TreeEntry]:
    """Return the first rows of a folder. Raises as `forge.git.read.entries` and `_with_place` do."""
    return _with_place(request, lambda most: read.entries(objects, oid, max_bytes=most), read.OBJECT_BYTES)
