"""Measures how far two mirrors are apart: the commits of each since they parted, counted by one git process that sees
the objects of both.

It reads and never writes: the second mirror's objects are added as alternates for one command. Git does not know which
of the two came first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forge.git.environment import Limits, environment
from forge.git.objects import MirrorUnreadable, ObjectMissing, is_oid
from forge.git.runner import GitResult, run

SECONDS = 10.0  # of each command; two histories of 80,000 commits take 0.1
FILES_BYTES = 8 << 20  # names of the files of one tree
_EARLIEST = 315_532_800  # 1980
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LIMITS = Limits(wall_seconds=SECONDS, cpu_seconds=int(SECONDS), output_bytes=FILES_BYTES, niceness=10)

Watch = Callable[[], str]  # returns a word to end the command, "" to let it continue


@dataclass(frozen=True)
class HistoryDistance:
    """How many commits only the first, only the second, and both have; the last common commit and its date if it has
    one.

    `alike_percent`: share of the files of the smaller tree with a file of the same name in the other tree; None where
    one side has no commits of its own, or too many files.
    """

    own_commits: int
    other_commits: int
    shared_commits: int
    merge_base: str
    since: datetime | None
    alike_percent: int | None


def measure_distance(
    mirror: Path, head: str, other: Path, other_head: str, *, watch: Watch | None = None
) -> HistoryDistance | None:
    """Compare two heads, full commit ids; None when no commit is in both histories.

    Raises ObjectMissing, and MirrorUnreadable when a mirror is damaged or git needs too long.
    """
    for oid in (head, other_head):
        if not is_oid(oid):
            raise ObjectMissing(oid)
    both = _TwoMirrors(mirror, other, watch)
    base = both.run(["merge-base", head, other_head])
    if base.status == 1 and not base.stopped and not base.err:
        return None
    merge_base = _output(base).decode().strip()
    counts = _output(both.run(["rev-list", "--left-right", "--count", f"{head}...{other_head}", "--"])).split()
    own_commits, other_commits = int(counts[0]), int(counts[1])
    all_commits = int(_output(both.run(["rev-list", "--count", head, "--"])))
    return HistoryDistance(
        own_commits=own_commits,
        other_commits=other_commits,
        shared_commits=all_commits - own_commits,
        merge_base=merge_base,
        since=_date(_output(both.run(["log", "-1", "--format=%ct", merge_base, "--"]))),
        alike_percent=both.alike_percent(head, other_head) if own_commits and other_commits else None,
    )


class _TwoMirrors:
    """Commands on the first mirror that see the objects of the second too."""

    def __init__(self, mirror: Path, other: Path, watch: Watch | None):
        self._mirror, self._watch = mirror, watch
        self._variables = environment(extra={"GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(other / "objects")})

    def run(self, arguments: list[str]) -> GitResult:
        return run(arguments, git_dir=self._mirror, variables=self._variables, limits=_LIMITS, watch=self._watch)

    def alike_percent(self, head: str, other_head: str) -> int | None:
        names = []
        for oid in (head, other_head):
            listed = self.run(["ls-tree", "-r", "-z", "--name-only", "--full-tree", oid])
            if listed.stopped == "output":
                return None
            names.append(set(_output(listed).split(b"\0")) - {b""})
        smaller = min(map(len, names))
        return round(100 * len(names[0] & names[1]) / smaller) if smaller else None


def _quoted(folder: Path) -> str:
    """Quote a folder's path for a list of paths that git reads, whatever characters it has.

    https://git-scm.com/docs/git#Documentation/git.txt-codeGITALTERNATEOBJECTDIRECTORIEScode
    """
    name = str(folder.absolute()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}"'


def _output(ran: GitResult) -> bytes:
    if not ran.ok:
        raise MirrorUnreadable(ran.stopped or ran.err or f"git ended with {ran.status}")
    return ran.out


def _date(digits: bytes) -> datetime | None:
    digits = digits.strip()
    seconds = int(digits) if digits.isdigit() and len(digits) < 12 else 0
    return _START + timedelta(seconds=seconds) if seconds >= _EARLIEST else None
