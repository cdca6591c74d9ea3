"""The commits of a branch's first-parent line that touch certain names at the top of the tree, oldest first.

The line of first parents is the branch as its makers moved it: what was merged counts from its merge on. Only the top
tree of each commit is examined, never a content; that is four times as fast as asking git for patterns of names.
https://git-scm.com/docs/git-diff-tree
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forge.git.environment import Limits
from forge.git.objects import MirrorUnreadable, ObjectMissing, is_oid
from forge.git.runner import GitResult, run

COMMITS = 100_000  # the newest; older ones are left out and `whole` says so
NEW_COMMITS = 20_000  # since an earlier reading; a push of more is read like a new history
TOUCHES = 2_000  # the newest; a manifest that changes with each release touches a few hundred times
SECONDS = 30.0
OUTPUT_BYTES = 64 << 20
_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class LicenseCommit:
    """A commit that changed one of the names. `parent` is its first one, "" where the line begins."""

    commit: str
    parent: str
    at: datetime | None


@dataclass(frozen=True)
class LicenseCommits:
    """`since` is the commit from which the reading continued, "" when it began anew; `whole`: nothing older is
    missing.
    """

    steps: tuple[LicenseCommit, ...]
    since: str
    whole: bool


def find_license_commits(
    mirror: Path,
    head: str,
    is_license_file: Callable[[bytes], bool],
    since: str = "",
    *,
    commits: int = COMMITS,
    touches: int = TOUCHES,
    seconds: float = SECONDS,
) -> LicenseCommits:
    """The touches from `head` back, or back to `since` when that commit is on the line.

    `is_license_file` is asked for each name at the top, files and folders alike.
    Raises ObjectMissing when there is no such commit, MirrorUnreadable when git took too long.
    """
    if not is_oid(head):
        raise ObjectMissing(head)
    line = _first_parent_line(mirror, since, head, min(NEW_COMMITS, commits), seconds) if is_oid(since) else []
    if head != since and not (line and line[-1].parent == since):
        since = ""
        line = _first_parent_line(mirror, "", head, commits, seconds)
    changes, complete = _changed_names(mirror, line, seconds)
    license_commits = [line[place] for place, names in changes if any(map(is_license_file, names))]
    whole = complete and len(license_commits) <= touches and (bool(since) or line[-1].parent == "")
    return LicenseCommits(tuple(reversed(license_commits[:touches])), since, whole)


def _first_parent_line(mirror: Path, since: str, head: str, most: int, seconds: float) -> list[LicenseCommit]:
    """The commits of the line, newest first."""
    order = ["rev-list", "--first-parent", "--parents", "--timestamp", f"--max-count={most}", head]
    ran = _run_bounded(mirror, [*order, *([f"^{since}"] if since else []), "--"], b"", seconds)
    if ran.stopped:
        raise MirrorUnreadable(f"rev-list was stopped: {ran.stopped}")
    if not ran.ok:
        if since:
            return []  # it is no longer there: read anew
        raise ObjectMissing(head)
    rows = (row.split(" ") for row in ran.out.decode("ascii", "replace").splitlines())
    return [LicenseCommit(row[1], row[2] if len(row) > 2 else "", _time(row[0])) for row in rows]


def _changed_names(
    mirror: Path, line: Sequence[LicenseCommit], seconds: float
) -> tuple[Iterator[tuple[int, list[bytes]]], bool]:
    """For each commit that changed anything its place in the line and the names at the top that it changed, and whether
    these are all: a repository with too much or too slow output is read as far as possible, from its newest on."""
    if not line:
        return iter(()), True
    query = "".join(f"{touch.commit} {touch.parent}".rstrip() + "\n" for touch in line).encode()
    order = ["diff-tree", "--stdin", "--root", "--raw", "--abbrev=4", "--no-renames", "-z"]
    ran = _run_bounded(mirror, order, query, seconds)
    if not ran.ok and not ran.stopped:
        raise MirrorUnreadable(ran.err or "git could not compare the commits")
    return _parse_changes(ran.out, {touch.commit.encode(): place for place, touch in enumerate(line)}, ran.ok), ran.ok


def _parse_changes(out: bytes, places: Mapping[bytes, int], complete: bool) -> Iterator[tuple[int, list[bytes]]]:
    place, names = -1, list[bytes]()
    tokens = iter(out.split(b"\0"))
    for token in tokens:
        if token.startswith(b":"):  # a change, and its name behind it: a name may look like a commit
            names.append(next(tokens, b""))
        elif token in places:
            if names:
                yield place, names
            place, names = places[token], []
    if names and complete:
        yield place, names


def _run_bounded(mirror: Path, order: Sequence[str], stdin: bytes, seconds: float) -> GitResult:
    limits = Limits(wall_seconds=seconds, output_bytes=OUTPUT_BYTES, niceness=10)
    return run(order, git_dir=mirror, limits=limits, stdin=stdin)


def _time(seconds: str) -> datetime | None:
    try:
        return _START + timedelta(seconds=int(seconds))
    except (ValueError, OverflowError):
        return None
