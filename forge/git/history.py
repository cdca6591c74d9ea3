"""The history of a branch for observation: how many commits, when, and the changes of the last year.

Messages are not read. After a push only the new commits are listed, and the last year's are read again (40 ms at 80,000
commits, November 2026): so their authors are counted and never kept. Dates are committers' unless said otherwise,
in seconds since 1970.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from forge.git.environment import Limits, environment
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

COMMITS = 300_000  # about 30 MB of output; a longer history is counted as "at least" this many
NEW_COMMITS = 20_000  # a push of more is read like a new history
CHANGES = 50_000  # of the last year, the newest ones
PERSON_BYTES = 300  # of a name and of an address: a commit may bear megabytes in place of either
SECONDS = 60.0
EARLIEST = 315_532_800  # 1980: clocks go wrong, and a commit of 1970 or of next year says nothing about its date
DAY = 86_400
YEAR = 366 * DAY
FORMAT = 1  # of the state; another one is read as none
_OUTPUT_BYTES = 64 << 20
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class BranchCommit:
    """A commit of the last year that is no merge. `name` and `address` are its author's, after `.mailmap`: to be
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

    head: str
    commits: int
    whole: bool
    first_at: datetime | None
    last_at: datetime | None
    changes: tuple[BranchCommit, ...]
    state: Mapping[str, Any]  # JSON-safe, for the next call; it names nobody


class _ListedCommit(NamedTuple):
    """A commit as `rev-list` lists it; `parents` are ids with spaces between them."""

    at: int
    oid: bytes
    parents: bytes


@dataclass
class _Summary:
    """The counts of a history that one call keeps for the next."""

    head: str
    commits: int = 0
    whole: bool = True
    first: int | None = None
    last: int | None = None
    # Until when the last year cannot be read without listing everything: a date that goes back hides what is behind it.
    odd_until: int = 0

    def state(self) -> dict[str, Any]:
        return {"format": FORMAT, **vars(self)}

    def see(self, at: int, now: int) -> None:
        """Count a commit of this date."""
        self.commits += 1
        if EARLIEST <= at <= now + DAY:
            self.first = at if self.first is None else min(at, self.first)
            self.last = at if self.last is None else max(at, self.last)


def read_history(mirror: Path, head: str, before: Mapping[str, Any] | None, now: datetime) -> BranchHistory:
    """The history behind `head`, a full commit id. `before` is the `state` of an earlier answer, or None.

    Where that one's head is no ancestor of this one, everything is read. Raises ObjectMissing.
    """
    if not is_oid(head):
        raise ObjectMissing(head)
    moment = int(now.timestamp())
    summary = _continue_from(mirror, head, before, moment) or _count_all(mirror, head, moment)
    if (mirror / "shallow").exists():
        summary.whole = False
    return BranchHistory(
        head=head,
        commits=summary.commits,
        whole=summary.whole,
        first_at=_date(summary.first),
        last_at=_date(summary.last),
        changes=tuple(_changes(mirror, head, moment, everywhere=summary.odd_until >= moment)),
        state=summary.state(),
    )


def _count_all(mirror: Path, head: str, now: int) -> _Summary:
    listed = _list_commits(mirror, [head], COMMITS)
    if listed is None or not listed[0]:
        raise ObjectMissing(head)
    lines, whole = listed
    found = _Summary(head, whole=whole)
    recent = {}
    for line in lines:
        found.see(line.at, now)
        if line.at >= now - YEAR:
            recent[line.oid] = min(line.at, now)
    found.odd_until = _odd_until(lines, recent)
    return found


def _continue_from(mirror: Path, head: str, before: Mapping[str, Any] | None, now: int) -> _Summary | None:
    """The earlier state, continued with what is new; None where it cannot be continued."""
    summary = _restored(before)
    if summary is None:
        return None
    if summary.head == head:
        return summary
    listed = _list_commits(mirror, ["--left-right", f"{summary.head}...{head}"], NEW_COMMITS)
    if listed is None or not listed[1] or any(line.oid.startswith(b"<") for line in listed[0]):
        return None
    lines, recent = listed[0], {}
    for line in lines:
        summary.see(line.at, now)
        if line.at >= now - YEAR:
            recent[line.oid[1:]] = min(line.at, now)
        else:
            # Old work that was merged now, or a clock that was wrong: either may stand before what is recent.
            summary.odd_until = max(summary.odd_until, now + YEAR)
    summary.odd_until = max(summary.odd_until, _odd_until(lines, recent))
    summary.head = head
    return summary


def _restored(before: Mapping[str, Any] | None) -> _Summary | None:
    if not before or before.get("format") != FORMAT or not is_oid(str(before.get("head"))):
        return None
    fields: dict[str, Any] = {name: before.get(name) for name in _Summary.__dataclass_fields__}
    return _Summary(**fields)


def _list_commits(mirror: Path, wanted: list[str], maximum: int) -> tuple[list[_ListedCommit], bool] | None:
    """The commits by date, without messages: from the commit graph, 80,000 in a tenth of a second.

    Also returns whether these are all commits. None where git refuses, as for a commit that is missing.
    """
    ran = run(
        ["rev-list", "--timestamp", "--parents", f"--max-count={maximum + 1}", *wanted, "--"],
        git_dir=mirror,
        limits=Limits(wall_seconds=SECONDS, output_bytes=_OUTPUT_BYTES, niceness=10),
    )
    if not ran.ok and not ran.stopped:
        return None
    rows = ran.out.split(b"\n")[:-1]  # what follows the last end of a line is empty, or cut off
    lines = [
        _ListedCommit(int(at), oid, b" ".join(parents)) for at, oid, *parents in (row.split(b" ", 2) for row in rows)
    ]
    return lines[:maximum], ran.ok and len(lines) <= maximum


def _odd_until(lines: list[_ListedCommit], recent: Mapping[bytes, int]) -> int:
    """When the last recent commit whose child claims to be more than a day older will be a year old; else 0."""
    behind = [
        recent[parent]
        for line in lines
        for parent in line.parents.split(b" ")
        if parent in recent and line.at < recent[parent] - DAY
    ]
    return max(behind) + YEAR if behind else 0


def _changes(mirror: Path, head: str, now: int, *, everywhere: bool) -> Iterator[BranchCommit]:
    """What was committed in the year before `now`, merges left out, newest first."""
    since = f"--since-as-filter={now - YEAR}" if everywhere else f"--since={now - YEAR}"
    order = ["log", "--no-merges", since, f"--max-count={CHANGES}", "--format=%ct%x00%at%x00%aN%x00%aE", "--no-color"]
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
    return None if seconds is None else _START + timedelta(seconds=seconds)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
