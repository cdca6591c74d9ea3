"""The job `compare-forks`: the store names projects that share a root commit, git measures the distance, rows keep it.

A pair is measured again only when one of its heads has changed.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from catalog.rules.forks import HistoryRelation, RelatedMirror, kind_of_common_history, mirrors_to_compare
from catalog.store.core.jobs import Job
from catalog.store.store import Store
from forge.git.history_distance import measure_distance
from forge.git.objects import MirrorUnreadable, ObjectMissing
from forge.mirroring.visit_results import Interrupted

log = logging.getLogger("forge.mirroring.compare_forks")


@dataclass(frozen=True)
class ForkComparison:
    """What the job needs. `clock` returns aware UTC; once `stopping` is set it ends soon."""

    store: Store
    mirrors: Path
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, job: Job) -> None:
        """Do a queued comparison. Raises Interrupted once `stopping` is set; what was counted until then is kept."""
        project_id = UUID(job.argument["project"])
        head = self.compare(project_id)
        present = self.store.forks.relatives(project_id)
        if head is not None and present is not None and present[0] != head:
            self.store.jobs.requeue(job, at=self.clock())  # it was read at another commit meanwhile
        else:
            self.store.jobs.done(job)

    def compare(self, project_id: UUID) -> str | None:
        """Measure the pairs that are due; the commit that was compared, or None when the mirror has none to compare."""
        found = self.store.forks.relatives(project_id)
        if found is None:
            return None
        head, relatives = found
        kin, apart = list[HistoryRelation](), list[UUID]()
        try:
            for relative in mirrors_to_compare(head, relatives):
                if self.stopping.is_set():
                    raise Interrupted(str(project_id))
                try:
                    comparison = self._compare_with(project_id, head, relative)
                except (ObjectMissing, MirrorUnreadable) as error:
                    # What was measured before stays, and the next commit of either makes the pair due again.
                    log.warning("mirrors %s and %s cannot be compared: %s", project_id, relative.project_id, error)
                    continue
                if comparison is None:
                    apart.append(relative.project_id)
                else:
                    kin.append(comparison)
        finally:
            self.store.forks.keep(project_id, kin, apart, now=self.clock())
        return head

    def _compare_with(self, project_id: UUID, head: str, relative: RelatedMirror) -> HistoryRelation | None:
        found = measure_distance(
            self._folder(project_id),
            head,
            self._folder(relative.project_id),
            relative.head,
            watch=lambda: "stopping" if self.stopping.is_set() else "",
        )
        if found is None:
            return None
        relation = kind_of_common_history(
            found.own_commits,
            found.other_commits,
            found.shared_commits,
            mine=relative.mine,
            theirs=relative.theirs,
            alike_percent=found.alike_percent,
        )
        if relation is None:
            return None
        return HistoryRelation(
            project_id=project_id,
            other_id=relative.project_id,
            kind=relation,
            own_commits=found.own_commits,
            other_commits=found.other_commits,
            shared_commits=found.shared_commits,
            merge_base=found.merge_base,
            since=found.since,
            head=head,
            other_head=relative.head,
        )

    def _folder(self, project_id: UUID) -> Path:
        return self.mirrors / f"{project_id}.git"
