"""What happened to an origin, as its page and followers are told: it moved, its main branch has another name, it was
emptied, replaced or is gone, it is back. Pure.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from catalog.rules.origin_event import BACK, BRANCH, EMPTIED, GONE, MOST_EVENTS, MOVED, REPLACED
from catalog.store.core.read_models import Mirror
from forge.git.outcome import Visit

VALUE_CHARACTERS = 500


def with_events(kept: Mirror, found: Visit, after: Mirror, *, now: datetime) -> tuple[dict[str, Any], ...]:
    """The events of a mirror after a visit, the newest first. `kept` and `after`: the mirror before and after it."""
    new = [
        {"kind": kind, "at": now.isoformat(), "before": before[:VALUE_CHARACTERS], "after": later[:VALUE_CHARACTERS]}
        for kind, before, later in _new_events(kept, found, after)
    ]
    return (*new, *map(dict, kept.events))[:MOST_EVENTS]


def _new_events(kept: Mirror, found: Visit, after: Mirror) -> Iterator[tuple[str, str, str]]:
    """Each new event: its kind, and what was before and after."""
    absent = next((event["kind"] for event in kept.events if event["kind"] in (EMPTIED, GONE, BACK)), BACK)
    good = after.last_success_at is not None and after.failures == 0
    if after.state == "gone" and absent != GONE:
        yield GONE, "", ""
    elif found.emptied and absent != EMPTIED:
        yield EMPTIED, "", ""
    elif good and absent != BACK and not found.emptied and after.state == "mirrored":
        yield BACK, "", ""
    if after.canonical_url and after.canonical_url != kept.canonical_url:
        before = kept.canonical_url or kept.repository
        if _place(before) != _place(after.canonical_url):
            yield MOVED, before, after.canonical_url
    if found.discontinued:
        yield REPLACED, kept.head or "", after.head or ""
    elif kept.branch and after.branch and kept.branch != after.branch:
        yield BRANCH, kept.branch, after.branch


def _place(url: str) -> str:
    """An address without what makes no other place of it."""
    return url.rstrip("/").removesuffix(".git").rstrip("/")


def shown_of(mirror: Mirror) -> tuple[object, ...]:
    """What pages show of a mirror, but for the times of its visits."""
    return (
        mirror.state,
        mirror.reason,
        mirror.head,
        mirror.damaged,
        mirror.canonical_url,
        next(iter(mirror.events), None),
    )
