"""What of a mirror may be served: all of it, or its free part, a repository of its own next to it. This module only
reads.

Over protocol v2 a client may ask any repository for any object by its id, so that what must not be given out must not
be in it: hidden refs hide nothing. Where there is no part, all that the mirror names was judged free. A part is there
before refs of the mirror move, and until `forge.git.fetch.separate` finds that everything is free; one without a HEAD
says that nothing was judged yet.
"""

import os
from pathlib import Path

from forge.git import mirror_folder, read

UNKNOWN, LATER = "unknown", "later"  # why something is not served: no free license was seen, or it came after one


def part_folder(mirror: Path) -> Path:
    """The folder of the free part of a mirror, whether it is there or not: `<id>.free.git` beside `<id>.git`."""
    return mirror.with_name(f"{mirror.name.removesuffix('.git')}.free.git")


def served_commit(mirror: Path) -> str:
    """The commit that readers see first, where the license allows it: the mirror's, or its part's; "" where there is
    none."""
    part = part_folder(mirror)
    return read.tip(part if part.exists() else mirror)


def is_judged(mirror: Path) -> bool:
    """Whether somebody judged what may be served of a mirror since refs moved there first, or were withdrawn."""
    part = part_folder(mirror)
    return not part.exists() or (part / "HEAD").exists()


def size_bytes(mirror: Path) -> int:
    """What a mirror and its part take on the disk together."""
    return mirror_folder.size_bytes(mirror) + mirror_folder.size_bytes(part_folder(mirror), links=False)


def version(mirror: Path) -> tuple[object, ...]:
    """A value that differs as soon as a visit is about to move refs of a mirror, and whenever it was decided anew what
    is served of it: for code that keeps what it read. No file is read."""
    folder = str(mirror)  # and not paths: each page that is given again is looked at
    part = f"{folder.removesuffix('.git')}.free.git"
    files = ("HEAD", "packed-refs", "refs/heads", "refs/tags")
    return tuple(map(_file_version, (part, *(f"{place}/{name}" for place in (part, folder) for name in files))))


def _file_version(path: str) -> tuple[int, int, int] | None:
    """The state of a file that is replaced and never written over, or of a folder; None where it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
