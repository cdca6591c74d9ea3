"""Loads the project that a request names: for its pages, its feed and the interfaces."""

from dataclasses import replace

from starlette.requests import Request

from catalog.store.core.read_models import PreferredOrganizations, ProjectPage
from forge.web.core.mirror_copies import mirror_on_disk


def project_of(request: Request, like: PreferredOrganizations | None = None) -> ProjectPage:
    """Return the project of a request, with its mirror as the disk has it. Raises as `RecordPages.project`."""
    page: ProjectPage = request.app.state.store.record_pages.project(request.path_params["slug"], like)
    return replace(page, mirror=mirror_on_disk(request, page.mirror))
