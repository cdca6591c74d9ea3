"""The changes of a history, or of one path in it, newest first: a part at a time, which says where the next begins.

Git looks for the changes of a path with the filters of the commit graph (`forge.git.maintenance`), and for a few
seconds: what it told so far is used.
"""

from dataclasses import dataclass
from pathlib import Path

from forge.git.environment import Limits, environment
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

SECONDS = 3.0
_DATA_BYTES = 128 << 20


@dataclass(frozen=True)
class HistoryPart:
    """Full ids of changes. `following`: how many changes come before the next part, None where there is none. `whole`
    is False where the time was over: then there may be more.
    """

    oids: tuple[str, ...]
    following: int | None
    whole: bool = True


def changes(
    mirror: Path,
    oid: str,
    path: bytes = b"",
    *,
    without: str = "",
    after: int = 0,
    most: int = 50,
    seconds: float = SECONDS,
) -> HistoryPart:
    """The next changes from `oid` back, behind the first `after`, and none that the commit `without` has too; at
    `path`, those commits that have one parent or none and change it. Raises ObjectMissing.
    """
    if not is_oid(oid) or not is_oid(without or oid):
        raise ObjectMissing(oid)
    order: list[str | bytes] = ["rev-list", f"--skip={after}", f"--max-count={most + 1}", oid]
    if without:
        order.append(f"^{without}")
    if path:
        order += ["--full-history", "--no-merges"]
    ran = run(
        [*order, "--", *([path] if path else [])],
        git_dir=mirror,
        variables=environment(extra={"GIT_FLUSH": "1"}),
        limits=Limits(
            wall_seconds=seconds, data_bytes=_DATA_BYTES, output_bytes=(most + 1) * (len(oid) + 1), niceness=10
        ),
    )
    if not ran.ok and not ran.stopped:
        raise ObjectMissing(oid)
    oids = ran.out[: ran.out.rfind(b"\n") + 1].decode("ascii").split()
    return HistoryPart(tuple(oids[:most]), after + most if len(oids) > most else None, ran.ok)
