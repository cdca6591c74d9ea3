"""Organizations in the API: those of a name, a kind or a country, and one with what it uses and maintains. The
queries are in `store.api_lists` and `store.record_pages`.
"""

from typing import Annotated

from annotated_types import MaxLen
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog.document import keys
from catalog.rules.fact import choose_facts
from forge.export import json_records
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TEXTS
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import LANGUAGE, Parameter, fields_parameter
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.resources.record_types import Counts, Link, OrganizationListEntry, Provenance, RecordFacts
from forge.web.api.resources.records import (
    api_address,
    count_record,
    link_record,
    noun_record,
    organization_card_records,
    provenance_record,
)
from forge.web.api.response import json_answer, single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import Country, Id, Time, Uri, members_of, members_of_noun, partly, record, with_license

TAG = "Organizations"
_LEFT_OUT = ("slug", "id", "notes")


class MaintainedProject(TypedDict):
    project: Link
    role: str
    origin: str


class ProvidedProject(TypedDict):
    project: Link
    organization: Link
    origin: str


class OrganizationHead(TypedDict):
    id: Id
    slug: str
    url: Uri
    page: Uri


class OrganizationUse(Provenance):
    """What is told of an organization beside what the document has of it."""

    uses: Counts
    maintained: list[MaintainedProject]
    maintained_in_all: int
    hosted: list[Link]
    hosted_in_all: int
    provided: list[ProvidedProject]
    provided_in_all: int
    added_at: Time
    changed_at: Time


ORGANIZATION = record(
    "Organization",
    members_of(OrganizationHead) | members_of(OrganizationUse) | members_of_noun(keys.ORGANIZATION, *_LEFT_OUT),
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
    head: OrganizationHead = {
        "id": str(page.id),
        "slug": slug,
        "url": api_address(request, "organizations", slug),
        "page": api_address(request, "organizations", slug).replace("/api/v1", "", 1),
    }
    use: OrganizationUse = {
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
        **provenance_record(request, page.origin),
    }
    stated = noun_record(request, keys.ORGANIZATION, page.record, *_LEFT_OUT)
    return single_record(request, {**head, **stated, **use}, f"/organizations/{slug}")


def facts(request: Request) -> Response:
    """List all public facts of an organization, each with its origin, and whether its page shows it."""
    page = request.app.state.store.facts.organization(request.path_params["slug"])
    content: RecordFacts = {
        "id": str(page.id),
        "slug": page.slug,
        "name": page.name,
        "facts": json_records.fact_records(page, choose_facts(page.facts)),
    }
    return json_answer(request, content, human=f"/organizations/{page.slug}")


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
_ORGANIZATIONS = Paginator("organizations", OrganizationListEntry, BY_TEXTS, language=LANGUAGE)
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
                with_license(partly(ORGANIZATION)),
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
                with_license(RecordFacts),
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
