"""A repository on the user's own machine: where it is, and what is checked out.

It is read as a mirror is, with nothing of the user's configuration; no filter, hook or driver of the repository runs.
"""

from pathlib import Path

from forge.git.objects import is_oid
from forge.git.runner import run


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
