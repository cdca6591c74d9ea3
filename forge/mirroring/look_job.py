"""The job `look`: reads when a repository changed last, before there is a copy of it.

Of the main branch's head the commit comes alone, without its files. So a catalogue that was just started knows within
minutes what its first round of copies tells in days; where there is no room for a copy, the job looks again each month.
What an origin does wrong is told by the visit.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from catalog.store.core.jobs import Job
from catalog.store.core.read_models import Mirror
from forge.git import read
from forge.git.fetch.preview_fetch import COMMIT_ALONE, fetch_preview
from forge.mirroring.visit import VisitRunner
from forge.mirroring.visit_results import Interrupted
from forge.observe.core.activity import EARLIEST, TOLERANCE

MAX_BYTES = 1_000_000  # an origin that cannot leave files out may send more, and is not read
AGAIN, AFTER_FAILURE = timedelta(days=30), timedelta(days=1)


@dataclass(frozen=True)
class LookJob:
    """What the job needs is what visits need: hosts are asked in turn with them."""

    refresh: VisitRunner

    def run(self, job: Job) -> None:
        """Do a queued look, and queue the next one until there is a copy. Raises Interrupted when the service stops."""
        store, key = self.refresh.store, UUID(job.argument["project"])
        mirror_there = store.mirrors.to_visit(key)
        if mirror_there is None or mirror_there[1].first_mirrored_at is not None:
            store.jobs.done(job)
            return
        mirror = mirror_there[1]
        looked = self._look(mirror)
        now = self.refresh.clock()
        if isinstance(looked, timedelta):
            store.jobs.requeue(job, at=now + looked)
            return
        store.mirrors.keep_look(key, mirror.repository, looked, now=now)
        store.jobs.requeue(job, at=now + AGAIN)

    def _look(self, mirror: Mirror) -> datetime | timedelta:
        """The date of the head's commit, or how long to wait for it."""
        url, stopping = mirror.canonical_url or mirror.repository, self.refresh.stopping
        folder = self.refresh.settings.drafts / f"look-{mirror.project_id}"
        with self.refresh.hosts.turn(urlsplit(url).hostname or "", stopping, look=True) as turn:
            if turn.paused_until is not None:
                return turn.paused_until - self.refresh.clock()
            try:
                looked = fetch_preview(
                    folder,
                    url,
                    self.refresh.addresses,
                    max_bytes=MAX_BYTES,
                    objects=COMMIT_ALONE,
                    watch=lambda: "stopping" if stopping.is_set() else "",
                )
                turn.pause(looked.retry_after_seconds)
                at = _date(folder, looked.head_oid)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        if stopping.is_set():
            raise Interrupted(str(mirror.project_id))
        return at if at and EARLIEST <= at <= self.refresh.clock() + TOLERANCE else AFTER_FAILURE


def _date(folder: Path, oid: str) -> datetime | None:
    if not oid:
        return None
    pool = read.ReaderPool(1)
    try:
        with pool.objects(folder) as objects:
            return read.commit(objects, oid).committed_at
    finally:
        pool.close()
