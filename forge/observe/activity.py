"""How alive a repository is, counted from dates. It names nobody: authors are opaque keys that are only counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ACTIVE_FOR = timedelta(days=183)  # 6 months
QUIET_FOR = timedelta(days=548)  # 18 months
YEAR = timedelta(days=365)
# Clocks go wrong: a commit of 1970 or of next year says nothing about when work was done.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(days=1)


@dataclass(frozen=True)
class Commit:
    oid: str
    committed_at: datetime
    author: str  # any key that is the same for the same person; never kept


@dataclass(frozen=True)
class Tag:
    name: str
    oid: str  # of the commit it leads to
    tagged_at: datetime | None


@dataclass(frozen=True)
class Activity:
    """Dates and counts as of `as_of`; None where no commit carries a believable date."""

    first_commit_at: datetime | None
    last_commit_at: datetime | None
    commits: int
    people_in_year: int
    as_of: datetime


def activity(commits: Iterable[Commit], now: datetime) -> Activity:
    """What the commits of the default branch tell, in one pass over them."""
    first = last = None
    people: set[str] = set()
    count = 0
    for commit in commits:
        count += 1
        at = commit.committed_at
        if not EARLIEST <= at <= now + TOLERANCE:
            continue
        first = at if first is None or at < first else first
        last = at if last is None or at > last else last
        if at > now - YEAR:
            people.add(commit.author)
    return Activity(first, last, count, len(people), now)


def release(tags: Iterable[Tag], now: datetime) -> Tag | None:
    """The latest tag that looks like a version (it holds a digit) with a believable date."""
    dated = [
        tag
        for tag in tags
        if tag.tagged_at and EARLIEST <= tag.tagged_at <= now + TOLERANCE and any(c.isdigit() for c in tag.name)
    ]
    return max(dated, key=lambda tag: (tag.tagged_at, tag.name), default=None)


def vitality(last_commit_at: datetime | None, now: datetime) -> str | None:
    """The term of the vocabulary: `active` up to 6 months, `quiet` up to 18, `asleep` after; None when not known.

    It changes by itself as time passes, so it is asked when a page is drawn or an index written, and never stored.
    """
    if last_commit_at is None:
        return None
    age = now - last_commit_at
    return "active" if age <= ACTIVE_FOR else "quiet" if age <= QUIET_FOR else "asleep"
