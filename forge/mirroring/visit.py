"""Runs a visit: git brings the mirror up to date, a child process reads what it holds, the store keeps both.

A remote that fails is a row with its reason and a later visit. Git, observation and store never call each other.
"""

import logging
import random
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from catalog.errors import CatalogError
from catalog.rules.fact import choose_facts
from catalog.sentences import mark
from catalog.store.core.jobs import Job
from catalog.store.core.read_models import Mirror
from catalog.store.mirrors.mirror_rows import Visit
from catalog.store.observations.screenshots import PICTURES_WANTED
from catalog.store.store import Store
from forge.config.settings import Settings
from forge.git import free_part, read
from forge.git.fetch.sync import Bounds, Sync
from forge.git.maintenance import find_damage, maintain
from forge.git.objects import MirrorUnreadable, ObjectMissing
from forge.git.outcome import MirrorUpdate
from forge.git.refs import printable_name
from forge.mirroring import findings, origin_findings, schedule
from forge.mirroring.check_job import check_doubted
from forge.mirroring.license_history import free_tips
from forge.mirroring.mirror_sizes import MirrorSizes
from forge.mirroring.observer_process import ChildEnded, ObserverProcess
from forge.mirroring.politeness import HostTurns
from forge.mirroring.serving import serve_what_is_free
from forge.mirroring.snapshot import MirrorReading, read_mirror
from forge.mirroring.visit_results import Interrupted, VisitReport
from forge.observe.observation import VERSION
from forge.security.safe_http import AddressRules

SMALL_BYTES = 32 << 20  # a first visit may take this much; what is larger comes back after the small ones
LARGE_PRIORITY = 2000  # of a first visit that was too large for SMALL_BYTES: after every small one
WAITING_FOR_ROOM = timedelta(hours=6)
PAUSED_SPREAD_SECONDS = 300.0  # the visits that a host put off do not all come back at once
BUSY = timedelta(minutes=5)  # upkeep or another process has the mirror
NO_ROOM = mark("There is no room left for mirrors. It will be copied when there is.")
ON_HOLD = mark("It is larger than most. It will be copied after the smaller ones.")
UNREADABLE = mark("Our copy of the code cannot be read")

log = logging.getLogger("forge.mirroring.visit")


@dataclass(frozen=True)
class VisitRunner:
    """What visits need. `clock` returns aware UTC; once `stopping` is set every visit ends soon."""

    store: Store
    settings: Settings
    addresses: AddressRules
    hosts: HostTurns
    observers: ObserverProcess
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: threading.Event = field(default_factory=threading.Event)
    patience: Bounds = Bounds()  # times granted to an origin; the size of a mirror comes from the settings
    small_bytes: int = SMALL_BYTES
    sizes: MirrorSizes = field(default_factory=MirrorSizes)

    def visit(self, slug: str, mirror: Mirror, job: Job | None = None) -> VisitReport:
        """Visit one mirror, and keep what came of it. Raises Interrupted once `stopping` is set."""
        return _Visit(self, slug, mirror, job).run()

    def run(self, job: Job) -> VisitReport | None:
        """Do a queued visit; None when the project has left the catalogue, is blocked or has no repository any more."""
        mirror_there = self.store.mirrors.to_visit(UUID(job.argument["project"]))
        if mirror_there is None:
            self.store.jobs.done(job)
            return None
        return self.visit(*mirror_there, job)

    def spare_bytes(self) -> int:
        """The space left: what the setting allows for all mirrors, and never the last tenth of the disk.

        0 when the service stops: this is called five times a second while git downloads, which then ends.
        """
        if self.stopping.is_set():
            return 0
        disk = shutil.disk_usage(self.settings.mirrors)
        allowed = self.settings.mirrors_max_bytes - self.sizes.size_bytes(self.store)
        return min(disk.free - disk.total // 10, allowed)


class _Visit:
    """One visit, as long as it lasts."""

    def __init__(self, runner: VisitRunner, slug: str, mirror: Mirror, job: Job | None):
        self.runner, self.store, self.slug, self.kept, self.job = runner, runner.store, slug, mirror, job
        self.folder = runner.settings.mirrors / f"{mirror.project_id}.git"
        self.first = mirror.first_mirrored_at is None
        self.small = self.first and job is not None and job.priority < LARGE_PRIORITY
        self.started, self.began = runner.clock(), time.monotonic()
        self.number: int | None = None  # of the record, once refs are about to move
        self.damaged = mirror.damaged
        self.ran_out = False  # of room, while it downloaded
        self.again = False  # other pictures were named while these were read

    def run(self) -> VisitReport:
        if self.kept.erasing:
            return self._busy(MirrorUpdate("busy"))
        room = self.runner.spare_bytes()
        if room <= 0:
            self._raise_if_stopping()
            return self._no_room(MirrorUpdate("failed"))
        if not self.damaged:
            doubted = check_doubted(self.folder, self.slug)
            if doubted is None:
                return self._busy(MirrorUpdate("busy"))
            self.damaged = doubted
        result = self._sync()
        if isinstance(result, datetime):
            return self._host_pauses(result)
        if result.outcome not in schedule.GOOD:
            self._raise_if_stopping()
        bound = self._bounds().max_bytes
        if self.ran_out or (result.outcome == "too_large" and room < bound):
            return self._no_room(result)
        if result.outcome == "busy":
            return self._busy(result)
        if self.small and result.outcome == "too_large" and bound < self.runner.settings.mirror_max_bytes:
            return self._on_hold(result)
        return self._keep(result)

    def _spare_while_downloading(self) -> int:
        spare_bytes = self.runner.spare_bytes()
        self.ran_out = self.ran_out or spare_bytes <= 0
        return spare_bytes

    def _raise_if_stopping(self) -> None:
        if self.runner.stopping.is_set():
            raise Interrupted(self.slug)

    def _sync(self) -> MirrorUpdate | datetime:
        """What git found; a time where the host wants to see nobody until then."""
        url = self.kept.canonical_url or self.kept.repository
        with self.runner.hosts.turn(urlsplit(url).hostname or "", self.runner.stopping) as turn:
            self._raise_if_stopping()
            if turn.paused_until is not None:
                return turn.paused_until
            visit = Sync(
                self.folder,
                url,
                self.runner.addresses,
                self._bounds(),
                self._record,
                accept_deletions=self.kept.accepted or False,
                all_served=lambda: self.kept.may_serve is True and self.kept.read_commit == read.tip(self.folder),
                erased=lambda: self.store.erasures.oids(self.kept.project_id),
                damaged=self.damaged,
                ever_seen=lambda: self.store.mirrors.lost_ids(self.kept.project_id),
            ).run()
            turn.pause(visit.retry_after_seconds)
            return visit

    def _record(self, visit: MirrorUpdate) -> None:
        self.number = self.store.mirrors.begin_visit(self._visit_row(visit, "running", ended=None))

    def _bounds(self) -> Bounds:
        settings = self.runner.settings
        limit = settings.mirror_max_bytes
        return replace(
            self.runner.patience,
            max_bytes=min(limit, self.runner.small_bytes) if self.small else limit,
            timeout_seconds=settings.first_visit_seconds if self.first else settings.visit_seconds,
            spare_bytes=self._spare_while_downloading,
        )

    def _keep(self, visit: MirrorUpdate) -> VisitReport:
        try:
            reading, unread = self._observe(visit), False
        except (ChildEnded, ObjectMissing, MirrorUnreadable):
            # What was judged is served until a visit has read the new head.
            self._raise_if_stopping()
            reading, unread = None, True
        damaged = self.damaged and not visit.repaired
        if unread and not damaged and not visit.repaired and (damage := find_damage(self.folder)):
            log.error("%s: its mirror is damaged: %s", self.slug, damage)
            damaged = True
        now = self.runner.clock()
        if unread:
            after, since = schedule.mirror_after_unreadable(self.kept, UNREADABLE, now=now), None
            visit = replace(visit, reason=UNREADABLE)
            if damaged and not self.kept.damaged:
                after = replace(after, interval_seconds=0)  # the next visit repairs it
        else:
            since = (
                None
                if visit.outcome in schedule.GOOD
                else origin_findings.failing_since(self.store, self.kept.project_id)
            )
            after = schedule.mirror_after_visit(self.kept, visit, now=now, failing_since=since)
        after = replace(after, damaged=damaged)
        outcome = "unreadable" if unread else _outcome(visit)
        origin_findings.report(self.store, self.kept, visit, after, since or now, now=now)
        at = now if self.again else schedule.next_visit_at(after, visit, now=now, jitter=random.uniform(-1, 1))
        same = _shown_of(after) == _shown_of(self.kept)
        if reading is None and visit.outcome == "unchanged" and same and not unread:
            self.store.mirrors.end_visit(None, after, self.job, at=at, public=False)
            return self._report(visit, outcome)
        self._end_visit(
            replace(after, size_bytes=self._size_bytes()), visit, outcome, at, not same or bool(visit.changes)
        )
        if visit.upkeep_due and not self.runner.stopping.is_set():
            maintain(self.folder)
        license_seen = (reading.observation.get("license") or {}).get("value") if reading else None
        return replace(self._report(visit, outcome), license=license_seen)

    def _observe(self, visit: MirrorUpdate) -> MirrorReading | None:
        """Observe and keep the head, unless that was done already."""
        previous, answered = self.kept.observation or {}, visit.outcome in ("full", "partial", "unchanged")
        head = visit.head_oid if answered else read.tip(self.folder) if previous else ""  # no matter of the origin's
        same = (previous.get("version"), previous.get("commit")) == (VERSION, head) and not visit.changes
        if not head:
            return None
        if PICTURES_WANTED not in previous and (same or not answered):
            if not self._is_served_rightly(visit):
                self._prepare_served(self.kept)
            return None
        manifest, runner = self.store.manifest(), self.runner
        languages, now = manifest.languages if manifest else (), runner.clock()
        memory = self.store.observations.memory(self.kept.project_id)
        all_addresses = (self.kept.repository, self.kept.canonical_url, visit.url, *self._other_repositories())
        addresses = tuple(dict.fromkeys(filter(None, all_addresses)))
        pictures = self.store.screenshots.names_of(self.kept.project_id)
        arguments = (self.folder, self.slug, languages, now, memory, addresses, pictures)
        reading = runner.observers.run(runner.stopping, read_mirror, *arguments)
        if reading is not None:
            for fault in reading.faults:
                log.error("%s: observer %s failed\n%s", self.slug, fault.observer, fault.trace)
            for text in reading.texts:
                self.store.mirrors.keep_rendering(text.oid, text.renderer, text.html)
            self.store.screenshots.keep_pictures(self.kept.project_id, reading.pictured, reading.pictures)
            self.store.observations.observe(
                self.kept.project_id,
                reading.commit,
                reading.observation,
                facts=reading.facts,
                memory=reading.memory,
                free=reading.free,
                free_commit=reading.free_commit,
                last_commit_at=reading.last_commit_at,
                finding=findings.finding_of_reading(self.kept.observation, reading.observation),
                now=now,
            )
            self.again = self.store.screenshots.want_pictures(self.kept.project_id, pictures=pictures, now=now)
            anew = previous.get("version") != VERSION
            self._prepare_served(self.store.mirrors.mirror(self.kept.project_id), anew=anew)
        return reading

    def _is_served_rightly(self, visit: MirrorUpdate) -> bool:
        """Whether what readers get is what was read and decided; without a process, for every visit."""
        moved = visit.outcome in schedule.GOOD and visit.digest != (self.kept.digest or "")
        commit = free_part.served_commit(self.folder)
        same = (commit == read.tip(self.folder)) is (self.kept.may_serve is True)
        return same and not moved and free_part.is_judged(self.folder)

    def _prepare_served(self, mirror_row: Mirror, *, anew: bool = False) -> None:
        """Serve what may be served. `anew`: nothing that was judged before counts."""
        runner = self.runner

        def judge(mirror: Path, head: str, may_serve: bool, served: frozenset[str]) -> frozenset[str]:
            return runner.observers.run(runner.stopping, free_tips, mirror, head, may_serve, served)

        serve_what_is_free(self.folder, mirror_row, judge, anew=anew, max_bytes=runner.settings.mirror_max_bytes)

    def _other_repositories(self) -> list[str]:
        """Other addresses of its code, such as the one that its makers prefer by a publiccode.yml; empty where it left
        the catalogue, moved or was blocked meanwhile."""
        try:
            chosen = choose_facts(self.store.facts.page(self.slug).facts)
        except CatalogError:
            return []
        return [str(url) for url in chosen["other_repositories"].value or ()] if "other_repositories" in chosen else []

    def _no_room(self, visit: MirrorUpdate) -> VisitReport:
        state = "no-room" if self.first else self.kept.state
        after = replace(self.kept, state=state, reason=NO_ROOM, size_bytes=self._size_bytes())
        return self._wait_until(after, visit, "no-room", self.runner.clock() + WAITING_FOR_ROOM)

    def _on_hold(self, visit: MirrorUpdate) -> VisitReport:
        """Too large for the first round: nothing failed, it waits until the small ones are done."""
        after = replace(self.kept, state="waiting", reason=ON_HOLD)
        return self._wait_until(after, visit, "on-hold", self.started, LARGE_PRIORITY)

    def _wait_until(
        self, after: Mirror, visit: MirrorUpdate, outcome: str, at: datetime, priority: int | None = None
    ) -> VisitReport:
        visit = replace(visit, reason=after.reason or "")
        public = (after.state, after.reason) != (self.kept.state, self.kept.reason)
        self._end_visit(after, visit, outcome, at, public, priority)
        return self._report(visit, outcome)

    def _busy(self, visit: MirrorUpdate) -> VisitReport:
        """Another process visits it just now: nothing is known of the origin."""
        if self.job is not None:
            self.store.jobs.requeue(self.job, at=self.runner.clock() + BUSY)
        return self._report(visit, "busy")

    def _host_pauses(self, until: datetime) -> VisitReport:
        """The host asked all visits to wait: nothing was asked, and nothing is known of this origin."""
        at = until + timedelta(seconds=random.uniform(0, PAUSED_SPREAD_SECONDS))
        if self.job is not None:
            self.store.jobs.requeue(self.job, at=at)
        return self._report(MirrorUpdate("busy"), "host-pauses")

    def _end_visit(
        self, after: Mirror, visit: MirrorUpdate, outcome: str, at: datetime, public: bool, priority: int | None = None
    ) -> None:
        if after.first_mirrored_at is not None:
            priority = 0
        self.store.mirrors.end_visit(
            self._visit_row(visit, outcome, ended=self.runner.clock()),
            after,
            self.job,
            at=at,
            number=self.number,
            public=public,
            priority=priority,
        )

    def _size_bytes(self) -> int | None:
        return free_part.size_bytes(self.folder) if self.folder.is_dir() else self.kept.size_bytes

    def _report(self, visit: MirrorUpdate, outcome: str) -> VisitReport:
        return VisitReport(self.slug, outcome, visit.reason, time.monotonic() - self.began, visit.size_bytes)

    def _visit_row(self, visit: MirrorUpdate, outcome: str, *, ended: datetime | None) -> Visit:
        return Visit(
            project_id=self.kept.project_id,
            started_at=self.started,
            ended_at=ended,
            outcome=outcome,
            reason=visit.reason or None,
            url=visit.url or self.kept.repository,
            address=visit.address or None,
            size_bytes=visit.size_bytes,
            changes=[
                {"ref": printable_name(change.ref), "old": change.old, "new": change.new, "kind": change.kind}
                for change in visit.changes
            ],
        )


def _shown_of(mirror: Mirror) -> tuple[object, ...]:
    """What pages show of a mirror, but for the times of its visits."""
    return mirror.state, mirror.reason, mirror.head, mirror.branch, mirror.damaged, mirror.canonical_url


def _outcome(visit: MirrorUpdate) -> str:
    return visit.outcome.replace("_", "-")
