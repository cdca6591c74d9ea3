"""When a mirror is visited next, and what its page calls its state: pure rules over what a visit found.

A visit with news halves the interval, one without lengthens it; a failure doubles its own; an origin that has been
gone for two weeks is asked once a month for ever. Nothing here deletes or hides a mirror.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from catalog.store.views import Mirror
from forge.git.visits import Visit

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


def after(kept: Mirror, visit: Visit, *, now: datetime) -> Mirror:
    """The mirror's row after a visit; `interval_seconds` is the pause until the next one."""
    seen = replace(kept, last_visit_at=now)
    if visit.outcome == "busy":
        return replace(seen, interval_seconds=SHORTEST_SECONDS)
    if visit.outcome in GOOD:
        return _answered(seen, visit, now)
    return _failed(seen, visit, now)


def next_at(kept: Mirror, visit: Visit, *, now: datetime, jitter: float) -> datetime:
    """When to come back. `jitter` is from -1 to 1 and moves the time by up to a tenth; a host's own wish is kept."""
    seconds = kept.interval_seconds * (1 + jitter / 10)
    return now + timedelta(seconds=max(seconds, visit.retry_after_seconds or 0))


def _answered(seen: Mirror, visit: Visit, now: datetime) -> Mirror:
    news = bool(visit.changes) or seen.last_success_at is None
    if seen.failures:
        interval = FIRST_SECONDS  # what it was while it failed says nothing of how often it changes
    elif news:
        interval = seen.interval_seconds // 2 if seen.last_success_at else FIRST_SECONDS
    else:
        interval = seen.interval_seconds * 3 // 2
    return replace(
        seen,
        state="empty" if visit.outcome == "empty" else "mirrored",
        reason=" ".join(visit.warnings) or visit.reason or None,
        canonical_url=visit.url if visit.moved_from else seen.canonical_url,
        head=visit.head_oid or seen.head,
        branch=visit.head.removeprefix("refs/heads/") or seen.branch,
        digest=visit.digest or None,
        failures=0,
        interval_seconds=min(max(interval, SHORTEST_SECONDS), LONGEST_SECONDS),
        first_mirrored_at=seen.first_mirrored_at or (now if visit.outcome != "empty" else None),
        last_success_at=now,
        last_change_at=now if visit.changes else seen.last_change_at,
    )


def _failed(seen: Mirror, visit: Visit, now: datetime) -> Mirror:
    failures = seen.failures + 1
    interval = min(FAILED_SECONDS * 2 ** min(failures - 1, 20), FAILED_LONGEST_SECONDS)
    state = _STATES.get(visit.outcome)
    if state is None:
        state = "unreachable" if failures >= UNREACHABLE_AFTER_FAILURES else "failing"
    since = seen.last_success_at or seen.last_change_at
    long_ago = since is None or now - since >= GONE_AFTER
    if visit.outcome == "not_found" and failures >= GONE_AFTER_FAILURES and long_ago:
        state = "gone"
    if state in ("gone", "too-large"):
        interval = MONTH_SECONDS
    return replace(seen, state=state, reason=visit.reason or None, failures=failures, interval_seconds=interval)
