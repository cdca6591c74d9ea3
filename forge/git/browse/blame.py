"""Which commit each line of a file comes from, as git finds it, within limits of lines, bytes and time.

Git tells the lines of a commit as soon as it has found it: where it is stopped, what it told so far is used.
https://git-scm.com/docs/git-blame#_incremental_output
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forge.git.commit_object import moment
from forge.git.environment import Limits, environment
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

SECONDS = 8.0
_OUTPUT_BYTES = 8 << 20
_NAME_BYTES = 1000  # of a person or a subject, whose length is its author's choice


@dataclass(frozen=True)
class LineOrigin:
    """A commit that lines come from."""

    oid: str
    author: str
    at: datetime | None  # when it was committed
    subject: str


@dataclass(frozen=True)
class Blame:
    """The origin of lines by their number, from 1. `whole`: of all lines that were asked for."""

    lines: Mapping[int, LineOrigin]
    whole: bool


def blame(mirror: Path, oid: str, path: bytes, first: int, last: int, *, seconds: float = SECONDS) -> Blame:
    """Where the lines `first` to `last` of a file come from, seen from commit `oid`. Raises ObjectMissing."""
    if not is_oid(oid):
        raise ObjectMissing(oid)
    order: list[str | bytes] = ["blame", "--incremental", "--no-textconv", f"-L{first},{last}", oid, "--", path]
    limits = Limits(wall_seconds=seconds, output_bytes=_OUTPUT_BYTES, niceness=5)
    # Names as the commits state them, as everywhere on pages of code: in a bare mirror git would read HEAD's .mailmap.
    ran = run(order, git_dir=mirror, variables=environment({"mailmap.blob": ""}), limits=limits)
    if not ran.ok and not ran.stopped:
        raise ObjectMissing(oid)
    return Blame(_lines(ran.out), ran.ok)


def _lines(out: bytes) -> dict[int, LineOrigin]:
    origins: dict[int, LineOrigin] = {}
    origins_by_commit: dict[str, LineOrigin] = {}
    head: list[bytes] = []
    header: dict[bytes, bytes] = {}
    for line in out.split(b"\n")[:-1]:
        key, _, value = line.partition(b" ")
        if not head:
            head = line.split(b" ")
            continue
        header[key] = value[:_NAME_BYTES]
        if key != b"filename":
            continue
        oid, first, number = head[0].decode("ascii", "replace"), int(head[2]), int(head[3])
        if oid not in origins_by_commit:
            origins_by_commit[oid] = LineOrigin(
                oid,
                _text(header.get(b"author")),
                moment(header.get(b"committer-time", b"")),
                _text(header.get(b"summary")),
            )
        origins.update(dict.fromkeys(range(first, first + number), origins_by_commit[oid]))
        head, header = [], {}
    return origins


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")
