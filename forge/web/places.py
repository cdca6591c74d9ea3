"""The pages of places: where something is used, as a list with a map beside it, and one country."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound
from forge.web.render import address, page, tongue_of
from forge.web.wish import number_of, page_numbers
from forge.web.worldmap import LEVELS, world_map

PER_PAGE = 50


def overview(request: Request) -> Response:
    """Every country with its groups, by name in the reader's language."""
    places = {one.country: one for one in request.app.state.store.places.countries()}
    elsewhere = places.pop(None, None)
    named = [(places[code], name) for code, name in tongue_of(request).countries().items() if code in places]
    unnamed = [(places[code], code) for code in places.keys() - {place.country for place, _ in named}]
    used = {code: place.groups for code, place in places.items() if place.groups}
    return page(
        request,
        "places.html",
        places=named + sorted(unnamed, key=lambda pair: pair[1]),
        elsewhere=elsewhere,
        used=len(used),
        map=world_map(used),
        levels=LEVELS,
    )


def show(request: Request) -> Response:
    """One country. Raises NotFound for a code that is none."""
    code = request.path_params["country"]
    if code not in tongue_of(request).countries():
        if code.isascii() and code.upper() in tongue_of(request).countries():
            return RedirectResponse(address(request.url.path.removesuffix(code) + code.upper()), 301)
        raise NotFound("place", code)
    number = number_of(request.query_params.get("page"))
    found = request.app.state.store.places.country(code, number, PER_PAGE)
    last = max(1, -(-found.place.groups // PER_PAGE))
    if number > last:
        return RedirectResponse(address(request.url.path), 302)
    regions: dict[str | None, list[object]] = {}
    for group in found.groups:
        regions.setdefault(group.region, []).append(group)
    return page(
        request,
        "place.html",
        found=found,
        place=found.place,
        regions=regions,
        number=number,
        last=last,
        numbers=page_numbers(number, last),
        canonical=address(request.url.path, [("page", str(number))] if number > 1 else []),
        noindex=not (found.place.groups or found.place.helpers),
    )
