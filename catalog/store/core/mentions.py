"""Which records show lines of which others on their pages, read from the rows: who helps with a use, by the slug that
it states. All mentions of records are rows of `public_mention`.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select, union_all

from catalog.record_kind import ORGANIZATION
from catalog.store.core.engine import batches, is_among
from catalog.tables.adoptions import adoption
from catalog.tables.core import former_slug, organization

_PROVIDER = adoption.c.record["provider"].as_string()


def providers_of(connection: Connection, where: ColumnElement[bool]) -> set[UUID]:
    """In the caller's transaction: the organizations named as host or helper by public uses under this condition."""
    query = select(_PROVIDER).where(where, adoption.c.visibility == "public", _PROVIDER.is_not(None)).distinct()
    return organizations_called(connection, connection.execute(query).scalars())


def organizations_called(connection: Connection, slugs: Iterable[str | None]) -> set[UUID]:
    """In the caller's transaction: the organizations that these slugs name now or named before."""
    ids: set[UUID] = set()
    for batch in batches({slug for slug in slugs if slug}):
        now = select(organization.c.id).where(is_among(connection, organization.c.slug, batch))
        before = select(former_slug.c.record_id).where(
            former_slug.c.kind == ORGANIZATION, is_among(connection, former_slug.c.slug, batch)
        )
        ids.update(connection.execute(union_all(now, before)).scalars())
    return ids
