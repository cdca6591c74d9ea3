"""Publishers in the Open Catalog API: the list, one entry, and what a crawler may post and change of it. Our own are
changed by none of it.
"""

from collections.abc import Callable
from uuid import UUID

from catalog.store.opencatalog.own_entries import Publisher
from catalog.store.opencatalog.publishers import NAME, PostedPublishers, PublisherValues
from forge.web.opencatalog import read_only_entries, shapes
from forge.web.opencatalog.lists import envelope, window
from forge.web.opencatalog.route import Answer, Ask, a_route
from forge.web.opencatalog.validation import checked

ANY = PostedPublishers.ANY


def listing(ask: Ask, catalog: UUID | str | None = ANY) -> Answer:
    query = ask.request.query_params
    items, page = ask.store.publishers.page(window(query), catalog=catalog)
    return 200, envelope(query, items, page, lambda publisher: shapes.publisher(publisher, ask.whole))


def show_publisher(ask: Ask) -> Answer:
    return 200, shapes.publisher(ask.store.publishers.get(ask.key()), ask.whole)


def create(ask: Ask, catalog: UUID | None = None) -> Answer:
    values = shapes.publisher_values(checked(ask.json(), shapes.PUBLISHER))
    made = ask.store.publishers.add(values, catalog=catalog, actor=ask.actor, now=ask.now)
    return 200, shapes.publisher(made, True)


def change(ask: Ask, catalog: UUID | str | None = ANY) -> Answer:
    ask.store.publishers.get(ask.key(), catalog=catalog)  # what is not here is told before what is wrong with the body
    kept = ask.store.publishers.change(ask.key(), _changing(ask), catalog=catalog, actor=ask.actor, now=ask.now)
    return 200, shapes.publisher(kept, True)


def remove(ask: Ask) -> Answer:
    ask.store.publishers.remove(ask.key(), allowed=read_only_entries.demand_posted, actor=ask.actor, now=ask.now)
    return 204, None


def listing_of_catalog(ask: Ask) -> Answer:
    return listing(ask, ask.store.catalogs.place(ask.key("catalog")))


def create_in_catalog(ask: Ask) -> Answer:
    return create(ask, ask.store.catalogs.place(ask.key("catalog")))


def change_in_catalog(ask: Ask) -> Answer:
    return change(ask, ask.store.catalogs.place(ask.key("catalog")))


def _changing(ask: Ask) -> Callable[[Publisher], PublisherValues | None]:
    def changed(before: Publisher) -> PublisherValues | None:
        shape = shapes.publisher(before, True)
        result = ask.patched(shape, lambda given: checked(given, shapes.PUBLISHER, partly=True))
        if before.own:
            read_only_entries.demand_same(shape, result)
            return None
        return shapes.publisher_values(checked(shapes.changeable(result), shapes.PUBLISHER))

    return changed


ROUTES = [
    a_route("/v1/publishers", "v1-publishers", NAME, get=listing, post=create),
    a_route("/v1/publishers/{id:entry}", "v1-publisher", NAME, get=show_publisher, patch=change, delete=remove),
    a_route("/v1/catalogs/{catalog}/publishers", "v1-catalog-publishers", NAME,
            get=listing_of_catalog, post=create_in_catalog),
    a_route("/v1/catalogs/{catalog}/publishers/{id}", "v1-catalog-publisher", NAME, patch=change_in_catalog),
]  # fmt: skip
