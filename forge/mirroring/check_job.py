"""Checks mirrors in full, one after another, each at least monthly, at low priority; the next visit repairs a damaged
one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.git import free_part, mirror_folder
from forge.git.fetch import separate
from forge.git.maintenance import find_damage

MIRROR_CHECK = "mirror-check"
CHECKED_EVERY = timedelta(days=28)
PAUSE = timedelta(hours=1)  # where none is due
BUSY = timedelta(minutes=5)

log = logging.getLogger("forge.mirroring.check_job")


@dataclass(frozen=True)
class MirrorCheck:
    store: Store
    mirrors: Path
    clock: Callable[[], datetime]

    def plan(self) -> None:
        """Queue the job, once for all workers."""
        self.store.jobs.add(MIRROR_CHECK, MIRROR_CHECK, {}, run_at=self.clock())

    def run(self, job: Job) -> None:
        """Check the mirror that waits for the longest time; the next run is due at once where another waits."""
        now = self.clock()
        due = self.store.mirrors.to_check(before=now - CHECKED_EVERY)
        if due is None:
            self.store.jobs.requeue(job, at=now + PAUSE)
            return
        project_id, slug = due
        folder = self.mirrors / f"{project_id}.git"
        if not folder.is_dir():
            self.store.mirrors.checked(project_id, damaged=True, now=now)
            self.store.jobs.requeue(job, at=now)
            return
        with mirror_folder.locked(folder) as lock:
            if lock is None:
                self.store.jobs.requeue(job, at=now + BUSY)
                return
            damage = find_damage(folder)
            if damage:
                log.error("%s: its mirror is damaged: %s", slug, damage)
        self.store.mirrors.checked(project_id, damaged=bool(damage), now=now)
        self.store.jobs.requeue(job, at=now)


def check_doubted(folder: Path, slug: str) -> bool | None:
    """Whether a mirror of which a page or a clone could not read something is damaged; its part is made anew where only
    that is. None where another process has the mirror.
    """
    doubted = [place for place in (folder, free_part.part_folder(folder)) if mirror_folder.is_doubted(place)]
    if not doubted or not folder.is_dir():  # one that is gone is made anew anyway
        return False
    with mirror_folder.locked(folder) as lock:
        if lock is None:
            return None
        if damage := find_damage(folder):
            log.error("%s: its mirror is damaged: %s", slug, damage)
            return True
        mirror_folder.trust(folder)
        if doubted[-1] != folder:
            separate.withdraw(folder)
    return False
