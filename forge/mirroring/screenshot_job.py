"""The job `screenshots`: people named other files as a project's screenshots or logo; they are read from the mirror.

A child process reads and draws them, the store keeps them. Nothing is fetched: the next visit reads new commits.
"""

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.git.objects import MirrorUnreadable, ObjectMissing
from forge.mirroring.observer_process import ChildEnded, ObserverProcess
from forge.mirroring.snapshot import read_screenshots
from forge.mirroring.visit_results import Interrupted

TRIES = 2  # a reading whose worker died is tried once more

log = logging.getLogger("forge.mirroring.screenshot_job")


@dataclass(frozen=True)
class ScreenshotJob:
    """What the job needs. Once `stopping` is set it ends soon."""

    store: Store
    mirrors: Path
    observers: ObserverProcess
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, job: Job) -> None:
        """Read the pictures of one project. Raises Interrupted once `stopping` is set."""
        try:
            if job.tries <= TRIES:
                self._read(UUID(job.argument["project"]))
        finally:
            self.observers.rest(0)
        self.store.jobs.done(job)

    def _read(self, project_id: UUID) -> None:
        picture_sources = self.store.screenshots.to_picture(project_id)
        if picture_sources is None:
            return
        folder, memory = self.mirrors / f"{project_id}.git", self.store.observations.memory(project_id)
        try:
            commit_pictures = self.observers.run(self.stopping, read_screenshots, folder, picture_sources, memory)
        except ChildEnded:
            if self.stopping.is_set():
                raise Interrupted(str(project_id)) from None
            log.warning("the pictures of %s take too long", project_id)
        except (ObjectMissing, MirrorUnreadable) as fault:
            log.warning("the mirror of %s cannot be read: %s", project_id, fault)
        else:
            self.store.screenshots.show_pictures(
                project_id,
                picture_sources,
                commit_pictures.rows,
                commit_pictures.logo,
                commit_pictures.made,
                commit_pictures.memory,
            )
