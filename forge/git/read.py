"""Reads a mirror for pages and observation: refs, names, trees, files, commits, tags, sizes. Nothing is changed.

Everything that a repository holds is untrusted bytes: bounded in size and time, decoded tolerantly, and never an
argument that git could take for an option. Paths are bytes; ref names and text are str (`surrogateescape` for names,
`replace` for text). Unknown names and ids raise ObjectMissing, a mirror that is damaged or takes too long raises
MirrorUnreadable. Callers must escape names where they show them.
"""

import contextlib
import os
import re
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from forge.git import packed_refs
from forge.git.commit_object import Commit, moment, parsed
from forge.git.environment import Limits
from forge.git.mirror_folder import size_bytes as disk_bytes
from forge.git.objects import (
    ANSWER_SECONDS,
    OBJECT_BYTES,
    MirrorUnreadable,
    Object,
    ObjectMissing,
    ObjectReader,
    ReaderPool,
    TooLarge,
    is_oid,
)
from forge.git.runner import run
from forge.git.trees import TreeEntry, find_by_name, rows

__all__ = [
    "OBJECT_BYTES",
    "Commit",
    "Head",
    "MirrorUnreadable",
    "ObjectMissing",
    "ObjectReader",
    "ReaderPool",
    "Ref",
    "TooLarge",
    "TreeEntry",
    "blob",
    "commit",
    "commits",
    "disk_bytes",
    "entries",
    "find",
    "head",
    "is_mirror",
    "is_oid",
    "newest_tag",
    "refs",
    "resolve",
    "tags",
    "tip",
    "tree",
]  # fmt: skip

REFS = 20_000
NAME_CHARACTERS = 4096
MANY_REFS_BYTES, NAMES_AMONG_MANY = 4 << 20, 32  # looking through 4 MB takes a third of a millisecond
ENTRIES = 10_000
DEPTH = 64
PATH_BYTES = 32 << 20  # of all trees on the way to one path: two of 400,000 entries
PATH_SECONDS = 5.0
_SECONDS = 10.0
_UNNAMEABLE = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$")
_REF_FORMAT = "%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)%00%(creatordate:unix)%00"


@dataclass(frozen=True)
class Ref:
    """A branch or tag. `oid` is what it names; `commit` the commit behind it, "" for tags of files or trees."""

    name: str  # full, "refs/tags/v1"
    oid: str
    kind: str
    commit: str
    at: datetime | None  # of the tag, or of the commit where there is none

    @property
    def short(self) -> str:
        return self.name.split("/", 2)[2]


@dataclass(frozen=True)
class Head:
    """The default branch and its commit."""

    name: str
    oid: str


# Branches on which a version is made, or the next one: not those of one change, of translations, of a site.
_LINE = re.compile(
    r"refs/heads/(?:(?:v|version[-_/]|release[-_/]|stable[-_/])?\d+(?:\.(?:\d+|x))*(?:[-_.](?:x|dev|stable))?"
    r"|main|master|trunk|stable|develop(?:ment)?|devel?|next)",
    re.IGNORECASE,
)
_NEWEST = 200  # branches among which the one of a version is looked for


def newest_line(mirror: Path, default: Head) -> Head:
    """The branch of a version, or of the next one, whose last commit is the newest; the default branch where none is
    newer. Raises MirrorUnreadable."""
    newest = _list_refs(mirror, [f"--count={_NEWEST}", "--sort=-committerdate", "refs/heads/"])
    lines = (ref for ref in newest if ref.name == default.name or _LINE.fullmatch(ref.name))
    return next((Head(ref.name, ref.commit) for ref in lines if ref.commit), default)


def is_mirror(mirror: Path) -> bool:
    """Whether a visit has made this mirror and something is in it."""
    return (mirror / "HEAD").exists() and (mirror / "packed-refs").exists()


def head(mirror: Path) -> Head | None:
    """The default branch, or the version that stands for it in a mirror of tags alone; None in an empty one. Raises
    MirrorUnreadable."""
    oid = tip(mirror)
    if not oid:
        _output(mirror, ["for-each-ref", "--count=1"])  # it is empty, or damaged
        return None
    content = (mirror / "HEAD").read_bytes().strip()
    return Head(_name(content[5:]) if content.startswith(b"ref: ") else "", oid)


def tip(mirror: Path) -> str:
    """The commit that HEAD names, of the default branch where there is one, without a process, for every request; ""
    where it cannot be read."""
    try:
        name = (mirror / "HEAD").read_bytes().strip()
        if not name.startswith(b"ref: "):
            oid = name.decode("ascii", "replace")
            return oid if is_oid(oid) else ""
        name = name[5:].strip()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return (mirror / _name(name)).read_bytes().strip().decode("ascii", "replace")
        with packed_refs.opened(mirror) as packed:
            return packed_refs.commit_of(packed, name)
    except (OSError, ValueError):
        return ""


def newest_tag(mirror: Path, names: Collection[bytes] | None = None) -> str:
    """The commit of the tag with the newest date, of these full names alone where they are given; "" where there is
    none. Raises MirrorUnreadable."""
    order = ["for-each-ref", "--sort=-version:refname", "--sort=-creatordate", f"--format={_REF_FORMAT}", "refs/tags/"]
    tagged = (ref for ref in _parse_refs(_output(mirror, order)) if ref.commit)
    return next((ref.commit for ref in tagged if names is None or os.fsencode(ref.name) in names), "")


def refs(mirror: Path, maximum: int = REFS) -> list[Ref]:
    """Branches, then tags, by name; never kept ones. Where there are more than `maximum` together, there may be so many
    of each. Raises MirrorUnreadable."""
    listed = _list_refs(mirror, [f"--count={maximum}", "refs/heads/", "refs/tags/"])
    if len(listed) < maximum:
        return listed
    on_branches = [ref for ref in listed if ref.name.startswith("refs/heads/")]
    return on_branches + _list_refs(mirror, [f"--count={maximum}", "refs/tags/"])


def tags(mirror: Path, maximum: int = 1000) -> list[Ref]:
    """Tags with their dates, newest first. Raises MirrorUnreadable."""
    return _list_refs(mirror, [f"--count={maximum}", "--sort=-creatordate", "refs/tags/"])


def resolve(mirror: Path, names: Sequence[str]) -> tuple[str, str]:
    """The first of these names that is a branch or a tag (in this order), and the full id of the object that it names.

    Nothing else of git's revision grammar is understood. Where a mirror has many names itself, only the last of these
    are looked for. Raises ObjectMissing and MirrorUnreadable.
    """
    possible = [name for name in names if name and len(name) <= NAME_CHARACTERS and not _UNNAMEABLE.search(name)]
    with packed_refs.opened(mirror) as packed:
        for name in possible if len(packed) < MANY_REFS_BYTES else possible[-NAMES_AMONG_MANY:]:
            for full in (f"refs/heads/{name}", f"refs/tags/{name}"):
                if os.path.isfile(f"{mirror}/{full}"):  # since the last visit, or while one moves it
                    for ref in _list_refs(mirror, [full]):
                        return name, ref.commit or ref.oid
                if oid := packed_refs.commit_of(packed, full.encode("utf-8", "surrogateescape")):
                    return name, oid
    raise ObjectMissing(names[0] if names else "")


def commit(objects: ObjectReader, oid: str) -> Commit:
    """One commit, parsed tolerantly from its first TEXT_BYTES. Raises ObjectMissing also when `oid` is no commit."""
    git_object = _peel(objects, oid)
    if git_object.kind != "commit":
        raise ObjectMissing(oid)
    if git_object.data is None:
        raise TooLarge(f"commit {git_object.oid} has {git_object.size_bytes} bytes")
    return parsed(git_object.oid, git_object.data, git_object.size_bytes)


def tree(objects: ObjectReader, oid: str, max_bytes: int = OBJECT_BYTES, seconds: float = ANSWER_SECONDS) -> bytes:
    """The bytes of a tree, or of a commit's top tree, for `forge.git.trees`. Raises TooLarge, too."""
    deadline = time.monotonic() + seconds
    git_object = _peel(objects, oid, max_bytes, deadline)
    if git_object.kind == "commit" and git_object.data is not None:
        git_object = objects.object(_header_id(git_object, b"tree"), max_bytes, deadline)
    if git_object.kind not in ("tree", "commit"):
        raise ObjectMissing(oid)
    if git_object.data is None:
        raise TooLarge(f"{git_object.kind} {git_object.oid} has {git_object.size_bytes} bytes")
    return git_object.data


def entries(objects: ObjectReader, oid: str, maximum: int = ENTRIES, max_bytes: int = OBJECT_BYTES) -> list[TreeEntry]:
    """The first rows of a tree, or of a commit's top tree, in git's order. Raises TooLarge, too."""
    return list(islice(rows(tree(objects, oid, max_bytes), len(oid) // 2), maximum))


def find(
    objects: ObjectReader, oid: str, path: bytes, max_bytes: int = PATH_BYTES, seconds: float = PATH_SECONDS
) -> TreeEntry:
    """The entry at a path below a commit or tree; b"" is the top tree itself.

    Raises ObjectMissing; TooLarge where the trees on the way have more than `max_bytes` together; MirrorUnreadable,
    also when reading them takes longer than `seconds`.
    """
    parts = [part for part in path.split(b"/") if part]
    if len(parts) > DEPTH:
        raise ObjectMissing(_name(path))
    entry = TreeEntry("040000", "tree", oid, b"")
    if not parts:
        if objects.info(oid).kind == "tree":
            return entry  # it is not read, which may be long
        git_object = _peel(objects, oid)
        return replace(entry, oid=_header_id(git_object, b"tree") if git_object.kind == "commit" else git_object.oid)
    left_bytes, deadline = max_bytes, time.monotonic() + seconds
    for part in parts:
        if entry.kind != "tree":
            raise ObjectMissing(_name(path))
        data = tree(objects, entry.oid, min(left_bytes, OBJECT_BYTES), deadline - time.monotonic())
        left_bytes -= len(data)
        child = find_by_name(data, len(entry.oid) // 2, part)
        if child is None:
            raise ObjectMissing(_name(path))
        entry = child
    return entry


def blob(objects: ObjectReader, oid: str, max_bytes: int = OBJECT_BYTES) -> bytes | None:
    """A file's bytes, None if it has more than `max_bytes`. Raises ObjectMissing also for what is not a file."""
    git_object = objects.object(oid, max_bytes)
    if git_object.kind != "blob":
        raise ObjectMissing(oid)
    return git_object.data


def commits(mirror: Path, oids: Sequence[str], pool: ReaderPool, *, seconds: float = _SECONDS) -> list[Commit]:
    """These commits, in this order; one that is too large has only its id, and so have those whose turn comes after
    `seconds`. Raises ObjectMissing, MirrorUnreadable."""
    deadline = time.monotonic() + seconds
    listed = []
    with pool.objects(mirror) as objects:
        for oid in oids:
            small = Commit(oid, "", (), "", None, None, "", cut=True)
            if time.monotonic() < deadline:
                with contextlib.suppress(TooLarge):
                    small = commit(objects, oid)
            listed.append(small)
    return listed


def _list_refs(mirror: Path, arguments: list[str]) -> list[Ref]:
    return list(_parse_refs(_output(mirror, ["for-each-ref", f"--format={_REF_FORMAT}", *arguments])))


def _parse_refs(out: bytes) -> Iterator[Ref]:
    for row in out.split(b"\0\n"):
        fields = row.split(b"\0")
        if len(fields) != 6:
            continue
        name, oid, kind, behind, behind_kind, at = fields
        if kind == b"tag":
            behind_oid = behind.decode() if behind_kind == b"commit" else ""
        else:
            behind_oid = oid.decode() if kind == b"commit" else ""
        yield Ref(_name(name), oid.decode(), kind.decode(), behind_oid, moment(at))


def _output(mirror: Path, order: list[str]) -> bytes:
    ran = run(order, git_dir=mirror, limits=Limits(wall_seconds=_SECONDS, output_bytes=16 << 20))
    if not ran.ok:
        raise MirrorUnreadable(ran.stopped or ran.err or "git failed")
    return ran.out


def _peel(objects: ObjectReader, oid: str, max_bytes: int = OBJECT_BYTES, deadline: float | None = None) -> Object:
    """The object behind a tag, or the object itself; a chain of more than ten tags is nobody's release."""
    git_object = objects.object(oid, max_bytes, deadline)
    for _step in range(10):
        if git_object.kind != "tag":
            return git_object
        git_object = objects.object(_header_id(git_object, b"object"), max_bytes, deadline)
    raise ObjectMissing(oid)


def _header_id(git_object: Object, key: bytes) -> str:
    """The id in an object's first header line with this key."""
    lines = (git_object.data or b"").partition(b"\n\n")[0].split(b"\n")
    onward = next(
        (line[len(key) + 1 :].decode("utf-8", "replace") for line in lines if line.startswith(key + b" ")), ""
    )
    if not is_oid(onward):
        raise ObjectMissing(git_object.oid)
    return onward


def _name(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
