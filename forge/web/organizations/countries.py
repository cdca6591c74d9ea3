"""The pages of places: where something is used, as a list with a map beside it, one country, and one part of it. What
is counted where, `store.places` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound
from catalog.store.core.read_models import Group
from forge.web.core import regions
from forge.web.core.list_query import number_of, page_numbers
from forge.web.core.render import address, page, tongue_of
from forge.web.organizations.world_map import LEVELS, world_map

PER_PAGE = 50
MANY = 4  # groups that use one and the same thing alone: from so many on they stand in one line


@dataclass(frozen=True)
class Cluster:
    """Groups of a place; where `project` is given (slug and name), that is all that each of them is known to use."""

    groups: tuple[Group, ...]
    project: tuple[str, str] | None = None


def clusters(groups: Sequence[Group]) -> tuple[Cluster, ...]:
    """The groups, those of one federation together and behind the others: its list would hide them."""
    alone: dict[tuple[str, str], list[Group]] = {}
    for one in groups:
        if one.organization.uses == 1 and not one.confirmed:
            alone.setdefault(one.projects[0], []).append(one)
    many = {key: those for key, those in alone.items() if len(those) >= MANY}
    rest = tuple(one for one in groups if not any(one in those for those in many.values()))
    told = (Cluster(rest),) if rest else ()
    return (*told, *(Cluster(tuple(those), key) for key, those in many.items()))


def overview(request: Request) -> Response:
    """Every country with its groups, by name in the reader's language."""
    places = {one.country: one for one in request.app.state.store.places.countries()}
    elsewhere = places.pop(None, None)
    named = [(places[code], name) for code, name in tongue_of(request).countries().items() if code in places]
    unnamed = [(places[code], code) for code in places.keys() - {place.country for place, _ in named}]
    used = {code: place.groups for code, place in places.items() if place.groups}
    return page(
        request,
        "organizations/countries.html",
        places=named + sorted(unnamed, key=lambda pair: pair[1]),
        elsewhere=elsewhere,
        used=len(used),
        map=world_map(used),
        levels=LEVELS,
    )


def show(request: Request) -> Response:
    """One country, or one part of it. Raises NotFound for a code that is none."""
    code, part = request.path_params["country"], request.path_params.get("region")
    told = code if part is None else f"{code}/{part}"
    if not _is_place(request, code, part):
        if told.isascii() and told != told.upper() and _is_place(request, code.upper(), part and part.upper()):
            return RedirectResponse(address(request.url.path.removesuffix(told) + told.upper()), 301)
        raise NotFound("place", told)
    number, store = number_of(request.query_params.get("page")), request.app.state.store
    region = part and f"{code}-{part}"
    found = store.places.country(code, number, PER_PAGE, region)
    last = max(1, -(-found.place.groups // PER_PAGE))
    if number > last:
        return RedirectResponse(address(request.url.path), 302)
    groups: dict[str | None, list[Group]] = {}
    for group in found.groups:
        groups.setdefault(group.region, []).append(group)
    return page(
        request,
        "organizations/country.html",
        found=found,
        place=found.place,
        regions={key: clusters(those) for key, those in groups.items()},
        parts=store.places.regions(code) if region is None and number == 1 else (),
        number=number,
        last=last,
        numbers=page_numbers(number, last),
        canonical=address(request.url.path, [("page", str(number))] if number > 1 else []),
        noindex=not (found.place.groups or found.place.helpers or found.place.makers),
    )


def _is_place(request: Request, code: str, part: str | None) -> bool:
    """A part of a country is one that has a name, or where somebody says to be."""
    if code not in tongue_of(request).countries():
        return False
    region = f"{code}-{part}"
    lying = request.app.state.store.places.regions
    return part is None or regions.known(region) or any(one.region == region for one in lying(code))
