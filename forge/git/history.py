"""The whole history of a branch in one bounded stream: when and by how many, for observation. Messages are not read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forge.git.objects import Missing, is_oid
from forge.git.runner import Limits, run

COMMITS = 300_000  # about 30 MB of answer; a longer history is counted as "at least" this many
SECONDS = 60.0
_OUTPUT_BYTES = 64 << 20
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """One commit: `author` is the address as git shows it, to be counted and never shown or kept."""

    oid: str
    committed_at: datetime
    author: str


def history(mirror: Path, oid: str, maximum: int = COMMITS) -> Iterator[Step]:
    """The commits from `oid` back, newest first, those with a date that can be. Raises Missing."""
    if not is_oid(oid):
        raise Missing(oid)
    order = ["log", "-z", "--format=%H%x00%ct%x00%aE", f"--max-count={maximum}", "--no-color", "--use-mailmap"]
    limits = Limits(wall_seconds=SECONDS, output_bytes=_OUTPUT_BYTES, niceness=10)
    ran = run([*order, oid, "--"], git_dir=mirror, limits=limits)
    if not ran.ok and not ran.stopped:
        raise Missing(oid)
    fields = iter(ran.out.split(b"\0"))
    for commit, seconds, author in zip(fields, fields, fields, strict=False):
        try:
            at = _START + timedelta(seconds=int(seconds))
        except (ValueError, OverflowError):
            continue
        yield Step(commit.decode(), at, author.decode("utf-8", "replace"))
