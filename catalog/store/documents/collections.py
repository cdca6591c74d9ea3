"""Curated lists as rows: read, changed by a moderator, and put back. What a load does with them is in `load`."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, select

from catalog.document import from_record
from catalog.model import Collection
from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.public_changes import PublicChange
from catalog.tables.core import collection

_COLUMNS = [column for column in collection.c if column is not collection.c.position]


class Collections(DatabasePart):
    def all(self) -> tuple[tuple[Collection, bool], ...]:
        """Each curated list, also a removed one, with whether it is removed."""
        query = select(collection.c.record, collection.c.hidden).order_by(collection.c.position)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple((from_record(Collection, row.record), row.hidden) for row in rows)

    def get(self, slug: str) -> tuple[Mapping[str, Any], bool] | None:
        """The record of a curated list, with whether it is removed; None where there is none."""
        with reading(self._engine) as connection:
            row = read(connection, slug)
        return None if row is None else (row["record"], row["hidden"])


def read(connection: Connection, slug: str) -> dict[str, Any] | None:
    """In the caller's transaction: the row of a curated list, without its place; None where there is none."""
    row = connection.execute(select(*_COLUMNS).where(collection.c.slug == slug)).first()
    return None if row is None else dict(row._mapping)


def with_projects(record: Mapping[str, Any], slugs: Mapping[str, str]) -> dict[str, Any]:
    """The record with those of its projects that are in `slugs`, each once, by its present slug. A list that moderators
    changed or locked keeps the names that its projects had then."""
    lines: dict[str, dict[str, Any]] = {}
    for line in record.get("projects", ()):
        if (slug := slugs.get(line["project"])) is not None:
            lines.setdefault(slug, {**line, "project": slug})
    projects = {"projects": list(lines.values())} if lines else {}
    return {name: value for name, value in record.items() if name != "projects"} | projects


def projects_of(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The slugs that these lists name."""
    return [line["project"] for record in records for line in record.get("projects", ())]


def write(connection: Connection, slug: str, record: Mapping[str, Any] | None, *, change: PublicChange) -> None:
    """In the caller's transaction: a moderator changes a list, or adds it; None removes it. What the document states
    is kept beside it."""
    before = read(connection, slug)
    if before is None:
        row = {"slug": slug, "record": record, "document": None, "edited": True, "hidden": False}
    else:
        text = before["document"] if before["edited"] else before["record"]
        row = before | {"document": text, "edited": True, "hidden": record is None}
        if record is not None:
            row |= {"record": dict(record), "edited": record != text}
            row["document"] = text if row["edited"] else None
    restore(connection, slug, row, change=change)


def restore(connection: Connection, slug: str, row: Mapping[str, Any] | None, *, change: PublicChange) -> None:
    """In the caller's transaction: put this row of the list back; None: delete it."""
    change()
    if row is None:
        connection.execute(delete(collection).where(collection.c.slug == slug))
        return
    last = select(func.coalesce(func.max(collection.c.position), -1) + 1).scalar_subquery()
    statement = insert(connection, collection).values(**row, position=last)
    connection.execute(statement.on_conflict_do_update(index_elements=["slug"], set_=dict(row)))
