"""Removes from the disk what was decided to be erased: from the mirror and its free part.

Until that is done nothing of the mirror is given out. A visit or a check that holds the mirror is waited for.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from catalog.errors import NotFound
from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.git import mirror_folder, read
from forge.git.fetch import erasure
from forge.git.fetch.repair import damaged_folder
from forge.mirroring.license_history import free_tips
from forge.mirroring.serving import serve_what_is_free

AGAIN = timedelta(seconds=2)  # where another process has the mirror

log = logging.getLogger("forge.mirroring.erase_job")


@dataclass(frozen=True)
class EraseJob:
    store: Store
    mirrors: Path
    max_bytes: int
    clock: Callable[[], datetime]

    def run(self, job: Job) -> None:
        project_id = UUID(job.argument["project"])
        if self.remove(project_id):
            self.store.jobs.done(job)
        else:
            self.store.jobs.requeue(job, at=self.clock() + AGAIN)

    def remove(self, project_id: UUID) -> bool:
        """Remove what was erased; False where another process has the mirror. Raises GitFailed and OSError."""
        if not self.store.erasures.pending(project_id):
            return True
        oids, folder = self.store.erasures.oids(project_id), self.mirrors / f"{project_id}.git"
        removed: set[str] = set()
        if (folder / "HEAD").exists():
            with mirror_folder.locked(folder) as lock:
                if lock is None:
                    return False
                removed = {oid.decode() for oid in erasure.remove(folder, {oid.encode() for oid in oids}, lock)}
        shutil.rmtree(damaged_folder(folder), ignore_errors=True)
        self.store.erasures.removed(project_id, oids | removed, now=self.clock())
        log.info("%s: %d objects are erased.", project_id, len(removed))
        self._serve_again(project_id, folder)
        return True

    def _serve_again(self, project_id: UUID, folder: Path) -> None:
        """Give out at once what was read before and is still there; the rest waits for the visit that is due now."""
        try:
            mirror = self.store.mirrors.mirror(project_id)
        except NotFound:
            return
        head = read.tip(folder)
        if head and head == mirror.read_commit:
            serve_what_is_free(folder, mirror, free_tips, max_bytes=self.max_bytes)
