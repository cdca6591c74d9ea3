"""Writes in which categories organizations use software, in the transaction that changes their uses, what of these may
be shown, or the categories of what they use."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, tuple_

from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.engine import batches
from catalog.store.core.visibility import PRESENT, visible_uses
from catalog.store.projects.counts_by_category import project_categories
from catalog.tables.adoptions import adoption
from catalog.tables.public_records import organization_category

_ROW = (organization_category.c.organization_id, organization_category.c.term)
_named = project_categories().subquery()
# By itself first: SQLite would look for each of many organizations among the uses of every project of a category.
_used = (
    visible_uses()
    .where(PRESENT, among_keys(adoption.c.organization_id))
    .with_only_columns(adoption.c.organization_id, adoption.c.project_id)
    .cte()
    .prefix_with("MATERIALIZED")
)
_WANTED = (
    select(_used.c.organization_id, _named.c.term).join(_named, _named.c.project_id == _used.c.project_id).distinct()
)
_WRITTEN = select(*_ROW).where(among_keys(organization_category.c.organization_id))
_USERS = select(adoption.c.organization_id).where(among_keys(adoption.c.project_id)).distinct()


def users_of(connection: Connection, project_ids: Sequence[UUID]) -> Collection[UUID]:
    """The organizations that use one of these projects, or did."""
    return set(connection.execute(_USERS, {KEYS: project_ids}).scalars()) if project_ids else ()


def write_organization_categories(connection: Connection, ids: Iterable[UUID]) -> None:
    """Write the rows of these organizations that differ."""
    for batch in batches(ids):
        new_rows, written = _rows(connection, _WANTED, batch), _rows(connection, _WRITTEN, batch)
        for part in batches(written - new_rows):
            connection.execute(delete(organization_category).where(tuple_(*_ROW).in_(part)))
        if new := new_rows - written:
            rows = [{"organization_id": key, "term": term} for key, term in sorted(new, key=str)]
            connection.execute(organization_category.insert(), rows)


def in_wrong_categories(connection: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """The organizations of `ids` whose stored rows differ from what would be written now."""
    wrong: set[UUID] = set()
    for batch in batches(ids):
        wrong.update(key for key, _ in _rows(connection, _WANTED, batch) ^ _rows(connection, _WRITTEN, batch))
    return wrong


def _rows(connection: Connection, query: Any, ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    return {(key, term) for key, term in connection.execute(query, {KEYS: ids})}
