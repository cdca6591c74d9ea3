"""Keeps a mirror fast: packed refs, few packs, a commit graph with changed paths. Nothing is contacted, nothing that a
ref or a kept ref needs is deleted, and no command here prunes.
"""

from pathlib import Path

from forge.git.environment import Limits
from forge.git.mirror_folder import FILES, locked, note_files, remove_leftovers
from forge.git.runner import GitResult, run

PACKS = 20
_LIMITS = Limits(wall_seconds=1800.0, cpu_seconds=1800, niceness=10)


def maintain(mirror: Path) -> bool:
    """Do all maintenance that is due, at low priority; False when a visit holds the mirror, to be tried later."""
    with locked(mirror) as lock:
        if lock is None:
            return False
        remove_leftovers(mirror)
        run(["pack-refs", "--all"], git_dir=mirror, limits=_LIMITS, pass_fds=(lock,))
        if len(list((mirror / "objects" / "pack").glob("*.pack"))) > PACKS:
            repack = ["repack", "-d", "--geometric=2", "--no-write-bitmap-index", "--quiet"]
            (mirror / FILES).unlink(missing_ok=True)
            run(repack, git_dir=mirror, limits=_LIMITS, pass_fds=(lock,))
            note_files(mirror)
        return write_commit_graph(mirror, lock).ok


def write_commit_graph(mirror: Path, lock: int) -> GitResult:
    """Write what the commit graph lacks. With it "the last commit of each file" is 15 times faster."""
    write = ["commit-graph", "write", "--reachable", "--changed-paths", "--split", "--no-progress"]
    return run(write, git_dir=mirror, limits=_LIMITS, pass_fds=(lock,))


def find_damage(mirror: Path) -> str:
    """What a full `fsck` finds wrong, or "". At low priority; about 9 MB a second, so that once a month is enough."""
    limits = Limits(wall_seconds=3600.0, cpu_seconds=3600, niceness=10)
    ran = run(["fsck", "--full", "--no-dangling", "--no-progress"], git_dir=mirror, limits=limits)
    return "" if ran.ok else (ran.stopped or ran.err or "fsck failed")
