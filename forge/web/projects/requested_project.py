"""Loads the project that a request names: for its pages, its feed and the interfaces."""

from dataclasses import replace

from starlette.requests import Request

from catalog.publication.model import PublicProject
from catalog.store.core.read_models import PreferredOrganizations
from forge.web.core.mirror_copies import mirror_on_disk


def project_of(request: Request, like: PreferredOrganizations | None = None) -> PublicProject:
    """Return the project of a request, with its mirror as the disk has it. `like`: uses by such organizations come
    first.

    Raises NotFound, Moved, Removed, OptedOut.
    """
    store = request.app.state.store
    page: PublicProject = store.public_records.project(request.path_params["slug"])
    if like is not None and page.adoptions:
        page = replace(page, adoptions=store.record_pages.first_adoptions(page.id, like))
    return replace(page, mirror=mirror_on_disk(request, page.mirror))
