"""The project that a request names, as forms need it: its id, or what they say of it."""

from uuid import UUID

from starlette.requests import Request

from catalog.store.adoptions.restricted import ProjectName


def project_id_of(request: Request) -> UUID:
    """Return the id of the project of a request. Raises NotFound, Moved, Removed, OptedOut."""
    found: UUID = request.app.state.store.record_pages.project_id(request.path_params["slug"])
    return found


def project_name_of(request: Request) -> ProjectName:
    """Return id, slug and name of the project of a request. Raises as `project_id_of`."""
    found: ProjectName = request.app.state.store.restricted_adoptions.project(request.path_params["slug"])
    return found
