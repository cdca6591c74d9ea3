"""Copies of mirrors for backups: each as it was at one moment, beside an archive only what is new.

Files of a bare repository are replaced, never written over. So a hard link keeps what was there, on the same disk, and
a file of the same size and time is the same file.
"""

import filecmp
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forge.git.mirror_folder import object_format_of, write, write_settings

SNAPSHOT_TRIES = 5
_HEAD_BYTES = 1_000
_HEAD = re.compile(rb"(ref: refs/(heads|tags)/[^\x00-\x20]+|[0-9a-f]{40}|[0-9a-f]{64})\n?")
_OBJECT_OR_NAME = re.compile(
    r"HEAD|packed-refs|refs/(heads|tags|kept)/.+"
    r"|objects/pack/pack-[0-9a-f]{40,64}\.(pack|idx|rev|bitmap|mtimes)"
    r"|objects/[0-9a-f]{2}/[0-9a-f]{38,62}"
)


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
            to.mkdir(exist_ok=True)  # also of a part that has no file yet, which says that nothing may be served
            names = list(_files_below(mirror))
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


def mirrors_of(mirrors: Path) -> list[Path]:
    """All mirrors, and after them their parts: a mirror that is about to change has its part before."""
    return sorted(mirrors.glob("*.git"), key=lambda path: (path.name.endswith(".free.git"), path.name))


def synchronize(mirrors: Path, target: Path, names: Collection[str]) -> int:
    """Bring the copies in `target` to what the mirrors are now, and return how many there are.

    A copy whose mirror is lost stays; one of a project that is in the database no more goes (`names`: names of those
    that are). Raises OSError, also for a file that does not read back as it was written.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for mirror in mirrors_of(mirrors):
        with snapshot(mirror) as aside:
            if aside is not None:
                _copy_new(aside, target / mirror.name)
    for copy in target.glob("*.git"):
        if copy.name not in names:
            shutil.rmtree(copy)
    return sum(1 for _ in target.glob("*.git"))


def fill(source: Path, mirrors: Path) -> int:
    """Take over mirrors where there is none here, and return how many. Raises OSError.

    Of a copy only objects and names are taken: its config and attributes could name commands, so ours are written.
    """
    count = 0
    for copy in sorted(source.glob("*.git")) if source.is_dir() else ():
        target = mirrors / copy.name
        mirror = mirrors / copy.name.replace(".free.git", ".git")
        if copy.is_symlink() or not copy.is_dir() or target.exists() or mirror.exists():
            continue
        draft = mirrors / f".{copy.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        write_settings(draft, object_format_of(copy))
        files = [path.relative_to(copy) for path in _files_below(copy)]
        for path in sorted((path for path in files if _OBJECT_OR_NAME.fullmatch(path.as_posix())), key=_objects_first):
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            _copy_file(copy / path, draft / path, link=False)
        if (draft / "HEAD").exists() and not _HEAD.fullmatch((draft / "HEAD").read_bytes()[:_HEAD_BYTES]):
            write(draft / "HEAD", "ref: refs/heads/main\n")
        draft.rename(target)
        count += not copy.name.endswith(".free.git")
    return count


def _files_below(folder: Path) -> Iterator[Path]:
    """The files of a folder, by no symbolic link."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(place, name)).is_file() and not path.is_symlink())


def _objects_first(path: Path) -> bool:
    return path.parts[0] != "objects"


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
