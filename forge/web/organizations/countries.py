"""The pages of places: all countries, one country, and one part of a country. `store.countries` does the
counting.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound
from catalog.rules.call import CallFilter
from catalog.rules.country_rule import countries_with_rules
from catalog.store.core.read_models import NamedProject, PlaceOrganization
from forge.web.core import regions
from forge.web.core.list_query import list_pages, page_number_of
from forge.web.core.render import address, page, page_language_of
from forge.web.projects.reader_context import rule_countries

PER_PAGE = 50
SHOWN_NEEDS = 5
CLUSTER_FROM = 2  # from so many groups that use only one and the same project, they are shown in one line


@dataclass(frozen=True)
class Cluster:
    """Groups of a place; where `project` is given, each of them is known to use only this project."""

    groups: tuple[PlaceOrganization, ...]
    project: NamedProject | None = None


def clusters(groups: Sequence[PlaceOrganization]) -> tuple[Cluster, ...]:
    """The groups; those that use only the same project together and last, since a federation would hide the others."""
    alone: dict[NamedProject, list[PlaceOrganization]] = {}
    for group in groups:
        if group.organization.uses.total == 1 and not group.confirmed:
            alone.setdefault(group.projects[0], []).append(group)
    many = {key: members for key, members in alone.items() if len(members) >= CLUSTER_FROM}
    rest = tuple(group for group in groups if not any(group in members for members in many.values()))
    others = (Cluster(rest),) if rest else ()
    return (*others, *(Cluster(tuple(members), key) for key, members in many.items()))


def countries_page(request: Request) -> Response:
    """Every country with its groups, by name in the reader's language."""
    places = {place.country: place for place in request.app.state.store.countries.countries()}
    elsewhere = places.pop(None, None)
    names = [(places[code], name) for code, name in page_language_of(request).countries().items() if code in places]
    unnamed = [(places[code], code) for code in places.keys() - {place.country for place, _ in names}]
    return page(
        request,
        "organizations/countries.html",
        places=names + sorted(unnamed, key=lambda pair: pair[1]),
        elsewhere=elsewhere,
        ruled=[pair for pair in rule_countries(page_language_of(request)) if pair[0] not in places],
    )


def country_page(request: Request) -> Response:
    """One country, or one part of it. Raises NotFound for an unknown code."""
    code, part = request.path_params["country"], request.path_params.get("region")
    written = code if part is None else f"{code}/{part}"
    if not _is_place(request, code, part):
        if written.isascii() and written != written.upper() and _is_place(request, code.upper(), part and part.upper()):
            return RedirectResponse(address(request.url.path.removesuffix(written) + written.upper()), 301)
        raise NotFound("place", written)
    number, store = page_number_of(request.query_params.get("page")), request.app.state.store
    region = part and f"{code}-{part}"
    country = store.countries.country(code, number, PER_PAGE, region)
    groups: dict[str | None, list[PlaceOrganization]] = {}
    for group in country.groups:
        groups.setdefault(group.region, []).append(group)
    return page(
        request,
        "organizations/country.html",
        found=country,
        place=country.place,
        regions={key: clusters(region_groups) for key, region_groups in groups.items()},
        parts=store.countries.regions(code) if region is None and number == 1 else (),
        needs=store.calls.find(CallFilter(country=code), per_page=SHOWN_NEEDS) if region is None else None,
        pages=list_pages(number, country.place.groups, PER_PAGE),
        noindex=not (country.place.groups or country.place.helpers or country.place.makers)
        and (region is not None or code not in countries_with_rules()),
    )


def _is_place(request: Request, code: str, part: str | None) -> bool:
    """Whether the codes name a country, or a part of one that has a name or where some organization is."""
    if code not in page_language_of(request).countries():
        return False
    region = f"{code}-{part}"
    lying = request.app.state.store.countries.regions
    return part is None or regions.is_region(region) or any(place.region == region for place in lying(code))
