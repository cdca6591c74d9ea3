"""The findings that wait at the desk."""

from datetime import datetime

from support.factories.core import NOW

from catalog.store.moderation.findings import Finding
from catalog.store.store import Store


def open_findings(store: Store, *, now: datetime = NOW) -> tuple[Finding, ...]:
    """The oldest first."""
    waiting = store.moderation_queue.queue(now=now, limit=100, kind="finding")
    return tuple(store.findings.get(case.number) for case in waiting)
