"""When a mirror is visited next, and what its page calls its state: pure rules over what a visit found.

A visit with news halves the interval, one without lengthens it; a failure doubles its own; an origin that has been
gone for two weeks is asked once a month for ever. Nothing here deletes or hides a mirror.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from catalog.store.core.read_models import Mirror
from forge.git.outcome import MirrorUpdate
from forge.git.refs import printable_name

FIRST_SECONDS = 6 * 3600
SHORTEST_SECONDS = 3600
LONGEST_SECONDS = 14 * 24 * 3600
FAILED_SECONDS = 3600
FAILED_LONGEST_SECONDS = 7 * 24 * 3600
MONTH_SECONDS = 30 * 24 * 3600
GONE_AFTER_FAILURES = 6
GONE_AFTER = timedelta(days=14)
UNREACHABLE_AFTER_FAILURES = 3

GOOD = ("full", "partial", "unchanged", "empty")
_STATES = {"not_found": "unreachable", "password": "password", "refused": "refused", "too_large": "too-large"}


def mirror_after_visit(
    mirror: Mirror, visit: MirrorUpdate, *, now: datetime, failing_since: datetime | None = None
) -> Mirror:
    """The mirror's row after a visit; `interval_seconds` is the pause until the next one.

    `failing_since` is the first of the failures in a row, where one is known.
    """
    if visit.outcome in GOOD:
        return _after_answer(mirror, visit, now)
    return _after_failure(mirror, visit, now, failing_since or now)


def mirror_after_unreadable(mirror: Mirror, reason: str, *, now: datetime) -> Mirror:
    """The mirror's row when the origin answered but our copy could not be read: no fault of the origin's."""
    failures = mirror.failures + 1
    interval = _failure_interval(failures)
    return replace(
        mirror, last_visit_at=now, state="failing", reason=reason, failures=failures, interval_seconds=interval
    )


def next_visit_at(mirror: Mirror, visit: MirrorUpdate, *, now: datetime, jitter: float) -> datetime:
    """When to visit next. `jitter` is from -1 to 1 and moves the time by up to a tenth; a host's Retry-After is
    kept.
    """
    seconds = mirror.interval_seconds * (1 + jitter / 10)
    return now + timedelta(seconds=max(seconds, visit.retry_after_seconds or 0))


def _after_answer(mirror: Mirror, visit: MirrorUpdate, now: datetime) -> Mirror:
    news = bool(visit.changes) or mirror.last_success_at is None
    if mirror.failures:
        interval = FIRST_SECONDS  # the interval while it failed says nothing about how often it changes
    elif news:
        interval = mirror.interval_seconds // 2 if mirror.last_success_at else FIRST_SECONDS
    else:
        interval = mirror.interval_seconds * 3 // 2
    return replace(
        mirror,
        last_visit_at=now,
        state="empty" if visit.outcome == "empty" else "mirrored",
        reason=" ".join(visit.warnings) or visit.reason or None,
        canonical_url=visit.url if visit.moved_from and visit.moved_for_good else mirror.canonical_url,
        head=visit.head_oid or mirror.head,
        branch=printable_name(visit.head.removeprefix("refs/heads/")) or mirror.branch,
        digest=visit.digest or None,
        failures=0,
        interval_seconds=min(max(interval, SHORTEST_SECONDS), LONGEST_SECONDS),
        first_mirrored_at=mirror.first_mirrored_at or (now if visit.outcome != "empty" else None),
        last_success_at=now,
    )


def _after_failure(mirror: Mirror, visit: MirrorUpdate, now: datetime, failing_since: datetime) -> Mirror:
    failures = mirror.failures + 1
    state = _STATES.get(visit.outcome)
    if state is None:
        state = "unreachable" if failures >= UNREACHABLE_AFTER_FAILURES else "failing"
    since = max(failing_since, mirror.last_success_at) if mirror.last_success_at else failing_since
    if visit.outcome == "not_found" and failures >= GONE_AFTER_FAILURES and now - since >= GONE_AFTER:
        state = "gone"
    return replace(
        mirror,
        last_visit_at=now,
        state=state,
        reason=visit.reason or None,
        # The target of an earlier redirect may be what is wrong: the address of the record is tried next.
        canonical_url=None,
        failures=failures,
        interval_seconds=MONTH_SECONDS if state in ("gone", "too-large") else _failure_interval(failures),
    )


def _failure_interval(failures: int) -> int:
    return min(FAILED_SECONDS * int(2 ** min(failures - 1, 20)), FAILED_LONGEST_SECONDS)
