"""Whether a project is maintained: the terms of the vocabulary `vitality`, by what its makers say and its last change.

Silence counts only as far as somebody looked: our mirror looks up to now, and the editors read a version that may be
old. Of a project whose version was fresh when they read it, and is old now, nothing is known. Pure.
"""

from datetime import datetime, timedelta

ENDED_STATUSES = frozenset({"ended", "abandoned", "unsupported"})  # its makers said that it is over
# Over, or stopped for now: proposed in no short list, and below others that answer as well.
STOPPED_STATUSES = ENDED_STATUSES | {"suspended"}

# Changed within 6 months, within 18, earlier. Ended: its makers said so, whatever the date.
ACTIVE_FOR = timedelta(days=183)
QUIET_FOR = timedelta(days=548)


def vitality(
    status: str | None,
    archived: bool,
    last_change_at: datetime | None,
    checked_until: datetime | None,
    now: datetime,
) -> str | None:
    """ "active", "quiet", "asleep" or "ended"; None where it is not known.

    `checked_until`: the day of the version that the editors read; None where our mirror looks.
    """
    if archived or status in ENDED_STATUSES:
        return "ended"
    if last_change_at is None:
        return None
    silence = seen_silence(last_change_at, checked_until or now)
    if silence or checked_until is None:
        return silence or "active"
    return "active" if now - last_change_at <= ACTIVE_FOR else None


def seen_silence(last_change_at: datetime, checked_until: datetime) -> str | None:
    """ "quiet" or "asleep" where nothing changed for so long until it was checked, else None."""
    age = checked_until - last_change_at
    return "asleep" if age > QUIET_FOR else "quiet" if age > ACTIVE_FOR else None
