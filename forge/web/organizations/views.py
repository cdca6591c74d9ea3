"""The pages of organizations: the list that can be searched, and one organization with what it uses and maintains.
`represented` gives what its representatives see.
"""

from starlette.requests import Request
from starlette.responses import Response

from catalog.model import MAKER_ROLES
from catalog.store.organizations.search import OrganizationFilter
from catalog.store.ownership.uploads import uploaded_logo
from catalog.store.ownership.verifications import standing_verifications
from catalog.vocabulary import UNKNOWN_KIND, vocabulary
from forge.i18n.languages import plain
from forge.web.core.list_query import MAX_TEXT_CHARACTERS, list_pages, page_number_of
from forge.web.core.render import now_of, page
from forge.web.core.session import make_private
from forge.web.facts.fact_groups import field_label
from forge.web.organizations.own_page import own_page
from forge.web.organizations.represented import represented_by
from forge.web.organizations.world_map import LEVELS, world_map
from forge.web.projects.profile import adoptions_by_sort
from forge.web.projects.shared_values import shared_values
from forge.web.wording.submissions import ORGANIZATION_FIELDS

PER_PAGE = 50
CARDS_PER_PAGE = 30  # in the list, whose first page has the map too
FILTERS = ("domain", "kind", "country")


def organizations_page(request: Request) -> Response:
    """The list, by name, kind, country, and the need for which an organization uses something: a wide need includes its
    narrower needs."""
    store, params, domain = request.app.state.store.record_pages, request.query_params, vocabulary("domain")
    facets = store.organization_facets(domain.above)
    typed = plain(params.get("q", "")).strip()
    text = typed[:MAX_TEXT_CHARACTERS]
    filters = {name: params.get(name, "") for name in FILTERS}
    chosen = {name: value if value in (facets[name] or ()) else "" for name, value in filters.items()}
    number, page_language = page_number_of(params.get("page")), request.state.page_language
    domains = (chosen["domain"], *domain.children(chosen["domain"])) if chosen["domain"] else ()
    organization_filters = OrganizationFilter(text, chosen["kind"], chosen["country"], domains)
    total, cards, offered = store.organization_list(
        organization_filters, domain.above, list(page_language.countries()), number, CARDS_PER_PAGE
    )
    if offered["domain"] is None:  # too many to count, so that any category may be among them
        offered["domain"] = dict.fromkeys(facets["domain"] or ())
    offered = {name: {value: 0 for value in [chosen[name]] if value} | offered[name] for name in FILTERS}
    every = not text and not any(chosen.values())
    counted = request.app.state.store.home_page.totals().organizations if every else total
    places = request.app.state.store.countries.countries() if every and number == 1 else ()
    users = {place.country: place.groups for place in places if place.country}
    return page(
        request,
        "organizations/list.html",
        map=world_map(users) if users else None,
        levels=LEVELS,
        unknown_kind=UNKNOWN_KIND,
        q=text,
        cut=typed != text,
        chosen=chosen,
        needs=[(term, offered["domain"][term]) for term in domain.terms if term in offered["domain"]],
        narrower=domain.above,
        kinds=sorted(
            offered["kind"].items(), key=lambda pair: page_language.in_order(_kind_label(page_language, pair[0]))
        ),
        countries=sorted(
            offered["country"].items(), key=lambda pair: page_language.in_order(page_language.country(pair[0]))
        ),
        ignored=[plain(value)[:80] for name, value in filters.items() if value and not chosen[name]],
        total=total,
        # Totals elsewhere leave some out: said once, beside the number of all. They may be counted some minutes ago.
        apart=max(0, total - counted),
        cards=cards,
        pages=list_pages(number, total, CARDS_PER_PAGE, [("q", text), *chosen.items()]),
        noindex=bool(text) or sum(map(bool, chosen.values())) > 1,
    )


def organization_page(request: Request) -> Response:
    """One organization: what it uses, makes and helps with, the first of each; pages of their own list all."""
    store, now = request.app.state.store, now_of(request)
    if own := own_page(request):
        return own
    organization = store.public_records.organization(request.path_params["slug"])
    speaks = represented_by(request, organization.id)
    askable = store.questions.askable_of(organization.id) if organization.askable else ()
    lines = (*organization.adoptions, *organization.not_free, *organization.maintenance)
    slugs = {line.project_slug for line in lines} | {project.slug for project in organization.hosting}
    uses = adoptions_by_sort(organization.adoptions)
    answer = page(
        request,
        "organizations/organization.html",
        found=organization,
        organization=organization.record,
        labels={
            name: ORGANIZATION_FIELDS.get(name) or field_label(name) or name for name in organization.record.evidence
        },
        uses=uses,
        shared_values=shared_values(uses.found),
        makes=[line for line in organization.maintenance if line.maintenance.role in MAKER_ROLES],
        helps=[line for line in organization.maintenance if line.maintenance.role not in MAKER_ROLES],
        asks=organization.calls,
        verifications=standing_verifications(organization.verifications, now),
        askable=askable,
        logo=uploaded_logo(organization.uploads),
        cards=store.home_page.listed_cards(slugs) if slugs else {},
        ready={line.project_slug for line in askable},
        speaks=speaks,
        told_by=organization.told_by,
    )
    return make_private(answer) if speaks else answer


def adoptions_page(request: Request) -> Response:
    """All that an organization uses, `PER_PAGE` at a time."""
    number = page_number_of(request.query_params.get("page"))
    uses_page = request.app.state.store.record_pages.organization_uses(request.path_params["slug"], number, PER_PAGE)
    uses = adoptions_by_sort(uses_page.adoptions)
    return page(
        request,
        "organizations/adoptions.html",
        found=uses_page,
        uses=uses,
        shared_values=shared_values(uses.found),
        pages=list_pages(number, uses_page.lines, PER_PAGE),
    )


def contributions_page(request: Request) -> Response:
    """All that an organization makes, maintains, hosts or helps with, `PER_PAGE` at a time."""
    number = page_number_of(request.query_params.get("page"))
    care = request.app.state.store.record_pages.organization_care(request.path_params["slug"], number, PER_PAGE)
    return page(request, "organizations/projects.html", found=care, pages=list_pages(number, care.every, PER_PAGE))


def _kind_label(page_language: object, kind: str) -> str:
    term = vocabulary("organization-kind").terms.get(kind)
    return term.label.get(getattr(page_language, "tag", ""), term.label["en"]) if term else kind
