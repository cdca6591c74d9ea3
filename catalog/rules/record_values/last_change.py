"""When a project changed last: as our mirror saw, and until its first good visit as the editors did. Pure."""

from datetime import datetime

from catalog.model import LastChange
from catalog.rules.record_values.stated_date import first_day, last_day


def last_change_at(stated: LastChange | None, last_commit_at: datetime | None) -> datetime | None:
    """The last change that is known; `last_commit_at` is that of our mirror. None: nobody knows."""
    if last_commit_at is not None or stated is None:
        return last_commit_at
    text = stated.date or stated.released
    return min(last_day(text), last_day(stated.seen_at)) if text else None


def checked_until(stated: LastChange | None, last_commit_at: datetime | None) -> datetime | None:
    """The day of the version that the editors read, where the last change is theirs; None where our mirror looks.

    Of a release alone nobody knows whether the code changed after it: nothing was checked beyond its day.
    """
    if last_commit_at is not None or stated is None:
        return None
    changed_at = last_change_at(stated, None)
    return max(changed_at, first_day(stated.seen_at)) if changed_at and stated.date else changed_at


def is_archived(stated: LastChange | None, last_commit_at: datetime | None) -> bool:
    """Whether its makers closed the repository to changes; a later commit in our mirror shows that they opened it."""
    if stated is None or not stated.archived:
        return False
    return last_commit_at is None or last_commit_at <= last_day(stated.seen_at).replace(hour=23, minute=59)
