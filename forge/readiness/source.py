"""Opens what `forge ready` reads: a repository or a plain folder on this machine, or a fetched copy of a public one.

A repository is read at its head, as others would get it: what is not committed is left out. A fetched copy lies in a
folder that is deleted afterwards. Nothing is written into what is read.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from catalog.sentences import mark
from forge.git import local, read
from forge.git.fetch.sync import Bounds, sync
from forge.git.listing import list_files
from forge.observe.core.activity import Tag
from forge.observe.core.privacy_filter import web_address
from forge.observe.core.tree import File, Tree
from forge.security.safe_http import AddressRules

MAX_FILES = 50_000  # of a plain folder
NO_REPOSITORY = "0" * 40
_LEFT_OUT = {".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__"}  # not what one would publish
_SCP_ADDRESS = re.compile(r"(?:ssh://)?git@([\w.-]+)[:/]([\w./~-]+)")


class SourceNotOpened(Exception):
    """There is nothing to read: `reason`, a sentence (a msgid)."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class OpenedSource:
    """`git_dir` is None for a plain folder, `commit` then NO_REPOSITORY. `address` is the public one, where known."""

    name: str
    tree: Tree
    git_dir: Path | None
    commit: str
    address: str | None
    tags: tuple[Tag, ...]
    fetched: bool = False


def is_address(where: str) -> bool:
    """Return whether the word is an address to fetch from and not a path."""
    return "://" in where


@contextmanager
def open_source(where: str, addresses: AddressRules, bounds: Bounds) -> Iterator[OpenedSource]:
    """Open what is at a path or an address, until the end of the block. Raises SourceNotOpened."""
    if is_address(where):
        with tempfile.TemporaryDirectory(prefix="forge-ready-") as folder:
            mirror = Path(folder) / "copy.git"
            visit = sync(mirror, where, addresses, bounds, lambda visit, done: None)
            if visit.outcome not in ("full", "partial", "unchanged"):
                raise SourceNotOpened(visit.reason or mark("The repository could not be fetched."))
            with _open_repository(mirror, _name_of(where), web_address(where), fetched=True) as source:
                yield source
        return
    path = Path(where)
    if not path.is_dir():
        raise SourceNotOpened(mark("There is no such folder. Name a folder, or the public address of a repository."))
    git_dir = local.repository(path)
    if git_dir is None:
        yield OpenedSource(path.absolute().name, _folder_tree(path), None, NO_REPOSITORY, None, ())
        return
    with _open_repository(git_dir, _name_of(str(path.absolute())), _public_origin(git_dir)) as source:
        yield source


@contextmanager
def _open_repository(git_dir: Path, name: str, address: str | None, fetched: bool = False) -> Iterator[OpenedSource]:
    commit = _head_commit(git_dir)
    if commit is None:
        raise SourceNotOpened(
            mark("The repository has no commits yet: commit something, or name a folder without .git.")
        )
    pool = read.ReaderPool(1)

    def contents(oid: str, max_bytes: int) -> bytes | None:
        try:
            with pool.objects(git_dir) as objects:
                return read.blob(objects, oid, max_bytes)
        except (read.ObjectMissing, read.MirrorUnreadable):
            return None  # a part of a history may lie elsewhere: what cannot be read is not there

    try:
        listed = list_files(git_dir, commit)
        tree = Tree({file.path: File(file.oid, file.size_bytes) for file in listed.files}, contents, None, listed.whole)
        tags = tuple(Tag(ref.short, ref.commit, ref.at) for ref in read.tags(git_dir) if ref.commit)
        yield OpenedSource(name, tree, git_dir, commit, address, tags, fetched)
    except (read.ObjectMissing, read.MirrorUnreadable) as fault:
        raise SourceNotOpened(mark("The repository cannot be read; try `git fsck` in it.")) from fault
    finally:
        pool.close()


def _head_commit(git_dir: Path) -> str | None:
    """Return the commit that is checked out; of the first branch in a copy whose HEAD names none."""
    try:
        return local.checked_out(git_dir) or next((ref.commit for ref in read.refs(git_dir, 1) if ref.commit), None)
    except read.MirrorUnreadable:
        return None


def _public_origin(git_dir: Path) -> str | None:
    """Return the public address of the origin; None where there is none, or one with a name or a password in it."""
    url = local.origin(git_dir)
    if match := _SCP_ADDRESS.fullmatch(url):
        url = f"https://{match[1]}/{match[2].lstrip('/')}"
    return web_address(url) if url.startswith("https://") else None


def _name_of(where: str) -> str:
    return where.rstrip("/").rpartition("/")[2].removesuffix(".git") or "software"


def _folder_tree(path: Path) -> Tree:
    """Read the files below a folder, links left out; contents are read when they are asked for."""
    places: dict[str, Path] = {}
    files: dict[str, File] = {}
    whole = True
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(inner for inner in folders if inner not in _LEFT_OUT)
        for name in sorted(names):
            place = Path(folder) / name
            relative = place.relative_to(path).as_posix()
            if not relative.isprintable() or place.is_symlink() or not place.is_file():
                continue
            if len(files) == MAX_FILES:
                whole = False
                break
            oid = f"{len(files):040x}"
            places[oid], files[relative] = place, File(oid, place.stat().st_size)

    def contents(oid: str, max_bytes: int) -> bytes | None:
        try:
            with places[oid].open("rb") as file:
                data = file.read(max_bytes + 1)
        except OSError:
            return None
        return data if len(data) <= max_bytes else None

    return Tree(files, contents, None, whole)
