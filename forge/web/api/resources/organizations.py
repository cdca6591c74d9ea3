"""Organizations in the API: those of a name, a kind or a country, and one with what it uses and maintains. The
queries are in `store.api_lists` and `store.record_pages`.
"""

from typing import Annotated

from annotated_types import MaxLen
from starlette.requests import Request
from starlette.responses import Response

from catalog.publication.model import PublicOrganization
from forge.web.api.answers import ListedOrganization, facts_answer, facts_type, listed_organizations
from forge.web.api.cursor import BY_TEXTS
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import Parameter
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.response import json_answer, single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import Country, with_license

TAG = "Organizations"


def search(request: Request) -> Response:
    query = request.state.asked
    after, limit = _ORGANIZATIONS.after(request), _ORGANIZATIONS.size(request) + 1
    total, cards = request.app.state.store.api_lists.organizations(
        text=query.get("q"), kind=query.get("kind"), country=query.get("country"), after=after, limit=limit
    )
    return _ORGANIZATIONS.answer(
        request,
        cards,
        lambda rows: listed_organizations(request, [card for _, card in rows]),
        human="/organizations",
        total=total,
    )


def show_organization(request: Request) -> Response:
    public = request.app.state.store.public_records.organization(request.path_params["slug"])
    home = public.origin.home
    return single_record(request, public, f"/organizations/{public.slug}", home.license if home else None)


def facts(request: Request) -> Response:
    """List all public facts of an organization, each with its origin, and whether its page shows it."""
    page = request.app.state.store.facts.organization(request.path_params["slug"])
    return json_answer(request, facts_answer(page), human=f"/organizations/{page.slug}")


def adoptions(request: Request) -> Response:
    """List what it says publicly that it uses, or what is said so of it."""
    slug, store = request.path_params["slug"], request.app.state.store
    store.record_pages.organization_uses(slug, per_page=1)  # for its errors: it may have moved, or be hidden
    after, limit = ADOPTIONS.after(request), ADOPTIONS.size(request)
    lines = store.api_lists.adoptions(organization_slug=slug, after=after, limit=limit)
    return adoptions_part(request, lines, human=f"/organizations/{slug}/uses")


_FILTERS = (
    Parameter("q", "A part of the name, whatever its case and accents.", Annotated[str, MaxLen(200)], "coop"),
    Parameter("kind", "A term of organization-kind.", Annotated[str, MaxLen(64)], "cooperative"),
    Parameter("country", "ISO 3166-1.", Country, "FR"),
)
_ORGANIZATIONS = Paginator("organizations", ListedOrganization, BY_TEXTS)
ROUTES = [
    DescribedRoute(
        "/api/v1/organizations",
        "api-organizations",
        TAG,
        {
            "GET": _ORGANIZATIONS.operation(
                search,
                "Organizations by name",
                _FILTERS,
                beside={"total": int},
                examples={"limit": "3"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/organizations/{slug}",
        "api-organization",
        TAG,
        {
            "GET": Operation(
                show_organization,
                "One organization, with the first of what it keeps up and hosts",
                with_license(PublicOrganization),
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/organizations/{slug}/facts",
        "api-organization-facts",
        TAG,
        {
            "GET": Operation(
                facts,
                "Every public fact of an organization with its origin, source and dates",
                facts_type(),
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/organizations/{slug}/adoptions",
        "api-organization-adoptions",
        TAG,
        {
            "GET": ADOPTIONS.operation(
                adoptions,
                "What an organization publicly uses",
                examples={"limit": "2"},
                fails=(308, 404, 410),
            )
        },
    ),
]
