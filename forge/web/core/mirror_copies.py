"""Whether a copy of the code is where the database says: after a restore without mirrors, or when somebody cleared the
disk, no page may promise one. It looks for two files and reads none.
"""

from dataclasses import replace
from typing import overload

from starlette.requests import Request

from catalog.store.core.read_models import Like, Mirror, ProjectPage
from forge.git.read import is_mirror


@overload
def here(request: Request, kept: Mirror) -> Mirror: ...
@overload
def here(request: Request, kept: None) -> None: ...
def here(request: Request, kept: Mirror | None) -> Mirror | None:
    """A mirror as the disk has it: one that is not there waits for its next visit, and nothing of it is offered."""
    if kept is None or (kept.head is None and kept.state != "mirrored"):
        return kept
    if is_mirror(request.app.state.shelf.mirrors / f"{kept.project_id}.git"):
        return kept
    state = "waiting" if kept.state == "mirrored" else kept.state
    return replace(kept, state=state, head=None, size_bytes=None, first_mirrored_at=None)


def project_of(request: Request, like: Like | None = None) -> ProjectPage:
    """The project of a request, with its mirror as the disk has it. Raises as `Pages.project`."""
    found: ProjectPage = request.app.state.store.pages.project(request.path_params["slug"], like)
    return replace(found, mirror=here(request, found.mirror))
