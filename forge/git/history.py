"""The history of a branch for observation: how many commits, when, and the changes of the last year or the last 300.

Messages are not read. 37,000 commits take a third of a second (December 2026), so that all are counted each time, and
their authors never kept. Dates are committers' unless said otherwise, in seconds since 1970.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from forge.git.environment import Limits, environment
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

COMMITS = 300_000  # about 16 MB of output; a longer history is counted as "at least" this many
CHANGES = 50_000  # of the last year, the newest ones
FEWEST_CHANGES = 300  # where there are so many, however old they are
PERSON_BYTES = 300  # of a name and of an address: a commit may bear megabytes in place of either
SECONDS = 60.0
EARLIEST = 315_532_800  # 1980: clocks go wrong, and a commit of 1970 or of next year says nothing about its date
DAY = 86_400
YEAR = 366 * DAY
_OUTPUT_BYTES = 64 << 20


@dataclass(frozen=True)
class BranchCommit:
    """A commit that is no merge. `name` and `address` are its author's, after `.mailmap`: to be
    counted, never shown and never kept."""

    committed_at: int
    authored_at: int
    name: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True)
class BranchHistory:
    """What a branch's history holds. Dates are None where no commit has one that can be; `whole` is False where only a
    part of the history is at hand.
    """

    commits: int
    whole: bool
    first_at: datetime | None
    last_at: datetime | None
    changes: tuple[BranchCommit, ...]


def read_history(mirror: Path, head: str, now: datetime) -> BranchHistory:
    """The history behind `head`, a full commit id. Raises ObjectMissing."""
    if not is_oid(head):
        raise ObjectMissing(head)
    ran = run(
        ["rev-list", "--timestamp", f"--max-count={COMMITS + 1}", head, "--"],
        git_dir=mirror,
        limits=Limits(wall_seconds=SECONDS, output_bytes=_OUTPUT_BYTES, niceness=10),
    )
    rows = ran.out.split(b"\n")[:-1]  # what follows the last end of a line is empty, or cut off
    if not rows or not (ran.ok or ran.stopped):
        raise ObjectMissing(head)
    moment = int(now.timestamp())
    dates = [at for row in rows[:COMMITS] if EARLIEST <= (at := int(row.partition(b" ")[0])) <= moment + DAY]
    return BranchHistory(
        commits=min(len(rows), COMMITS),
        whole=ran.ok and len(rows) <= COMMITS and not (mirror / "shallow").exists(),
        first_at=_date(min(dates, default=None)),
        last_at=_date(max(dates, default=None)),
        changes=_changes(mirror, head, moment),
    )


def _changes(mirror: Path, head: str, now: int) -> tuple[BranchCommit, ...]:
    """What was committed in the year before `now`, or else the last FEWEST_CHANGES; merges left out, newest first."""
    since = f"--since-as-filter={now - YEAR}"  # a clock that went back hides nothing behind it
    of_year = tuple(_logged(mirror, head, [since, f"--max-count={CHANGES}"]))
    return (
        of_year if len(of_year) >= FEWEST_CHANGES else tuple(_logged(mirror, head, [f"--max-count={FEWEST_CHANGES}"]))
    )


def _logged(mirror: Path, head: str, choice: list[str]) -> Iterator[BranchCommit]:
    order = ["log", "--no-merges", *choice, "--format=%ct%x00%at%x00%aN%x00%aE", "--no-color"]
    # In a bare repository git reads HEAD's .mailmap: that of the commit we were asked about is meant.
    for mailmap in (f"{head}:.mailmap", ""):
        ran = run(
            [*order, head, "--"],
            git_dir=mirror,
            variables=environment({"mailmap.blob": mailmap}),
            limits=Limits(wall_seconds=SECONDS, output_bytes=_OUTPUT_BYTES, niceness=10),
        )
        if ran.ok or ran.stopped:
            break
    for row in ran.out.split(b"\n"):
        fields = row.split(b"\0")
        if len(fields) == 4:
            committed_at, authored_at, name, address = fields
            name, address = name[:PERSON_BYTES], address[:PERSON_BYTES]
            yield BranchCommit(_seconds(committed_at), _seconds(authored_at), _text(name), _text(address))


def _seconds(digits: bytes) -> int:
    """A date as git prints it; 0 where it prints none that can be."""
    return int(digits) if digits.isdigit() and len(digits) < 12 else 0


def _date(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
