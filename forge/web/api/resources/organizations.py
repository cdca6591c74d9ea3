"""Organizations in the API: those of a name, a kind or a country, and one with what it uses and maintains. The
queries are in `store.api_lists` and `store.record_pages`.
"""

from starlette.requests import Request
from starlette.responses import Response

from catalog.document import keys
from catalog.rules.fact import choose_facts
from forge.export import json_records
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TEXTS
from forge.web.api.paginator import Paginator
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.resources.records import (
    COUNTS,
    FACT,
    LINK,
    ORGANIZATION_CARD,
    PROVENANCE,
    api_address,
    count_record,
    link_record,
    noun_record,
    organization_card_records,
    provenance_record,
)
from forge.web.api.response import json_answer, single_record
from forge.web.api.route import DescribedRoute, Operation, Parameter
from forge.web.api.schemas import (
    COUNTRY,
    ID,
    INTEGER,
    LANGUAGE,
    TEXT,
    TIME,
    URI,
    array,
    fields_parameter,
    noun_schema,
    record,
    with_license,
)

TAG = "Organizations"
_LEFT_OUT = ("slug", "id", "notes")
ORGANIZATION = record(
    id=ID,
    slug=TEXT,
    url=URI,
    page=URI,
    uses=COUNTS,
    maintained=array(record(project=LINK, role=TEXT, origin=TEXT)),
    maintained_in_all=INTEGER,
    hosted=array(LINK),
    hosted_in_all=INTEGER,
    provided=array(record(project=LINK, organization=LINK, origin=TEXT)),
    provided_in_all=INTEGER,
    added_at=TIME,
    changed_at=TIME,
    **PROVENANCE,
    **noun_schema(keys.ORGANIZATION, *_LEFT_OUT)["properties"],
)


def search(request: Request) -> Response:
    asked = request.state.asked
    after, limit = _ORGANIZATIONS.after(request), _ORGANIZATIONS.size(request) + 1
    total, cards = request.app.state.store.api_lists.organizations(
        text=asked.get("q"), kind=asked.get("kind"), country=asked.get("country"), after=after, limit=limit
    )
    return _ORGANIZATIONS.answer(
        request,
        cards,
        lambda rows: organization_card_records(request, [card for _, card in rows]),
        human="/organizations",
        total=total,
    )


def show_organization(request: Request) -> Response:
    page = request.app.state.store.public_records.organization(request.path_params["slug"])
    slug = page.record.slug
    content = {
        "id": str(page.id),
        "slug": slug,
        "url": api_address(request, "organizations", slug),
        "page": api_address(request, "organizations", slug).replace("/api/v1", "", 1),
        **noun_record(request, keys.ORGANIZATION, page.record, *_LEFT_OUT),
        "uses": count_record(page.uses),
        "maintained": [
            {
                "project": link_record(request, "projects", line.project_slug, line.project_name),
                "role": line.maintenance.role,
                "origin": line.origin,
            }
            for line in page.maintenance
        ],
        "maintained_in_all": page.maintained,
        "hosted": [link_record(request, "projects", *hosted) for hosted in page.hosting],
        "hosted_in_all": page.hosted,
        "provided": [
            {
                "project": link_record(request, "projects", offer.project_slug, offer.project_name),
                "organization": link_record(request, "organizations", offer.organization.slug, offer.organization.name),
                "origin": offer.origin,
            }
            for offer in page.provided
        ],
        "provided_in_all": page.provided_in_all,
        "added_at": utc_text(page.added_at),
        "changed_at": utc_text(page.changed_at),
        **provenance_record(request, page.told),
    }
    return single_record(request, content, f"/organizations/{slug}")


def facts(request: Request) -> Response:
    """List all public facts of an organization, each with its origin, and whether its page shows it."""
    page = request.app.state.store.facts.organization(request.path_params["slug"])
    content = {"id": str(page.id), "slug": page.slug, "name": page.name}
    content |= {"facts": json_records.fact_records(page, choose_facts(page.facts))}
    return json_answer(request, content, human=f"/organizations/{page.slug}")


def adoptions(request: Request) -> Response:
    """List what it says publicly that it uses, or what is said so of it."""
    slug, store = request.path_params["slug"], request.app.state.store
    store.record_pages.organization_uses(slug, per_page=1)  # for its errors: it may have moved, or be hidden
    after, limit = ADOPTIONS.after(request), ADOPTIONS.size(request)
    lines = store.api_lists.adoptions(organization_slug=slug, after=after, limit=limit)
    return adoptions_part(request, lines, human=f"/organizations/{slug}/uses")


_FILTERS = (
    Parameter("q", "A part of the name, whatever its case and accents.", {**TEXT, "maxLength": 200}, "coop"),
    Parameter("kind", "A term of organization-kind.", {**TEXT, "maxLength": 64}, "cooperative"),
    Parameter("country", "ISO 3166-1.", COUNTRY, "FR"),
)
_ORGANIZATIONS = Paginator("organizations", ORGANIZATION_CARD, BY_TEXTS, language=LANGUAGE)
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
                beside={"total": INTEGER},
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
                with_license(ORGANIZATION),
                (fields_parameter(ORGANIZATION), LANGUAGE),
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
                with_license(record(id=ID, slug=TEXT, name=TEXT, facts=array(FACT))),
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
