"""Catalogs in the Open Catalog API: this instance as the root, and what a crawler may post and change beside it. None
becomes a peer by it.
"""

from collections.abc import Callable

from catalog.rules.open_catalog import ROOT
from catalog.store.opencatalog.catalogs import NAME, Catalog, CatalogValues
from catalog.store.opencatalog.own_entries import Home
from forge.web.opencatalog import read_only_entries, shapes
from forge.web.opencatalog.lists import envelope, window
from forge.web.opencatalog.problems import Refused
from forge.web.opencatalog.route import Answer, Ask, a_route
from forge.web.opencatalog.validation import checked


def listing(ask: Ask) -> Answer:
    query = ask.request.query_params
    items, page = ask.store.catalogs.page(window(query))
    return 200, envelope(query, items, page, shapes.catalog)


def show_catalog(ask: Ask) -> Answer:
    return 200, shapes.catalog(ask.store.catalogs.get(ask.key()))


def create(ask: Ask) -> Answer:
    values = shapes.catalog_values(checked(ask.json(), shapes.CATALOG))
    return 200, shapes.catalog(ask.store.catalogs.add(values, actor=ask.actor, now=ask.now))


def change(ask: Ask) -> Answer:
    ask.store.catalogs.get(ask.key())  # what is not here is told before what is wrong with the body
    kept = ask.store.catalogs.change(ask.key(), _changing(ask), actor=ask.actor, now=ask.now)
    return 200, shapes.catalog(kept)


def remove(ask: Ask) -> Answer:
    if not ask.store.catalogs.remove(ask.key(), allowed=read_only_entries.demand_posted, actor=ask.actor, now=ask.now):
        raise Refused(409, "Catalog still has associated publishers or software")
    return 204, None


def _changing(ask: Ask) -> Callable[[Catalog | Home], CatalogValues | None]:
    def changed(before: Catalog | Home) -> CatalogValues | None:
        shape = shapes.catalog(before)
        result = ask.patched(shape, lambda given: checked(given, shapes.CATALOG, partly=True))
        if isinstance(before, Home):
            read_only_entries.demand_same(shape, result)
            return None
        values = shapes.catalog_values(checked(shapes.changeable(result), shapes.CATALOG))
        if values.alternative_id == ROOT:
            raise Refused(409, "alternativeId already exists")
        return values

    return changed


ROUTES = [
    a_route("/v1/catalogs", "v1-catalogs", NAME, get=listing, post=create),
    a_route("/v1/catalogs/{id}", "v1-catalog", NAME, get=show_catalog, patch=change, delete=remove),
]
