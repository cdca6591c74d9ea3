"""How active a repository is, counted from its history. Nobody is named: people are distinguished, counted and
forgotten.

There are dates and counts, no score: git's dates are what clocks showed, a rebase makes old work new, and programs
commit more than people. Which commits belong to whom, and which a program made, is judged from names and addresses that
are never kept.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from forge.observe.core.observed_fact import ObservedFact

YEAR = timedelta(days=365)
# Clocks go wrong: a commit of 1970 or of next year says nothing about when work was done.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(days=1)
MONTHS = 12
SHARE_FROM = 10  # with fewer changes in a year no share of one person is computed
RELEASES = 50
TAG_CHARACTERS = 100

# Accounts of programs: "dependabot[bot]", "renovate-bot", "l10n_bot"; and names of those that do not say so.
_BOT = re.compile(r"\[bot\]|(?:^|[-_])bots?$|^bot[-_.]|^(?:dependabot|renovate)", re.IGNORECASE)
_PROGRAM = re.compile(
    r"^(?:ci|build|release|deploy|translations?|update|version|merge|automation|backport|docs?|test)[- ]bot$"
    r"|^(?:greenkeeper|snyk|mergify|imgbot|allcontributors|web-flow|copybara|autoroll|localization update)(?:[- ].*)?$"
    r"|^(?:github[- ]?actions?|gitlab[- ]?ci|travis[- ]?ci|jenkins|circleci|pre-commit[- .]ci.*|(?:hosted )?weblate"
    r"|transifex|crowdin|pontoon|translatewiki(?:\.net)?|l10n|semantic[- ]release)$",
    re.IGNORECASE,
)
# "123+name@users.noreply.github.com" is an account, "noreply@example.org" identifies nobody.
_NOBODY = re.compile(r"^(?:no-?reply|root|git|admin|nobody|none|unknown|user|test)?@|@(?:localhost|\(none\))?$|^[^@]*$")
_TRIAL = re.compile(r"(?<![a-z])(?:alpha|beta|rc|pre|preview|dev|test|a(?=\d)|b(?=\d))(?![a-z])", re.IGNORECASE)
_NOT_A_RELEASE = re.compile(r"nightly|snapshot|daily|weekly|continuous|\bci\b|(?:^|[-/])build[-/_]?\d", re.IGNORECASE)


class Change(Protocol):
    """A commit that is no merge; dates in seconds since 1970."""

    @property
    def committed_at(self) -> int: ...
    @property
    def authored_at(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...


class BranchHistory(Protocol):
    """What was read of a history, as `forge.git.history.past` returns it."""

    @property
    def commits(self) -> int: ...
    @property
    def whole(self) -> bool: ...
    @property
    def first_at(self) -> datetime | None: ...
    @property
    def last_at(self) -> datetime | None: ...
    @property
    def changes(self) -> Sequence[Change]: ...


@dataclass(frozen=True)
class Tag:
    name: str
    oid: str  # of the commit it leads to
    tagged_at: datetime | None


def observe_activity(past: BranchHistory, tags: Iterable[Tag], now: datetime) -> list[ObservedFact]:
    """The facts of a project from its history and tags."""
    facts = [ObservedFact("activity", activity_record(past, now))]
    listed = releases(tags, now)
    if listed:
        facts.append(ObservedFact("releases", [{"version": tag.name, "date": _day(tag)} for tag in listed]))
    return facts


def activity_record(past: BranchHistory, now: datetime) -> dict[str, Any]:
    """Dates and counts as of `now`, JSON-safe.

    A change counts when it was made, not when it arrived: a history that was imported or rebased last week is not work
    of this year. Merges do not count. `people_in_year`, `changes_in_year`, `top_share_percent` and `months` leave
    programs out; `automatic_in_year` counts theirs. The share is None under SHARE_FROM changes.
    """
    people, automatic, months = _People(), 0, [0] * MONTHS
    for change in past.changes:
        at = _made_at(change, now)
        if at is None or at <= now - YEAR:
            continue
        if is_program(change.name, change.address):
            automatic += 1
            continue
        people.add(change.name, change.address)
        months_ago = (now.year - at.year) * 12 + now.month - at.month
        if 0 <= months_ago < MONTHS:
            months[MONTHS - 1 - months_ago] += 1
        elif months_ago < 0:
            months[-1] += 1  # within the tolerance, of a clock that is fast
    counts = people.counts()
    changes = sum(counts)
    return {
        "first_commit_at": _text(past.first_at),
        "last_commit_at": _text(past.last_at),
        "commits": past.commits,
        "whole": past.whole,
        "people_in_year": len(counts),
        "changes_in_year": changes,
        "automatic_in_year": automatic,
        "top_share_percent": round(100 * max(counts) / changes) if changes >= SHARE_FROM else None,
        "months": months,
        "as_of": _text(now),
    }


def is_program(name: str, address: str) -> bool:
    """Whether an author is a program, by what it calls itself. "Jan Bot" is a person."""
    account = address.partition("@")[0].rpartition("+")[2]
    name = name.strip()
    return bool(_BOT.search(name) or _BOT.search(account) or _PROGRAM.search(name))


def is_prerelease(version: str) -> bool:
    """Whether a version is for those who try it out, by what it is called: "2.0-rc1", "v3.0.0.beta2"."""
    return bool(_TRIAL.search(version))


def releases(tags: Iterable[Tag], now: datetime) -> list[Tag]:
    """The tags that look like versions, with a plausible date, newest first, at most RELEASES.

    Where there are some for everybody, trial versions and those of one package among several are left out.
    """
    dated = [tag for tag in tags if tag.tagged_at and EARLIEST <= tag.tagged_at <= now + TOLERANCE and _is_version(tag)]
    finished = [tag for tag in dated if not is_prerelease(tag.name)]
    whole = [tag for tag in finished if "/" not in tag.name]
    return sorted(whole or finished or dated, key=lambda tag: (tag.tagged_at, tag.name), reverse=True)[:RELEASES]


def release(tags: Iterable[Tag], now: datetime) -> Tag | None:
    """The latest of `releases`."""
    return next(iter(releases(tags, now)), None)


class _People:
    """Distinguishes people: one address, or one full name ("Ana Souza", not "ana"), is one person."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._changes: dict[str, int] = {}

    def add(self, name: str, address: str) -> None:
        address, name = address.strip().casefold(), " ".join(name.split()).casefold()
        keys = [] if _NOBODY.search(address) else [f"@{address}"]
        if " " in name or not keys:
            keys.append(name)
        first = self._top(keys[0])
        for key in keys[1:]:
            self._parents[self._top(key)] = first
        self._changes[keys[0]] = self._changes.get(keys[0], 0) + 1

    def counts(self) -> list[int]:
        """How many changes each made, in no order."""
        by_person: dict[str, int] = {}
        for key, changes in self._changes.items():
            top = self._top(key)
            by_person[top] = by_person.get(top, 0) + changes
        return list(by_person.values())

    def _top(self, key: str) -> str:
        parent = self._parents.setdefault(key, key)
        while parent != self._parents[parent]:
            self._parents[key] = parent = self._parents[parent]
        return parent


def _made_at(change: Change, now: datetime) -> datetime | None:
    """The earlier of a commit's two dates, of those that are plausible."""
    latest, earliest = now.timestamp() + TOLERANCE.total_seconds(), EARLIEST.timestamp()
    plausible = [at for at in (change.committed_at, change.authored_at) if earliest <= at <= latest]
    return datetime.fromtimestamp(min(plausible), UTC) if plausible else None


def _is_version(tag: Tag) -> bool:
    name = tag.name
    return len(name) <= TAG_CHARACTERS and any(c.isdigit() for c in name) and not _NOT_A_RELEASE.search(name)


def _day(tag: Tag) -> str | None:
    """As changelogs and manifests date a version."""
    return tag.tagged_at.astimezone(UTC).date().isoformat() if tag.tagged_at else None


def _text(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
