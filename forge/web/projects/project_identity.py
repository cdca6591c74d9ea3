"""The id, or the id and the name, of the project that a request names: for forms, which need no more of it.

Its whole public record, for pages, is read in `requested_project`.
"""

from uuid import UUID

from starlette.requests import Request

from catalog.store.adoptions.restricted import ProjectName


def project_id_of(request: Request) -> UUID:
    """Return the id of the project of a request. Raises NotFound, Moved, Removed, OptedOut."""
    key: UUID = request.app.state.store.record_pages.project_id(request.path_params["slug"])
    return key


def project_name_of(request: Request) -> ProjectName:
    """Return id, slug and name of the project of a request. Raises as `project_id_of`."""
    project: ProjectName = request.app.state.store.restricted_adoptions.project(request.path_params["slug"])
    return project
