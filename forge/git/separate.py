"""Makes and removes the free part of a mirror: all that one commit reaches, packed into a repository of its own.

The mirror itself keeps everything and is not changed. A part is made aside and moved into place as a whole; what a
killed process left is swept by the next.
"""

import hashlib
import os
import shutil
from pathlib import Path

from forge.git import free, quarantine, refs, upkeep
from forge.git.environment import Limits
from forge.git.objects import is_oid
from forge.git.runner import GitFailed, must, run

_LIMITS = Limits(wall_seconds=1800.0, cpu_seconds=1800, data_bytes=1 << 30, niceness=10)


def settle(mirror: Path, commit: str | None, *, max_bytes: int | None = None) -> bool:
    """Have the free part of `mirror` go up to `commit`, with the tags that this commit reaches; None: have no part.

    Gives whether this is so now. It is not where another process holds the mirror, or where the commit is not there or
    takes more than `max_bytes`: then a part that went up to another commit is gone. Costs one command when nothing
    changed. Raises OSError when the disk is full.
    """
    part = free.part_of(mirror)
    if commit is None:
        _remove(part)
        return True
    with quarantine.locked(mirror) as lock:
        if lock is None:
            return False
        if not is_oid(commit):
            _remove(part)
            return False
        branch = _branch(mirror)
        try:
            named = {branch: commit.encode()} | _tags(mirror, commit)
            digest = hashlib.sha256(repr(sorted(named.items())).encode()).hexdigest()[:24]
            if free.held(part) == {"commit": commit, "names": digest}:
                return True
            draft = part.with_name(f"{part.name}.tmp")
            _remove(draft)
            _made(mirror, draft, named, lock, max_bytes)
        except GitFailed:
            _remove(part)
            return False
        quarantine.write(draft / "HEAD", b"ref: " + branch + b"\n")
        quarantine.write(draft / free.MARK, free.mark(commit, digest))
        _remove(part)
        os.rename(draft, part)
        quarantine.sync_folder(part.parent)
        return True


def _made(mirror: Path, draft: Path, named: dict[bytes, bytes], lock: int, max_bytes: int | None) -> None:
    draft.mkdir(mode=0o700)
    quarantine.prepare(draft, "sha256" if len(next(iter(named.values()))) == 64 else "sha1")
    wanted = b"\n".join(dict.fromkeys(named.values())) + b"\n"
    limits = Limits(**{**vars(_LIMITS), "file_bytes": max_bytes})
    order = ["pack-objects", "--revs", "--quiet", "--delta-base-offset", str(draft.absolute() / "objects/pack/pack")]
    must(run(order, git_dir=mirror, limits=limits, stdin=wanted, pass_fds=(lock,)), "pack-objects")
    known = refs.kinds(draft, named.values(), draft / "objects")
    if not known.keys() >= set(named.values()):
        raise GitFailed("pack-objects", "the pack lacks what it was asked for")
    refs.plant(draft, named, known)
    upkeep.graph(draft, lock)


def _branch(mirror: Path) -> bytes:
    """The full name of the branch that HEAD names."""
    text = (mirror / "HEAD").read_bytes().strip()
    return text[5:] if text.startswith(b"ref: refs/heads/") else b"refs/heads/main"


def _tags(mirror: Path, commit: str) -> dict[bytes, bytes]:
    """The tags of commits that `commit` reaches, itself included."""
    order = ["for-each-ref", f"--merged={commit}", "--format=%(objectname) %(refname)", "refs/tags/"]
    out = must(run(order, git_dir=mirror, limits=_LIMITS), "for-each-ref")
    return {name: oid for oid, _, name in (line.partition(b" ") for line in out.splitlines())}


def _remove(folder: Path) -> None:
    """Take a repository away: out of sight at once, so that no half of it is ever served."""
    gone = folder.with_name(f"{folder.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    if folder.exists():
        os.rename(folder, gone)
        shutil.rmtree(gone, ignore_errors=True)
