"""A repository on the user's own machine: where it is, what is checked out, its origin, every version of its files.

It is read as a mirror is, with nothing of the user's configuration; no filter, hook or driver of the repository runs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from forge.git.environment import Limits
from forge.git.objects import MirrorUnreadable, is_oid
from forge.git.runner import run

BATCH = 400  # commits that one process compares
_LIMITS = Limits(wall_seconds=600.0, output_bytes=256 << 20)
_NO_FILES = ("120000", "160000")  # links, submodules


class Version(NamedTuple):
    """A content that a commit brought under a path; `path` with surrogateescape where it is no UTF-8."""

    commit: str
    path: str
    oid: str


def repository(path: Path) -> Path | None:
    """The git folder of a work tree, of a linked one (gitrepository-layout(5)), or the bare one that the path is."""
    inside = path / ".git"
    if inside.is_dir():
        return inside
    if inside.is_file() and inside.stat().st_size < 4096:
        kind, _, target = inside.read_text("utf-8", "replace").partition(":")
        return path / target.strip() if kind == "gitdir" and (path / target.strip()).is_dir() else None
    return path if (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir() else None


def checked_out(git_dir: Path) -> str | None:
    """The commit of HEAD, on a branch or on none; None where there is none yet."""
    ran = run(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], git_dir=git_dir)
    oid = ran.out.decode("ascii", "replace").strip()
    return oid if ran.ok and is_oid(oid) else None


def origin(git_dir: Path) -> str:
    """The address of the remote `origin` as it is configured, "" where there is none."""
    ran = run(["config", "--get", "remote.origin.url"], git_dir=git_dir)
    return ran.out.decode("utf-8", "replace").strip() if ran.ok else ""


def commits(git_dir: Path) -> list[str]:
    """All commits that any ref or HEAD reaches, parents first. Raises MirrorUnreadable."""
    ran = run(["rev-list", "--all", "--reverse", "--topo-order"], git_dir=git_dir, limits=_LIMITS)
    if not ran.ok:
        raise MirrorUnreadable(ran.stopped or ran.err)
    return ran.out.decode("ascii").split()


def versions(git_dir: Path, oids: list[str]) -> Iterator[list[Version]]:
    """What each BATCH of commits brought, in the order of the commits. Raises MirrorUnreadable.

    Of a merge that is what neither side had.
    """
    order = ["diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z", "--no-abbrev", "--no-renames"]
    for start in range(0, len(oids), BATCH):
        batch = oids[start : start + BATCH]
        ran = run(order, git_dir=git_dir, limits=_LIMITS, stdin="".join(f"{oid}\n" for oid in batch).encode())
        if not ran.ok:
            raise MirrorUnreadable(ran.stopped or ran.err)
        yield list(_versions(ran.out))


def _versions(out: bytes) -> Iterator[Version]:
    commit = ""
    tokens = iter(out.split(b"\0"))
    for token in tokens:
        if not token.startswith(b":"):
            commit = token.decode("ascii", "replace") or commit
            continue
        path = next(tokens, b"")
        parents = len(token) - len(token.lstrip(b":"))
        words = token[parents:].decode("ascii").split(" ")
        mode, oid = words[parents], words[2 * parents + 1]
        if mode not in _NO_FILES and oid.strip("0"):
            yield Version(commit, path.decode("utf-8", "surrogateescape"), oid)
