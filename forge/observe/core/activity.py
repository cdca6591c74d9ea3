"""How active a repository is, and whose people change it, counted from its history. Nobody is named: people are
distinguished, counted and forgotten.

There are dates and counts, no score: git's dates are what clocks showed, a rebase makes old work new, and programs
commit more than people. Which commits belong to whom, and which a program made, is judged from names and addresses that
are never kept.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from catalog.rules.registrable_domain import is_confirming, registrable_domain
from catalog.rules.version import Version, version
from forge.observe.core.observed_fact import ObservedFact, utc_text

YEAR = timedelta(days=365)
# Clocks go wrong: a commit of 1970 or of next year says nothing about when work was done.
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
TOLERANCE = timedelta(days=1)
MONTHS = 12
SHARE_FROM = 10  # with fewer changes in a year no share of one person is computed
RELEASES = 50
TAG_CHARACTERS = 100
IN_USE = 2 * YEAR  # before the last tag
LAST_CHANGES = 300  # of which is told at whose domains most were made
MAX_DOMAINS = 3
PEOPLE_AT_DOMAIN = 2  # fewer may be one who has a domain of their own

# Accounts of programs: "dependabot[bot]", "renovate-bot", "l10n_bot"; and names of those that do not say so.
_BOT = re.compile(
    r"\[bot\]|(?:^|[-_]|trans)bots?$|^bot[-_.]|^(?:dependabot|renovate)|[-_](?:travis|ci)$", re.IGNORECASE
)
_PROGRAM = re.compile(
    r"^(?:ci|build|release|deploy|translations?|update|version|merge|automation|backport|docs?|test)[- ]bot$"
    r"|^(?:greenkeeper|snyk|mergify|imgbot|allcontributors|web-flow|copybara|autoroll|localization update)(?:[- ].*)?$"
    r"|^(?:github[- ]?actions?|gitlab[- ]?ci|travis[- ]?ci|jenkins|circleci|pre-commit[- .]ci.*|(?:hosted )?weblate"
    r"|transifex|crowdin|pontoon|translatewiki(?:\.net)?|l10n|semantic[- ]release)$",
    re.IGNORECASE,
)
# "123+name@users.noreply.github.com" is an account, "noreply@example.org" identifies nobody.
_NOBODY = re.compile(r"^(?:no-?reply|root|git|admin|nobody|none|unknown|user|test)?@|@(?:localhost|\(none\))?$|^[^@]*$")


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


class HistorySummary(Protocol):
    """What was read of a history, as `forge.git.history.read_history` returns it."""

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


_Dated = tuple[Version, Tag]  # a tag, and what its name says


def observe_activity(past: HistorySummary, tags: Iterable[Tag], now: datetime) -> list[ObservedFact]:
    """The facts of a project from its history and tags."""
    facts = [ObservedFact("activity", activity_record(past, now))]
    if makers := developers(past.changes):
        facts.append(ObservedFact("developers", makers))
    listed = releases(tags, now)
    if listed:
        facts.append(ObservedFact("releases", [{"version": tag.name, "date": _day(tag)} for tag in listed]))
    return facts


def activity_record(past: HistorySummary, now: datetime) -> dict[str, Any]:
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
        "first_commit_at": utc_text(past.first_at),
        "last_commit_at": utc_text(past.last_at),
        "commits": past.commits,
        "whole": past.whole,
        "people_in_year": len(counts),
        "changes_in_year": changes,
        "automatic_in_year": automatic,
        "top_share_percent": round(100 * max(counts) / changes) if changes >= SHARE_FROM else None,
        "months": months,
        "as_of": utc_text(now),
    }


def developers(changes: Iterable[Change]) -> dict[str, Any] | None:
    """The domains at which most of the last changes were made, JSON-safe: `domains`, most changes first; `others`, how
    many people changed it besides; `since` and `until`, days of the first and the last of these changes.

    None under SHARE_FROM changes and where no few domains made more than half. What programs changed is left out.
    Where anybody may have a mailbox, what is one person's, and what bears somebody's name is no organization's domain.
    """
    last = list(islice((change for change in changes if not is_program(change.name, change.address)), LAST_CHANGES))
    at_domain: dict[str, list[Change]] = {}
    for change in last:
        domain = None if _NOBODY.search(change.address) else registrable_domain(change.address)
        if domain and is_confirming(domain):
            at_domain.setdefault(domain, []).append(change)
    domains, made = list[str](), 0
    for domain, theirs in sorted(at_domain.items(), key=lambda entry: (-len(entry[1]), entry[0]))[:MAX_DOMAINS]:
        if made * 2 <= len(last) and _is_shared(domain, theirs):
            domains.append(domain)
            made += len(theirs)
    if len(last) < SHARE_FROM or made * 2 <= len(last):
        return None
    others = _People()
    for change in last:
        if not any(change in at_domain[domain] for domain in domains):
            others.add(change.name, change.address)
    days = sorted(datetime.fromtimestamp(change.committed_at, UTC).date().isoformat() for change in last)
    return {"domains": domains, "others": len(others.counts()), "since": days[0], "until": days[-1]}


def _is_shared(domain: str, changes: Iterable[Change]) -> bool:
    """Whether several people have an address at a domain that is called after none of them."""
    own_name = domain.partition(".")[0].replace("-", "")
    others = {(change.address.casefold(), "".join(change.name.casefold().split())) for change in changes}
    others = {(address, name) for address, name in others if own_name not in name}
    return all(len(set(several)) >= PEOPLE_AT_DOMAIN for several in zip(*others, strict=True)) if others else False


def is_program(name: str, address: str) -> bool:
    """Whether an author is a program, by what it calls itself. "Jan Bot" is a person."""
    account = address.partition("@")[0].rpartition("+")[2]
    name = name.strip()
    return bool(_BOT.search(name) or _BOT.search(account) or _PROGRAM.search(name))


def releases(tags: Iterable[Tag], now: datetime) -> list[Tag]:
    """The tags of versions with a plausible date, the highest version first, at most RELEASES.

    Trial versions are left out where there are others, and so are those of another shape than the project's: of one
    package among several, or with words behind their numbers. A tag that is moved to each new version, such as v1
    beside v1.2.3, is none. One that is years older than the last comes behind those that are not.
    """
    dated = [
        (release_version, tag)
        for tag in tags
        if tag.tagged_at
        and EARLIEST <= tag.tagged_at <= now + TOLERANCE
        and len(tag.name) <= TAG_CHARACTERS
        and (release_version := version(tag.name)) is not None
    ]
    finished = [(release_version, tag) for release_version, tag in dated if not release_version.is_trial] or dated
    main = _main_shape(finished)
    latest_first = sorted(_without_floating([one for one in finished if one[0].shape == main]), key=_date, reverse=True)
    if not latest_first:
        return []
    last, last_tag = latest_first[0]
    old = _date((last, last_tag))[0] - IN_USE
    # A project that went from years to numbers or back goes on with what its last tag has.
    latest_first.sort(
        key=lambda one: (_date(one)[0] >= old, one[0].is_calendar == last.is_calendar, one[0].order), reverse=True
    )
    return [tag for _, tag in latest_first[:RELEASES]]


def release(tags: Iterable[Tag], now: datetime) -> Tag | None:
    """The highest of `releases`."""
    return next(iter(releases(tags, now)), None)


def _main_shape(dated: Sequence[_Dated]) -> tuple[str, str]:
    """The shape of the project's versions: the one of numbers alone where it is still in use, else the one that most
    have, of two the one with the later."""
    last: dict[tuple[str, str], datetime] = {}
    count = Counter[tuple[str, str]]()
    for number, tag in dated:
        count[number.shape] += 1
        last[number.shape] = max(last.get(number.shape, EARLIEST), tag.tagged_at or EARLIEST)
    newest = max(last.values(), default=EARLIEST)
    used = [shape for shape in last if newest - last[shape] <= IN_USE]
    plain = ("", "")
    if plain in used and newest - last[plain] <= YEAR:
        return plain
    return max(used, key=lambda shape: (count[shape], last[shape]), default=plain)


def _without_floating(dated: Sequence[_Dated]) -> list[_Dated]:
    """Without tags that follow others: v1 where there is v1.2.3, and v1.2 where it leads to the same commit."""
    longer: dict[tuple[str, tuple[int, ...]], set[str]] = {}
    for number, tag in dated:
        for length in range(1, len(number.numbers)):
            longer.setdefault((number.package, number.numbers[:length]), set()).add(tag.oid)
    versions_left = []
    for number, tag in dated:
        followed = longer.get((number.package, number.numbers), set())
        if not followed or (len(number.numbers) > 1 and tag.oid not in followed):
            versions_left.append((number, tag))
    return versions_left


def _date(dated: _Dated) -> tuple[datetime, str]:
    return dated[1].tagged_at or EARLIEST, dated[1].name


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


def _day(tag: Tag) -> str | None:
    """As changelogs and manifests date a version."""
    return tag.tagged_at.astimezone(UTC).date().isoformat() if tag.tagged_at else None
