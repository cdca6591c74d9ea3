"""What two commits have in common, and how many commits only one of them has."""

from pathlib import Path

from forge.git.environment import Limits
from forge.git.objects import MirrorUnreadable, ObjectMissing, is_oid
from forge.git.runner import GitResult, run

SECONDS = 8.0


def merge_base(mirror: Path, first: str, second: str) -> str:
    """The last commit that both have in their history, "" where there is none.

    Raises ObjectMissing, MirrorUnreadable.
    """
    ran = _run(mirror, first, second, "merge-base", first, second)
    if ran.status == 1 and not ran.err:
        return ""
    if not ran.ok:
        raise ObjectMissing(second)
    return ran.out.decode("ascii").strip()


def count_apart(mirror: Path, first: str, second: str) -> tuple[int, int]:
    """How many commits only the first has, and only the second. Raises ObjectMissing, MirrorUnreadable."""
    ran = _run(mirror, first, second, "rev-list", "--left-right", "--count", f"{first}...{second}", "--")
    if not ran.ok:
        raise ObjectMissing(second)
    back, number = ran.out.split()
    return int(back), int(number)


def _run(mirror: Path, first: str, second: str, *order: str) -> GitResult:
    for oid in (first, second):
        if not is_oid(oid):
            raise ObjectMissing(oid)
    ran = run(order, git_dir=mirror, limits=Limits(wall_seconds=SECONDS, data_bytes=128 << 20, niceness=5))
    if ran.stopped:
        raise MirrorUnreadable(f"{order[0]} was stopped: {ran.stopped}")
    return ran
