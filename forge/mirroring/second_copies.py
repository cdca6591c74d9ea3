"""Brings the second copy of what only we have up to date after a visit. The monthly check does it too."""

import logging
from pathlib import Path

from catalog.store.core.read_models import Mirror
from forge.git import mirror_folder, second_copy
from forge.git.outcome import Visit
from forge.git.runner import GitFailed

log = logging.getLogger("forge.mirroring.second_copies")


def bring_second_copy_up_to_date(folder: Path, kept: Mirror, found: Visit, after: Mirror) -> None:
    """Write it anew where the origin gave something up, is gone, or is back. `kept` and `after`: the mirror before and
    after the visit. Where that fails, the mirror is as good as it was: it is logged."""
    gone = after.state == "gone"
    gave_up = found.repaired or any(change.kind in ("rewritten", "deleted", "refused") for change in found.changes)
    if not (gave_up or gone != (kept.state == "gone")) or not (folder / "HEAD").exists():
        return
    with mirror_folder.locked(folder) as lock:
        if lock is not None:
            try:
                second_copy.write(folder, lock, whole=gone)
            except (GitFailed, OSError) as fault:
                log.error("The second copy of %s could not be written: %s", folder.name, fault)
