"""What is true of a project today, by the dates and values of its record: whether it is maintained, whether it is free,
and in which languages it can be used. Pages, cards, search, counts, the API and exports ask here and nowhere else.

Values keep the dates; the present time comes with each question, so that nothing kept is true of yesterday.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.licenses import expressions
from catalog.model import LastChange
from catalog.rules.record_values.stated_date import first_day, last_day

ENDED_STATUSES = frozenset({"ended", "abandoned", "unsupported"})  # its makers said that it is over
# Over, or stopped for now: proposed in no short list, and below others that answer as well.
PUBLISHED_ONCE = "published-once"  # status: the code was published and not worked on since, whatever dates it has
STOPPED_STATUSES = ENDED_STATUSES | {"suspended", PUBLISHED_ONCE}
WARNED_STATUSES = STOPPED_STATUSES - {"ended"} | {"moved"}  # a warning of their own; what ended has one by its state

ACTIVE_FOR = timedelta(days=365)  # after a change
MAINTAINED_FOR = timedelta(days=730)
LOOK_COUNTS_FOR = timedelta(days=180)  # after that, nobody knows whether it changed
USED_FOR = timedelta(days=5 * 365.25)  # after the last sign of a use
OFFER_HOLDS_FOR = timedelta(days=365)  # after its organization said it last
LOOK_STEP = timedelta(days=7)  # looks of our mirror are kept to the week, so that an idle visit changes no record
ACTIVE, QUIET, DORMANT, ENDED = "active", "quiet", "asleep", "ended"  # terms of the vocabulary of vitality
MAINTAINED, UNKNOWN = 0, 1
_RANKS = {ACTIVE: MAINTAINED, QUIET: MAINTAINED, None: UNKNOWN, DORMANT: 2, ENDED: 3}


def is_offer_confirmed(stated_at: datetime, now: datetime) -> bool:
    """Whether an organization said within a year that its offer of help holds."""
    return now - stated_at <= OFFER_HOLDS_FOR


@dataclass(frozen=True)
class Activity:
    """When a project changed last, as far as anybody knows, when somebody last looked, and whether it is over."""

    changed_at: datetime | None = None
    looked_at: datetime | None = None
    ended: bool = False  # its makers said so, or closed the repository
    archived: bool = False  # they closed the repository
    published_once: bool = False

    @property
    def long_silent(self) -> bool:
        """Whether nothing had changed for two years when somebody last looked, or the code was only published: then no
        further look is needed."""
        if self.published_once:
            return True
        if self.changed_at is None or self.looked_at is None:
            return False
        return self.looked_at - self.changed_at > MAINTAINED_FOR

    def is_watched(self, now: datetime) -> bool:
        """Whether somebody looked lately enough to say what it is now."""
        return self.looked_at is not None and now - self.looked_at <= LOOK_COUNTS_FOR

    def state(self, now: datetime) -> str | None:
        """A term of the vocabulary of vitality; None where nobody knows."""
        if self.ended:
            return ENDED
        if self.long_silent:
            return DORMANT
        if self.changed_at is None or not self.is_watched(now):
            return None
        age = now - self.changed_at
        return ACTIVE if age <= ACTIVE_FOR else QUIET if age <= MAINTAINED_FOR else DORMANT

    def is_maintained(self, now: datetime) -> bool:
        return self.state(now) in (ACTIVE, QUIET)

    def rank(self, now: datetime) -> int:
        """Sort key: maintained ones, then those of which nobody knows, dormant ones, ended ones."""
        return _RANKS[self.state(now)]


def activity_of(
    status: str | None,
    last_change: LastChange | None,
    last_commit_at: datetime | None,
    looked_at: datetime | None,
    months: Iterable[Mapping[str, Any]] = (),
) -> Activity:
    """Of several dates of the last change the latest counts, whoever says it. `last_change`: by the editors;
    `last_commit_at` and `looked_at`: of our mirror; `months`: by other catalogues, with the day on which they looked
    (`seen_at`) where they say it."""
    changes, looks, archived = [last_commit_at], [looked_at if last_commit_at else None], False
    if last_change is not None:
        changed, looked = _change_and_look(last_change)
        changes.append(changed)
        looks.append(looked)
        # A later commit in our mirror shows that the repository was opened again.
        closed_until = last_day(last_change.seen_at) + timedelta(days=1)
        archived = last_change.archived and (last_commit_at is None or last_commit_at < closed_until)
    for value in months:
        text = value.get("date") or value.get("released")
        changes.append(last_day(text) if text else None)
        looks.append(first_day(value["seen_at"]) if value.get("date") and value.get("seen_at") else None)
    last = max((at for at in changes if at), default=None)
    return Activity(
        changed_at=last,
        looked_at=max((at for at in (*looks, last) if at), default=None),
        ended=archived or status in ENDED_STATUSES,
        archived=archived,
        published_once=status == PUBLISHED_ONCE,
    )


def _change_and_look(last_change: LastChange) -> tuple[datetime | None, datetime | None]:
    """Of a release alone nobody knows whether the code changed after it: nothing was looked at beyond its day."""
    text = last_change.date or last_change.released
    if not text:
        return None, None
    changed = min(last_day(text), last_day(last_change.seen_at))
    return changed, max(changed, first_day(last_change.seen_at)) if last_change.date else changed


def kept_look(at: datetime | None, phase: int) -> datetime | None:
    """The time of a look of our mirror as it is kept: the beginning of its week. `phase` sets on which day weeks begin,
    so that not all records change on one."""
    if at is None:
        return None
    begin = datetime(2000, 1, 1, tzinfo=at.tzinfo) + timedelta(days=phase % LOOK_STEP.days)
    return begin + (at - begin) // LOOK_STEP * LOOK_STEP


def last_sign(adoption: Mapping[str, Any]) -> str | None:
    """The year, month or day of the last sign of a use, as the record of an adoption states it."""
    return adoption.get("until") or adoption.get("seen_at")


def earliest_sign(now: datetime) -> str:
    """The day from which on a sign shows a present use. A text that is less, such as the year of that day, does not say
    that it is late enough."""
    return (now - USED_FOR).date().isoformat()


@dataclass(frozen=True)
class LicenseAnswer:
    """What is known of a license. `free`: by what the files say where they were read, else as declared; None where
    nobody knows, or where the two contradict each other (`unclear`)."""

    free: bool | None
    unclear: bool  # of declaration and files one says that it is free, the other that it is not
    differs: bool  # the files show another license than the declared one


@dataclass(frozen=True)
class ProjectToday:
    """What is true of a project on the day somebody asks. `state`: a term of the vocabulary of vitality, None where
    nobody knows; `partly`: languages of which less than half is translated; `uncounted`: those of which nobody
    knows how much is."""

    state: str | None
    activity: Activity
    license: LicenseAnswer
    license_declared: str | None = None
    license_detected: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()


def license_answer(declared: str | None, detected: Sequence[str], context_only: bool = False) -> LicenseAnswer:
    """`detected`: what the files show, one expression where it is certain, else that of each file. `context_only`: the
    editors say that it is not free."""
    is_declared_free, is_detected_free = is_free(declared), _all_free(detected)
    unclear = is_declared_free is not None and is_detected_free is not None and is_declared_free is not is_detected_free
    free = None if unclear else is_declared_free if is_detected_free is None else is_detected_free
    differs = declared_and_detected_agree(declared, detected) is False
    return LicenseAnswer(False if context_only else free, unclear and not context_only, differs)


def declared_and_detected_agree(declared: str | None, detected: Sequence[str]) -> bool | None:
    """Whether the declared license is that of the files; None when that cannot be said."""
    if not declared or not detected:
        return None
    try:
        return expressions.licenses_agree(declared, detected[0] if len(detected) == 1 else detected)
    except ValueError:  # an observation of an older version may hold what is no expression
        return None


def is_free(license: str | None) -> bool | None:
    """Whether a license is free; None where nobody says, also of what is no expression."""
    try:
        return expressions.is_free(license) if license else None
    except ValueError:
        return None


def _all_free(detected: Sequence[str]) -> bool | None:
    """Whether all files are free, or none is; None in between."""
    answers = {is_free(license) for license in detected}
    return answers.pop() if len(answers) == 1 else None


def license_findings(observation: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """What the license files show: one expression where it is certain, else that of each file."""
    values = observation or {}
    whole = values.get("license")
    return [finding for finding in ([whole] if whole else values.get("license_files") or ()) if finding.get("value")]


def packaged_license(observation: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The license that the package files at the top name, where they name one and the same."""
    licenses = [
        license
        for license in (observation or {}).get("declared_licenses") or ()
        if license.get("value") and license.get("file") and "/" not in license["file"]
    ]
    return licenses[0] if len({license["value"] for license in licenses}) == 1 else None
