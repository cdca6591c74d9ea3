"""Reports to moderators what a visit found about the origin itself: it moved, is gone, or most of it is. Withdraws the
report once the origin is back, or once what a person accepted is taken over.
"""

from datetime import datetime

from catalog.rules.decision import WITHHELD
from catalog.store import Store
from catalog.store.core.read_models import Mirror
from forge.git.outcome import Visit
from forge.mirroring import findings as mirroring_findings
from forge.mirroring import schedule


def report(store: Store, kept: Mirror, found: Visit, after: Mirror, since: datetime, *, now: datetime) -> None:
    """Add and withdraw findings. `kept` and `after`: the mirror before and after this visit; `since`: when the failures
    in a row began."""
    findings, key = store.findings, kept.project_id
    if after.canonical_url and after.canonical_url != kept.canonical_url:
        findings.add(key, *mirroring_findings.finding_of_move(kept.repository, after.canonical_url), now=now)
    deletions = mirroring_findings.finding_of_deletions(found)
    if deletions is not None:
        findings.add(key, *deletions, now=now)
    if found.outcome in ("full", "partial", "empty") and (kept.reason or kept.accepted):
        findings.withdraw(key, WITHHELD, now=now, but=deletions.key if deletions else None)
        if kept.accepted and deletions is None:
            store.mirrors.taken_over(key, kept.accepted)
    if found.outcome in schedule.GOOD:
        if kept.failures:
            findings.withdraw(key, mirroring_findings.GONE, now=now)
    elif (absence := mirroring_findings.finding_of_absence(after, kept.last_success_at or since, now=now)) is not None:
        findings.add(key, *absence, now=now)
