"""Conducts a visit: git brings the mirror up to date, a child tells what it holds, the store keeps both.

A remote that fails is a row with its reason and a later visit. Git, observation and store never call each other.
"""

import logging
import random
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from catalog.errors import NotFound
from catalog.store import Store
from catalog.store.jobs import Job
from catalog.store.mirrors import Visit as VisitRecord
from catalog.store.views import Mirror
from forge import schedule
from forge.addresses import N_, Addresses
from forge.git.read import disk_bytes
from forge.git.sync import Bounds, sync
from forge.git.upkeep import tend
from forge.git.visits import Visit
from forge.hosts import Hosts
from forge.observe.observation import VERSION
from forge.settings import Settings
from forge.snapshot import Told, tell

SMALL_BYTES = 32 << 20  # a first visit may take this much; what is larger comes back after the small ones
LARGE_PRIORITY = 2000  # of a first visit that was too large for SMALL_BYTES: after every small one
WAITING_FOR_ROOM = timedelta(hours=6)
NO_ROOM = N_("There is no room left for mirrors. It will be copied when there is.")
ON_HOLD = N_("It is larger than most. It will be copied after the smaller ones.")

log = logging.getLogger("forge.refresh")


@dataclass(frozen=True)
class Report:
    """A line for the operator: what came of one visit."""

    slug: str
    outcome: str
    reason: str
    seconds: float
    size_bytes: int
    license: str | None = None

    @property
    def good(self) -> bool:
        return self.outcome in schedule.GOOD


@dataclass(frozen=True)
class Idle:
    """A visit that found nothing new, to be written with others in one transaction."""

    mirror: Mirror
    job: Job | None
    next_at: datetime


class Interrupted(Exception):
    """The service stops: this visit was ended half-way, nothing is recorded of it, its job is free again."""


@dataclass(frozen=True)
class Refresh:
    """What visits need. `observers` runs `tell` in child processes; `clock` gives aware UTC."""

    store: Store
    settings: Settings
    addresses: Addresses
    hosts: Hosts
    observers: Callable[[], Executor]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: threading.Event = field(default_factory=threading.Event)

    def visit(self, slug: str, kept: Mirror, job: Job | None = None) -> tuple[Report, Idle | None]:
        """Visit one mirror. What found nothing new comes back as Idle, for `Store.mirrors.idle`; the rest is kept.

        Raises Interrupted once `stopping` is set.
        """
        started, began = self.clock(), time.monotonic()
        folder = self.settings.mirrors / f"{kept.project_id}.git"
        first = kept.first_mirrored_at is None
        small = first and kept.failures == 0 and job is not None and job.priority < LARGE_PRIORITY
        if self.stopping.is_set():
            raise Interrupted(slug)
        if self._spare_bytes() <= 0:
            return self._no_room(slug, kept, job, started), None
        numbers: list[int] = []

        def record(visit: Visit, done: bool) -> None:
            if not done:
                numbers.append(self.store.mirrors.begin_visit(self._row(kept, visit, started, None, "running")))

        url = kept.canonical_url or kept.repository
        with self.hosts.turn(urlsplit(url).hostname or ""):
            found = sync(folder, url, self.addresses, self._bounds(first, small), record)
        if self.stopping.is_set() and found.outcome not in schedule.GOOD:
            raise Interrupted(slug)
        seconds = time.monotonic() - began
        report = Report(slug, found.outcome, found.reason, seconds, found.size_bytes)
        if small and found.outcome == "too_large":
            return self._later(report, kept, job, started), None
        now = self.clock()
        after = schedule.after(kept, found, now=now)
        at = schedule.next_at(after, found, now=now, jitter=random.uniform(-1, 1))
        told = self._told(folder, slug, kept, found, now)
        if told is None and found.outcome == "unchanged" and after.state == kept.state and after.reason == kept.reason:
            return report, Idle(after, job, at)
        if folder.is_dir():
            after = replace(after, size_bytes=disk_bytes(folder))
        public = (after.state, after.reason, after.head) != (kept.state, kept.reason, kept.head)
        self.store.mirrors.end_visit(
            self._row(kept, found, started, now),
            after,
            job,
            at=at,
            number=numbers[0] if numbers else None,
            public=public or bool(found.changes),
            priority=0,
        )
        if found.upkeep_due:
            tend(folder)
        license_seen = (told.observation.get("license") or {}).get("value") if told else None
        return replace(report, license=license_seen, seconds=time.monotonic() - began), None

    def _told(self, folder: Path, slug: str, kept: Mirror, found: Visit, now: datetime) -> Told | None:
        """Observe and keep, when there is something to see that was not kept yet."""
        if found.outcome not in ("full", "partial", "unchanged") or not found.head_oid:
            return None
        seen = kept.observation or {}
        if (seen.get("version"), seen.get("commit")) == (VERSION, found.head_oid) and not found.changes:
            return None
        manifest = self.store.manifest()
        languages = manifest.languages if manifest else ()
        told: Told | None = self.observers().submit(tell, folder, slug, languages, now).result()
        if told is not None:
            for text in told.texts:
                self.store.mirrors.keep_rendering(text.oid, text.renderer, text.html)
            self.store.mirrors.observe(
                kept.project_id,
                told.commit,
                told.observation,
                free=told.free,
                last_commit_at=told.last_commit_at,
                now=now,
            )
        return told

    def _bounds(self, first: bool, small: bool) -> Bounds:
        limit = self.settings.mirror_max_bytes
        return Bounds(
            max_bytes=min(limit, SMALL_BYTES) if small else limit,
            timeout_seconds=self.settings.first_visit_seconds if first else self.settings.visit_seconds,
            spare_bytes=self._spare_bytes,
        )

    def _spare_bytes(self) -> int:
        """The room left: what the setting allows for all mirrors, and never the last tenth of the disk.

        None when the service stops: git looks here five times a second while it downloads, and ends.
        """
        if self.stopping.is_set():
            return 0
        disk = shutil.disk_usage(self.settings.mirrors)
        allowed = self.settings.mirrors_max_bytes - self.store.mirrors.size_bytes()
        return min(disk.free - disk.total // 10, allowed)

    def _no_room(self, slug: str, kept: Mirror, job: Job | None, now: datetime) -> Report:
        after = replace(kept, state=kept.state if kept.first_mirrored_at else "no-room", reason=NO_ROOM)
        waits = VisitRecord(kept.project_id, now, "no-room", ended_at=now, reason=NO_ROOM)
        self.store.mirrors.end_visit(waits, after, job, at=now + WAITING_FOR_ROOM, public=after.state != kept.state)
        return Report(slug, "no-room", NO_ROOM, 0.0, 0)

    def _later(self, report: Report, kept: Mirror, job: Job | None, now: datetime) -> Report:
        """Too large for the first round: nothing failed, it waits until the small ones are done."""
        after = replace(kept, state="waiting", reason=ON_HOLD)
        held = VisitRecord(kept.project_id, now, "on-hold", ended_at=self.clock(), reason=ON_HOLD)
        self.store.mirrors.end_visit(held, after, job, at=now, public=True, priority=LARGE_PRIORITY)
        return replace(report, outcome="on-hold", reason=ON_HOLD)

    def _row(
        self, kept: Mirror, visit: Visit, started: datetime, ended: datetime | None, outcome: str | None = None
    ) -> VisitRecord:
        return VisitRecord(
            project_id=kept.project_id,
            started_at=started,
            ended_at=ended,
            outcome=outcome or visit.outcome.replace("_", "-"),
            reason=visit.reason or None,
            url=visit.url or kept.repository,
            address=visit.address or None,
            size_bytes=visit.size_bytes,
            changes=[
                {"ref": _shown(change.ref), "old": change.old, "new": change.new, "kind": change.kind}
                for change in visit.changes
            ],
        )

    def take(self, job: Job) -> tuple[Report, Idle | None] | None:
        """Do a queued visit; None when the project has left the catalogue, is blocked or has no repository any more."""
        project_id = UUID(job.argument["project"])
        slug = self.store.mirrors.slug(project_id)
        try:
            kept = self.store.mirrors.mirror(project_id)
        except NotFound:
            slug = None
        if slug is None:
            self.store.jobs.done(job)
            return None
        return self.visit(slug, kept, job)


def _shown(ref: str) -> str:
    """A ref's name as JSON bears it: bytes that are no UTF-8 are replaced."""
    return ref.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
