"""The page of an organization of which nothing is public, for its representatives alone."""

from starlette.requests import Request
from starlette.responses import Response

from catalog.record_kind import ORGANIZATION
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private, person_of
from forge.web.organizations.represented import represented_by


def own_page(request: Request) -> Response | None:
    """The page, for representatives of the organization that the address names, as long as nothing of it is public;
    else None."""
    someone, store = person_of(request), request.app.state.store
    if someone is None or not someone.represented_organizations:
        return None
    key = store.organizations.unlisted(someone.represented_organizations, request.path_params["slug"])
    speaks = represented_by(request, key) if key else ()
    if not speaks:
        return None
    return make_private(
        page(
            request,
            "organizations/own.html",
            organization=speaks[0].organization,
            record=store.verifications.record(ORGANIZATION, key),
            verifications=store.verifications.standing(ORGANIZATION, key, now_of(request)),
            speaks=speaks,
            noindex=True,
        )
    )
