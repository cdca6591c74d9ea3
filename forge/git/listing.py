"""All files below one commit in one bounded listing, for observation; contents are not read.

A dozen objects can unfold into ten thousand million files: the listing is cut in number, bytes and time, and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from forge.git.environment import Limits
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

FILES = 200_000
LISTING_BYTES = 32 << 20
SECONDS = 20.0
PATH_BYTES = 1_000  # a longer one is nobody's work


class ListedFile(NamedTuple):
    path: str
    oid: str
    size_bytes: int


@dataclass(frozen=True)
class Listing:
    """Files in git's order. `whole` is False where the commit has more than were listed.

    Links and submodules are left out, and so are files whose names are not printable UTF-8 or longer than PATH_BYTES:
    no page could name them. `odd` is how many those were; `lost` is how many are missing, because they were erased or
    the mirror is damaged.
    """

    files: tuple[ListedFile, ...]
    whole: bool
    odd: int = 0
    lost: int = 0


def list_files(mirror: Path, oid: str, maximum: int = FILES) -> Listing:
    """The files below a commit or tree. Raises ObjectMissing when it, or a tree below it, is missing."""
    if not is_oid(oid):
        raise ObjectMissing(oid)
    limits = Limits(wall_seconds=SECONDS, output_bytes=LISTING_BYTES, niceness=10)
    ran = run(["ls-tree", "-r", "-l", "-z", "--full-tree", oid], git_dir=mirror, limits=limits)
    if not ran.ok and not ran.stopped:
        raise ObjectMissing(oid)
    files: list[ListedFile] = []
    odd, lost, whole = 0, 0, ran.ok
    for path, listed in _parse_rows(ran.out):
        if len(files) == maximum:
            whole = False
            break
        if path is None:
            odd += 1
        elif listed is None:
            lost += 1
        else:
            files.append(listed)
    return Listing(tuple(files), whole, odd, lost)


def _parse_rows(out: bytes) -> Iterator[tuple[str | None, ListedFile | None]]:
    """Each file with its path, None where that is odd, and itself, None where it is lost.

    What follows the last NUL was cut off.
    """
    for row in out.split(b"\0")[:-1]:
        head, _, name = row.partition(b"\t")
        mode, _kind, oid, size = head.split()
        if not mode.startswith(b"100"):
            continue
        path = _printable(name)
        # git says "BAD" of an object that is gone.
        yield path, ListedFile(path, oid.decode(), int(size)) if path is not None and size.isdigit() else None


def _printable(name: bytes) -> str | None:
    if len(name) > PATH_BYTES:
        return None
    try:
        path = name.decode()
    except UnicodeDecodeError:
        return None
    return path if path.isprintable() else None
