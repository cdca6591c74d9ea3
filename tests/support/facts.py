"""All public facts of a store, as the pages of facts show them."""

from collections.abc import Iterator

from sqlalchemy import select

from catalog.errors import CatalogError
from catalog.store.core.read_models import FactsPage
from catalog.store.store import Store
from catalog.tables.core import project


def facts_of_all(store: Store) -> Iterator[FactsPage]:
    """The facts of every project that may be shown, by slug."""
    with store.engine.connect() as connection:
        slugs = connection.execute(select(project.c.slug).order_by(project.c.slug)).scalars().all()
    for slug in slugs:
        try:
            yield store.facts.page(slug)
        except CatalogError:
            continue
