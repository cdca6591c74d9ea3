"""The job `verify`: checks a verification by `verification_checks`, and `catalog.ownership.verify` decides what
follows.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from catalog.errors import NotFound
from catalog.ownership import verify
from catalog.record_kind import PROJECT
from catalog.rules.verification import FILE, FOUND, Verification
from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.jobs.verification_checks import CheckContext, check

PAUSE = timedelta(seconds=2)  # while a visit that was asked for is under way
VISIT_WITHIN = timedelta(seconds=60)

log = logging.getLogger("forge.jobs.verify_ownership")


@dataclass(frozen=True)
class VerifyOwnership:
    """What the job needs. `clock` gives aware UTC."""

    places: CheckContext
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def store(self) -> Store:
        return self.places.store

    def run(self, job: Job) -> None:
        """Check once; the job is queued again when there is something to check again."""
        try:
            sought = self.store.verifications.get(UUID(job.argument["verification"]))
            about = self.store.verifications.about(sought)
        except NotFound:  # it was given up, or the record left the catalogue
            self.store.jobs.done(job)
            return
        result = check(self.places, sought, about)
        now = self.clock()
        if result.outcome != FOUND and self._visit_under_way(sought, now):
            self.store.jobs.requeue(job, at=now + PAUSE)
            return
        try:
            at = verify.settle(
                self.store, sought.id, result.outcome, detail=result.detail, reason=result.reason, now=now
            )
        except NotFound:
            at = None
        log.info(
            "verification by %s of %s %s: %s", sought.method, sought.kind, about.slug, result.reason or result.outcome
        )
        if at is None:
            self.store.jobs.done(job)
        else:
            self.store.jobs.requeue(job, at=at)

    def _visit_under_way(self, sought: Verification, now: datetime) -> bool:
        """Return whether the person waits for a visit that was asked for and did not end yet."""
        if sought.method != FILE or sought.kind != PROJECT or sought.asked_at is None:
            return False
        if now - sought.asked_at > VISIT_WITHIN:
            return False
        try:
            visited = self.store.mirrors.mirror(sought.record_id).last_visit_at
        except NotFound:
            return False
        return visited is None or visited <= sought.asked_at
