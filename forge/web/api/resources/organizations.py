"""Organizations in the API: those of a name, a kind or a country, and one with what it uses and maintains. The
queries are in `store.listed` and `store.pages`.
"""

from starlette.requests import Request
from starlette.responses import Response

from catalog.document import keys
from catalog.rules.fact import choose
from forge.export import json_records
from forge.export.json_records import a_time
from forge.web.api import cursor
from forge.web.api.resources.records import (
    ADOPTION,
    COUNTS,
    FACT,
    NAMED,
    ORGANIZATION_CARD,
    WHOSE,
    a_named,
    address,
    counts,
    of_whom,
    organization_cards,
    stated,
    uses,
)
from forge.web.api.response import answer, listed, one
from forge.web.api.route import Described, Operation, Parameter
from forge.web.api.schemas import (
    COUNTRY,
    CURSOR,
    ID,
    LANGUAGE,
    LIMIT,
    PART,
    TEXT,
    TIME,
    URI,
    WHOLE,
    array,
    fields,
    of_noun,
    part,
    record,
    whole,
)

TAG = "Organizations"
_LEFT_OUT = ("slug", "id", "notes")
ORGANIZATION = record(
    id=ID,
    slug=TEXT,
    url=URI,
    page=URI,
    uses=COUNTS,
    maintained=array(record(project=NAMED, role=TEXT, origin=TEXT)),
    maintained_in_all=WHOLE,
    hosted=array(NAMED),
    hosted_in_all=WHOLE,
    provided=array(record(project=NAMED, organization=NAMED, origin=TEXT)),
    provided_in_all=WHOLE,
    added_at=TIME,
    changed_at=TIME,
    **WHOSE,
    **of_noun(keys.ORGANIZATION, *_LEFT_OUT)["properties"],
)


def search(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_texts)
    total, cards = request.app.state.store.listed.organizations(
        text=asked.get("q"), kind=asked.get("kind"), country=asked.get("country"), after=after, limit=limit + 1
    )
    following = cursor.written(cards[limit - 1][0]) if len(cards) > limit else None
    records = organization_cards(request, [card for _, card in cards[:limit]])
    return listed(request, "organizations", records, following=following, human="/organizations", total=total)


def show(request: Request) -> Response:
    page = request.app.state.store.pages.organization(request.path_params["slug"])
    slug = page.record.slug
    content = {
        "id": str(page.id),
        "slug": slug,
        "url": address(request, "organizations", slug),
        "page": address(request, "organizations", slug).replace("/api/v1", "", 1),
        **stated(request, keys.ORGANIZATION, page.record, *_LEFT_OUT),
        "uses": counts(page.uses),
        "maintained": [
            {
                "project": a_named(request, "projects", line.project_slug, line.project_name),
                "role": line.maintenance.role,
                "origin": line.origin,
            }
            for line in page.maintenance
        ],
        "maintained_in_all": page.maintained,
        "hosted": [a_named(request, "projects", *hosted) for hosted in page.hosting],
        "hosted_in_all": page.hosted,
        "provided": [
            {
                "project": a_named(request, "projects", offer.project_slug, offer.project_name),
                "organization": a_named(request, "organizations", offer.organization.slug, offer.organization.name),
                "origin": offer.origin,
            }
            for offer in page.provided
        ],
        "provided_in_all": page.provided_in_all,
        "added_at": a_time(page.added_at),
        "changed_at": a_time(page.changed_at),
        **of_whom(request, request.app.state.store.homes.organization(page.id)),
    }
    return one(request, content, f"/organizations/{slug}")


def facts(request: Request) -> Response:
    """List all public facts of an organization, each with its origin, and whether its page shows it."""
    page = request.app.state.store.facts.organization(request.path_params["slug"])
    content = {"id": str(page.id), "slug": page.slug, "name": page.name}
    content |= {"facts": json_records.facts(page, choose(page.facts))}
    return answer(request, content, human=f"/organizations/{page.slug}")


def used(request: Request) -> Response:
    """List what it says publicly that it uses, or what is said so of it."""
    asked, slug, store = request.state.asked, request.path_params["slug"], request.app.state.store
    store.pages.organization_uses(slug, per_page=1)  # for its errors: it may have moved, or be hidden
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_texts)
    lines = store.listed.adoptions(organization_slug=slug, after=after, limit=limit)
    following = cursor.written(lines[-1][0]) if len(lines) >= limit else None
    records = uses(request, [line for _, line in lines])
    return listed(request, "adoptions", records, following=following, human=f"/organizations/{slug}/uses")


_FILTERS = (
    Parameter("q", "A part of the name, whatever its case and accents.", {**TEXT, "maxLength": 200}, "coop"),
    Parameter("kind", "A term of organization-kind.", {**TEXT, "maxLength": 64}, "cooperative"),
    Parameter("country", "ISO 3166-1.", COUNTRY, "FR"),
)
ROUTES = [
    Described(
        "/api/v1/organizations",
        "api-organizations",
        TAG,
        {
            "GET": Operation(
                search,
                "Organizations by name",
                part("organizations", ORGANIZATION_CARD, total=WHOLE),
                (*_FILTERS, PART, CURSOR, fields(ORGANIZATION_CARD), LANGUAGE),
                examples={"limit": "3"},
            )
        },
    ),
    Described(
        "/api/v1/organizations/{slug}",
        "api-organization",
        TAG,
        {
            "GET": Operation(
                show,
                "One organization, with the first of what it keeps up and hosts",
                whole(ORGANIZATION),
                (fields(ORGANIZATION), LANGUAGE),
                fails=(308, 404, 410),
            )
        },
    ),
    Described(
        "/api/v1/organizations/{slug}/facts",
        "api-organization-facts",
        TAG,
        {
            "GET": Operation(
                facts,
                "Every public fact of an organization with its origin, source and dates",
                whole(record(id=ID, slug=TEXT, name=TEXT, facts=array(FACT))),
                fails=(308, 404, 410),
            )
        },
    ),
    Described(
        "/api/v1/organizations/{slug}/adoptions",
        "api-organization-adoptions",
        TAG,
        {
            "GET": Operation(
                used,
                "What an organization publicly uses",
                part("adoptions", ADOPTION),
                (PART, CURSOR, fields(ADOPTION), LANGUAGE),
                examples={"limit": "2"},
                fails=(308, 404, 410),
            )
        },
    ),
]
