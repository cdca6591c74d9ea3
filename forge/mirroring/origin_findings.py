"""Reports to moderators what a visit found about the origin itself: it is gone, or most of it is. Withdraws the
report once the origin is back, or once what a person accepted is taken over.
"""

from datetime import datetime
from uuid import UUID

from catalog.rules.decision import WITHHELD
from catalog.store.core.read_models import Mirror
from catalog.store.store import Store
from forge.git.outcome import MirrorUpdate
from forge.mirroring import findings as mirroring_findings
from forge.mirroring import schedule


def report(store: Store, mirror: Mirror, visit: MirrorUpdate, after: Mirror, since: datetime, *, now: datetime) -> None:
    """Add and withdraw findings. `mirror` and `after`: the mirror before and after this visit; `since`: when the
    failures in a row began."""
    findings, key = store.findings, mirror.project_id
    deletions = mirroring_findings.finding_of_deletions(visit)
    if deletions is not None:
        findings.add(key, *deletions, now=now)
    if visit.outcome in ("full", "partial", "empty") and (mirror.reason or mirror.accepted):
        findings.withdraw(key, WITHHELD, now=now, but=deletions.key if deletions else None)
        if mirror.accepted and deletions is None:
            store.mirrors.taken_over(key, mirror.accepted)
    if visit.outcome in schedule.GOOD:
        if mirror.failures:
            findings.withdraw(key, mirroring_findings.GONE, now=now)
    elif (
        absence := mirroring_findings.finding_of_absence(after, mirror.last_success_at or since, now=now)
    ) is not None:
        findings.add(key, *absence, now=now)


def failing_since(store: Store, project_id: UUID) -> datetime | None:
    """When the first of the last failures in a row was, as far as the records go back."""
    since = None
    for visit in store.mirrors.visits(project_id):
        if visit.outcome in schedule.GOOD:
            break
        if visit.outcome == "interrupted":
            continue  # we ended it, and it says nothing about the origin
        since = visit.started_at
    return since
