"""Origins that bring more new data, or rewrite more names, than anybody's work does: their mirrors are frozen, and a
moderator is asked. Once the case is closed they are visited again, and what they bring is counted anew.
"""

from datetime import datetime, timedelta

from catalog.store.core.read_models import Mirror
from catalog.store.store import Store
from forge.git.outcome import Visit
from forge.mirroring.findings import FLOODS, finding_of_flood

FROZEN = "frozen"  # the state of such a mirror
FROZEN_LOOK = timedelta(hours=6)  # how often is looked whether the case was closed
PERIOD = timedelta(days=30)
SHARE = 2  # an origin floods that brings 1/SHARE of what a mirror may have within PERIOD, beside its first copy


def report(store: Store, kept: Mirror, found: Visit, max_bytes: int, *, now: datetime) -> bool:
    """Whether the origin floods with what this visit found; then a moderator is asked. `max_bytes`: what a mirror may
    have."""
    if kept.first_mirrored_at is None or not found.changes:
        return False
    since = max(now - PERIOD, kept.first_mirrored_at)
    if (closed_at := store.findings.last_closed_at(kept.project_id, FLOODS)) is not None:
        since = max(since, closed_at)
    size_bytes, names = store.mirrors.intake(kept.project_id, since=since)
    lost = sum(change.kind in ("rewritten", "deleted") for change in found.changes)
    finding = finding_of_flood(size_bytes + found.size_bytes, names + lost, max_bytes // SHARE, now=now)
    if finding is not None:
        store.findings.add(kept.project_id, *finding, now=now)
    return finding is not None


def is_thawed(store: Store, kept: Mirror) -> bool:
    """Whether somebody closed the case of a frozen mirror."""
    return not any(finding.kind == FLOODS for finding in store.findings.about(kept.project_id))
