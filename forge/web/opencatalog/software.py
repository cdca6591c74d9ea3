"""Software in the Open Catalog API: the list, one entry, and what a crawler may post and change of it. Our own is
changed by none of it.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from catalog.rules.open_catalog import normalized_url
from catalog.store.opencatalog.own_entries import Software
from catalog.store.opencatalog.software import NAME, PostedSoftware, SoftwareValues
from forge.web.opencatalog import read_only_entries, shapes
from forge.web.opencatalog.lists import envelope, window
from forge.web.opencatalog.publiccode_fallback import with_files
from forge.web.opencatalog.route import Answer, Ask, a_route
from forge.web.opencatalog.validation import checked

ANY = PostedSoftware.ANY


def listing(ask: Ask, catalog: UUID | str | None = ANY) -> Answer:
    query = ask.request.query_params
    url = normalized_url(query.get("url", ""))
    items, page = ask.store.software.page(window(query), catalog=catalog, url=url or None)
    return 200, envelope(query, with_files(ask, items), page, lambda software: shapes.software(software, ask.whole))


def show_software(ask: Ask) -> Answer:
    return 200, _shape(ask, ask.store.software.get(ask.id(NAME)))


def create(ask: Ask, catalog: UUID | None = None) -> Answer:
    values = shapes.software_values(checked(ask.json(), shapes.SOFTWARE))
    made = ask.store.software.add(values, catalog=catalog, actor=ask.actor, now=ask.now)
    return 200, shapes.software(made, True)


def change(ask: Ask, catalog: UUID | str | None = ANY) -> Answer:
    id = ask.id(NAME)
    ask.store.software.get(id, catalog=catalog)  # what is not here is told before what is wrong with the body
    kept = ask.store.software.change(id, _changing(ask), catalog=catalog, actor=ask.actor, now=ask.now)
    return 200, _shape(ask, kept)


def remove(ask: Ask) -> Answer:
    ask.store.software.remove(ask.id(NAME), allowed=read_only_entries.demand_posted, actor=ask.actor, now=ask.now)
    return 204, None


def listing_of_catalog(ask: Ask) -> Answer:
    return listing(ask, ask.store.catalogs.place(ask.key("catalog")))


def create_in_catalog(ask: Ask) -> Answer:
    return create(ask, ask.store.catalogs.place(ask.key("catalog")))


def change_in_catalog(ask: Ask) -> Answer:
    return change(ask, ask.store.catalogs.place(ask.key("catalog")))


def _shape(ask: Ask, software: Software) -> dict[str, Any]:
    return shapes.software(with_files(ask, [software])[0], ask.whole)


def _changing(ask: Ask) -> Callable[[Software], SoftwareValues | None]:
    def changed(before: Software) -> SoftwareValues | None:
        shape = _shape(ask, before)
        result = ask.patched(shape, lambda given: checked(given, shapes.SOFTWARE, partly=True))
        if before.own:
            read_only_entries.demand_same(
                shape, result if ask.operates else read_only_entries.unread(shape, ask.json(), result)
            )
            return None
        return shapes.software_values(checked(shapes.changeable(result), shapes.SOFTWARE))

    return changed


ROUTES = [
    a_route("/v1/software", "v1-software", NAME, get=listing, post=create),
    a_route("/v1/software/{id:entry}", "v1-software-one", NAME, get=show_software, patch=change, delete=remove),
    a_route("/v1/catalogs/{catalog}/software", "v1-catalog-software", NAME,
            get=listing_of_catalog, post=create_in_catalog),
    a_route("/v1/catalogs/{catalog}/software/{id}", "v1-catalog-software-one", NAME, patch=change_in_catalog),
]  # fmt: skip
