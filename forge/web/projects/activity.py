"""How active a project is, as its page shows it: a state, the counts behind it, and a chart of twelve months.

Pure. There is no score: each part is a count or a date, or is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.model import LastChange
from catalog.publication.model import PublicProject
from catalog.rules.fact import OBSERVED
from catalog.rules.today import activity_of
from catalog.rules.version import version
from catalog.store.core.visibility import CONFIRMED

CONFIRMED_FOR_MONTHS = 18
YEAR = timedelta(days=365)
STALE = timedelta(days=60)  # if the code was not read for so long, a lack of changes means nothing
MANY_AUTOMATIC = 10
STEP, HEIGHT = 20, 48  # of the chart, in its own units


@dataclass(frozen=True)
class Month:
    """A bar of the chart: `at` is "2026-03"; `x`, `y` and `height` are its position and size in units of the chart."""

    at: str
    changes: int
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class ActivityYear:
    """The year before `until`. `tenths`: how many of ten changes are by one person, when more than half are;
    `spread`: no person made more than half. Neither is said of fewer than ten changes."""

    until: datetime
    people: int
    changes: int | None
    automatic: int  # made by programs; 0 where they are few
    tenths: int | None
    spread: bool


@dataclass(frozen=True)
class ActivityView:
    """How active a project is. `state`: a term of the vocabulary of vitality, None if not known. The page leaves out
    None and empty."""

    state: str | None
    archived: bool  # its makers closed the repository to changes
    watched: bool  # somebody looked lately
    stated: LastChange | None  # what the editors saw, where that is the last change
    last_change_at: datetime | None
    looked_at: datetime | None  # when somebody looked last
    still_months: int  # whole months since then
    release: tuple[str, str] | None  # name and date of the last version
    read: bool  # whether the code was read at all
    stale_since: datetime | None  # when the code could last be read, if that is long ago
    branch: str | None  # whose changes these are, where that is not the main one
    commits: int | None
    whole: bool  # False: there are at least so many
    first_commit_at: datetime | None
    year: ActivityYear | None
    months: tuple[Month, ...]  # oldest first, twelve; empty without a change in them
    confirmed: int  # organizations that confirmed in the last eighteen months that they use it
    at_least: bool  # further ones may have

    @property
    def unchecked(self) -> bool:
        """Whether a last change is known, and too old to say whether the project is maintained."""
        return self.state is None and self.last_change_at is not None

    @property
    def total(self) -> int:
        return sum(month.changes for month in self.months)

    @property
    def busiest(self) -> Month:
        return max(self.months, key=lambda month: month.changes)


def alive_view(page: PublicProject, now: datetime) -> ActivityView:
    """How active a project is, for its page. An observation of an older version has fewer parts."""
    mirror = page.mirror
    observation: Mapping[str, Any] = (mirror and mirror.observation) or {}
    activity: Mapping[str, Any] = observation.get("activity") or {}
    today = page.activity
    last = today.changed_at
    last_change = page.record.last_change
    if activity_of(None, last_change, None, None).changed_at != last:
        last_change = None  # another date is shown
    read_at = (mirror.last_success_at or mirror.observed_at) if mirror else None
    as_of = _parsed_time(activity.get("as_of"))
    confirmed, at_least = _count_confirmed(page, now)
    return ActivityView(
        archived=today.archived,
        watched=today.is_watched(now),
        stated=last_change,
        state=today.state(now),
        last_change_at=last,
        looked_at=today.looked_at,
        still_months=_months_between(last, now) if last else 0,
        release=_release(observation, page, now),
        read=bool(observation),
        stale_since=read_at if read_at and now - read_at > STALE else None,
        branch=activity.get("branch"),
        commits=activity.get("commits"),
        whole=activity.get("whole", True),
        first_commit_at=_parsed_time(activity.get("first_commit_at")),
        year=_year(activity, as_of) if as_of and now - as_of < YEAR else None,
        months=_month_bars(activity.get("months") or (), as_of, max(as_of, read_at or as_of)) if as_of else (),
        confirmed=confirmed,
        at_least=at_least,
    )


def _release(observation: Mapping[str, Any], page: PublicProject, now: datetime) -> tuple[str, str] | None:
    """The last version that a tag marks, else the last that a file of the repository names; the editors' where that is
    later.
    """
    today, last_change = now.date().isoformat(), page.record.last_change
    tagged = observation.get("release") or {}
    releases = [
        (str(entry["date"])[:10], str(entry["version"]))
        for fact in (() if tagged.get("date") else page.facts_of("releases"))
        if fact.origin == OBSERVED and isinstance(fact.value, list | tuple)
        for entry in fact.value
        if isinstance(entry, Mapping) and entry.get("version") and str(entry.get("date") or "9")[:10] <= today
    ]
    if tagged.get("date"):
        releases.append((str(tagged["date"])[:10], str(tagged["value"])))
    last = max(releases, key=_day_and_order, default=None)
    if (
        last_change
        and last_change.release
        and last_change.released
        and (last is None or last_change.released > last[0])
    ):
        return last_change.release, last_change.released
    return last[::-1] if last else None


def _day_and_order(release: tuple[str, str]) -> tuple[str, bool, Any]:
    """Of two versions of a day the higher one is the last."""
    number = version(release[1])
    return release[0], number is not None, number.order if number else ()


def _year(activity: Mapping[str, Any], until: datetime) -> ActivityYear | None:
    people, changes, share = (
        activity.get("people_in_year"),
        activity.get("changes_in_year"),
        activity.get("top_share_percent"),
    )
    automatic = activity.get("automatic_in_year") or 0
    if not people:
        return None
    many = automatic >= MANY_AUTOMATIC and automatic * 3 >= (changes or 0)
    return ActivityYear(
        until=until,
        people=people,
        changes=changes,
        automatic=automatic if many else 0,
        tenths=round(share / 10) if share is not None and share > 50 else None,
        spread=share is not None and share <= 50,
    )


def _month_bars(counts: Any, as_of: datetime, until: datetime) -> tuple[Month, ...]:
    """Bars of the twelve months up to the last reading: a reading without new changes adds months without a change."""
    passed = min((until.year - as_of.year) * 12 + until.month - as_of.month, len(counts))
    shifted = [*counts[passed:], *[0] * passed]
    top = max(shifted, default=0)
    if top == 0:
        return ()
    last = until.year * 12 + until.month - 1
    bars = []
    for place, changes in enumerate(shifted):
        year, month = divmod(last - len(shifted) + 1 + place, 12)
        height = max(1, round(changes / top * HEIGHT))  # a month without a change is a line at the bottom
        bars.append(Month(f"{year}-{month + 1:02}", changes, place * STEP, HEIGHT - height, height))
    return tuple(bars)


def _count_confirmed(page: PublicProject, now: datetime) -> tuple[int, bool]:
    """How many organizations on the page confirmed in time, and whether there are adoptions that the page lacks."""
    since, today = _months_before(now, CONFIRMED_FOR_MONTHS).isoformat(), now.date().isoformat()
    organizations: set[UUID] = set()
    number = 0
    for line in page.adoptions:
        adoption = line.adoption
        if line.sort != CONFIRMED:
            continue
        number += 1
        at = line.confirmed_at.date().isoformat() if line.confirmed_at else adoption.seen_at or ""
        at += "-01-01"[len(at) - 4 :] if len(at) in (4, 7) else ""
        if since <= at <= today:
            organizations.add(line.organization.id)
    return len(organizations), page.uses.confirmed > number


def _months_before(now: datetime, months: int) -> date:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return date(year, month + 1, min(now.day, 28))


def _months_between(then: datetime, now: datetime) -> int:
    months = (now.year - then.year) * 12 + now.month - then.month
    return max(0, months - (now.day < then.day))


def _parsed_time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
    except ValueError:
        return None
