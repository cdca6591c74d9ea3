"""Checks whether a copy of the code is where the database says: after a restore without mirrors, or when somebody
cleared the disk, no page may promise one. It tests for two files and reads none.
"""

from dataclasses import replace
from typing import overload
from uuid import UUID

from starlette.requests import Request

from catalog.store.core.read_models import Mirror
from forge.git.read import is_mirror


@overload
def mirror_on_disk(request: Request, mirror: Mirror) -> Mirror: ...
@overload
def mirror_on_disk(request: Request, mirror: None) -> None: ...
def mirror_on_disk(request: Request, mirror: Mirror | None) -> Mirror | None:
    """Return a mirror as the disk has it. One that is not there waits for its next visit; nothing of it is offered."""
    if mirror is None or (mirror.head is None and mirror.state != "mirrored"):
        return mirror
    if _on_disk(request, mirror.project_id):
        return mirror
    state = "waiting" if mirror.state == "mirrored" else mirror.state
    return replace(mirror, state=state, head=None, size_bytes=None, first_mirrored_at=None, last_success_at=None)


def state_here(request: Request, project_id: UUID, state: str | None) -> str | None:
    """The state of a project's mirror as `mirror_on_disk` tells it, for lists, which know no more of a mirror."""
    return "waiting" if state == "mirrored" and not _on_disk(request, project_id) else state


def _on_disk(request: Request, project_id: UUID) -> bool:
    return is_mirror(request.app.state.code_readers.mirrors / f"{project_id}.git")
