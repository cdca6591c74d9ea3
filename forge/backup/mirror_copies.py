"""Copies of mirrors for backups: each as it was at one moment, beside an archive only what is new.

Files of a bare repository are replaced, never written over. So a hard link keeps what was there, on the same disk, and
a file of the same size and time is the same file.
"""

import filecmp
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forge.git.read import is_mirror

SNAPSHOT_TRIES = 5


@contextmanager
def snapshot(mirror: Path) -> Iterator[Path | None]:
    """Give a folder with the files of a mirror as they are now, linked aside: names before objects, so that no name
    leads nowhere. None if the mirror is gone.
    """
    with tempfile.TemporaryDirectory(dir=mirror.parent.parent, prefix=".mirrors-") as aside:
        to = Path(aside) / mirror.name
        yield to if _link_files(mirror, to) else None


def _link_files(mirror: Path, to: Path) -> bool:
    """Link the files of a bare repository into a folder. Return False if the mirror is gone."""
    for _ in range(SNAPSHOT_TRIES):
        try:
            names = [path for path in sorted(mirror.rglob("*")) if path.is_file() and not path.is_symlink()]
            for path_to_link in sorted(names, key=lambda other: other.relative_to(mirror).parts[0] == "objects"):
                if path_to_link.suffix == ".lock":
                    continue
                target = to / path_to_link.relative_to(mirror)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.link(path_to_link, target)
            return mirror.is_dir()
        except FileNotFoundError:  # packed anew meanwhile
            shutil.rmtree(to, ignore_errors=True)
    return False


def synchronize(mirrors: Path, target: Path, known: Collection[str]) -> int:
    """Bring the copies in `target` to what the mirrors are now, and return how many there are.

    A copy whose mirror is lost stays; one of a project that is in the database no more goes (`known`: names of those
    that are). Raises OSError, also for a file that does not read back as it was written.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for mirror in sorted(mirrors.glob("*.git")):
        with snapshot(mirror) as aside:
            if aside is not None:
                _copy_new(aside, target / mirror.name)
    for copy in target.glob("*.git"):
        if copy.name not in known:
            shutil.rmtree(copy)
    return sum(1 for _ in target.glob("*.git"))


def fill(source: Path, mirrors: Path) -> int:
    """Put copies in place where there is no mirror, and return how many. Raises OSError."""
    count = 0
    for copy in sorted(source.glob("*.git")):
        if is_mirror(copy) and not (mirrors / copy.name).exists():
            draft = mirrors / f".{copy.name}.new"
            shutil.rmtree(draft, ignore_errors=True)
            _copy_new(copy, draft, link=False)
            draft.rename(mirrors / copy.name)
            count += 1
    return count


def _copy_new(source: Path, target: Path, *, link: bool = True) -> None:
    """Make the files of `target` those of `source`: objects first, then names, then what is not there any more goes."""
    for folder in ("refs", "objects/info", "objects/pack"):  # which git wants, also where they are empty
        (target / folder).mkdir(parents=True, exist_ok=True)
    files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    for path in sorted(files, key=lambda file: file.parts[0] != "objects"):
        if not _is_same(source / path, target / path):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            _copy_file(source / path, target / path, link=link)
    present = set(files)
    for path in list(target.rglob("*")):
        if path.is_file() and path.relative_to(target) not in present:
            path.unlink()


def _is_same(source: Path, target: Path) -> bool:
    try:
        here, there = source.stat(), target.stat()
    except FileNotFoundError:
        return False
    return (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns)


def _copy_file(source: Path, target: Path, *, link: bool) -> None:
    """Link a file where that is possible; else copy it, and read the copy back. It gets its name when it is whole."""
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    if link:
        with suppress(OSError):  # another disk, or one that knows no links
            os.link(source, draft)
            draft.replace(target)
            return
    shutil.copy2(source, draft)
    with draft.open("rb+") as written:
        os.fsync(written.fileno())
    if not filecmp.cmp(source, draft, shallow=False):
        raise OSError(0, "does not read back as it was written", str(target))
    draft.replace(target)
