"""The changes of a history, or of one path in it, newest first: a part at a time, which says where the next begins.

A place in a history is how many of its commits come before. Git lists commits without looking into them; of a path, its
changes are then looked for in as many of them as the time allows, so that any part costs what it shows.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forge.git.environment import Limits
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

SECONDS = 3.0
STEPS = (500, 2_000, 8_000, 32_000)  # commits that are looked into at a time, the last again and again
_MARK = b"="  # before a number, which git echoes: so many commits of this step have been looked into
_MARK_EVERY = 50
_DATA_BYTES = 128 << 20
_ORDER = "diff-tree --stdin -r -s --root --no-ext-diff --no-textconv --no-renames --"


@dataclass(frozen=True)
class HistoryPart:
    """Full ids of changes. `following`: the place where the next part begins, None where there is none. `whole` is
    False where the time was over: then there may be more changes before `following` than these.
    """

    oids: tuple[str, ...]
    following: int | None
    whole: bool = True


def changes(
    mirror: Path, oid: str, path: bytes = b"", *, after: int = 0, most: int = 50, seconds: float = SECONDS
) -> HistoryPart:
    """The next changes behind the first `after` commits from `oid` back; at `path`, those commits that have one parent
    or none and change it. Raises ObjectMissing.
    """
    if not is_oid(oid):
        raise ObjectMissing(oid)
    deadline = time.monotonic() + seconds
    if not path:
        oids, whole = _commits(mirror, oid, after, most + 1, deadline)
        return HistoryPart(tuple(oids[:most]), after + most if len(oids) > most else None, whole)
    place, changed = after, list[str]()
    steps = iter(STEPS)
    number = STEPS[-1]
    while time.monotonic() < deadline:
        number = next(steps, number)
        oids, whole = _commits(mirror, oid, place, number, deadline)
        new, looked_into = _changes_among(mirror, oids, path, deadline)
        if len(changed) + len(new) > most:
            new = new[: most - len(changed)]
            return HistoryPart((*changed, *new), place + oids.index(new[-1]) + 1 if new else place)
        changed += new
        place += looked_into
        if whole and looked_into == len(oids) < number:
            return HistoryPart(tuple(changed), None)
    return HistoryPart(tuple(changed), place if place > after else None, whole=False)


def _commits(mirror: Path, oid: str, skip: int, most: int, deadline: float) -> tuple[list[str], bool]:
    """Ids of commits, and whether the time was enough for all of them."""
    limits = Limits(
        wall_seconds=max(0.1, deadline - time.monotonic()),
        data_bytes=_DATA_BYTES,
        output_bytes=most * (len(oid) + 1),
        niceness=10,
    )
    ran = run(["rev-list", f"--skip={skip}", f"--max-count={most}", oid, "--"], git_dir=mirror, limits=limits)
    if not ran.ok and not ran.stopped:
        raise ObjectMissing(oid)
    return ran.out[: ran.out.rfind(b"\n") + 1].decode("ascii").split(), ran.ok


def _changes_among(mirror: Path, oids: Sequence[str], path: bytes, deadline: float) -> tuple[list[str], int]:
    """Those of these commits that change a path, and how many of them were looked into."""
    lines = []
    for number, oid in enumerate(oids, 1):
        lines.append(oid.encode())
        if number % _MARK_EVERY == 0 or number == len(oids):
            lines.append(_MARK + str(number).encode())
    limits = Limits(wall_seconds=max(0.1, deadline - time.monotonic()), data_bytes=_DATA_BYTES, niceness=10)
    ran = run([*_ORDER.split(), path], git_dir=mirror, limits=limits, stdin=b"\n".join([*lines, b""]))
    if not ran.ok and not ran.stopped:
        raise ObjectMissing(oids[0])
    looked_into, changed, new = 0, list[str](), list[str]()
    for line in ran.out.split(b"\n")[:-1]:
        if line.startswith(_MARK):
            looked_into = int(line[1:])
            changed += new
            new = []
        else:
            new.append(line.decode("ascii"))
    return changed, looked_into
