"""Publishers as the Open Catalog API lists them: organizations that lead a project of ours, and posted ones. Only
posted rows are written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, delete, literal, select

from catalog.errors import AlreadyExists
from catalog.rules.open_catalog import PUBLISHERS, parse_id
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.own_entries import OWN_PUBLISHERS, Code, Publisher
from catalog.store.opencatalog.pagination import ConstantEntry, RowSource, Window
from catalog.store.opencatalog.records import ANY, PostedRecords, columns_of
from catalog.tables.core import organization
from catalog.tables.opencatalog import posted_code, posted_publisher
from catalog.text_rules import repository_key


@dataclass(frozen=True)
class PublisherValues:
    """What a crawler says of a publisher. `code`: normalized addresses, and whether each is a group of repositories."""

    description: str
    email: str | None
    alternative_id: str | None
    code: tuple[tuple[str, bool], ...]
    active: bool


class PostedPublishers(PostedRecords[PublisherValues, Publisher]):
    noun, kind, table, unique = "Publisher", PUBLISHERS, posted_publisher, "description"

    def _sources(self, connection: Connection, window: Window, **wanted: Any) -> Iterable[RowSource | ConstantEntry]:
        catalog = wanted.get("catalog", ANY)
        posted: Select[Any] = _POSTED
        if catalog != ANY:
            posted = posted.where(posted_publisher.c.catalog_id == catalog)
        if not window.everything:
            posted = posted.where(posted_publisher.c.active)
        if catalog in (None, ANY):
            yield RowSource(OWN_PUBLISHERS, organization.c.added_at, organization.c.id)
        yield RowSource(posted, posted_publisher.c.created_at, posted_publisher.c.id)

    def _read(self, connection: Connection, rows: Iterable[Any]) -> Iterable[Publisher]:
        ids = [(row.id, row.own) for row in rows]
        found = own.publishers(connection, [id for id, ours in ids if ours])
        found |= _posted(connection, [id for id, ours in ids if not ours])
        return [found[id] for id, _ in ids]

    def _find(self, connection: Connection, key: str) -> Publisher | None:
        id = connection.execute(select(posted_publisher.c.id).where(self._has_key(key))).scalar()
        if id is not None:
            return _posted(connection, [id])[id]
        ours = parse_id(key) or own.publisher_id(connection, key)
        return own.publishers(connection, [ours]).get(ours) if ours else None

    def _demand_free(self, connection: Connection, values: PublisherValues, mine: UUID | None) -> None:
        """Raises AlreadyExists for what is another one's: `description`, `alternativeId`, `id`, `codeHosting.url`."""
        others = select(posted_publisher.c.id).where(posted_publisher.c.id.is_distinct_from(mine))
        same_name = others.where(posted_publisher.c.description == values.description)
        if connection.execute(same_name).first() or own.is_publisher_name(connection, values.description):
            raise AlreadyExists("description", "")
        if values.alternative_id is not None:
            same = others.where(posted_publisher.c.alternative_id == values.alternative_id)
            if connection.execute(same).first() or own.publisher_id(connection, values.alternative_id):
                raise AlreadyExists("alternativeId", "")
            id = parse_id(values.alternative_id)
            if id is not None and (
                connection.execute(others.where(posted_publisher.c.id == id)).first()
                or own.publishers(connection, [id])
            ):
                raise AlreadyExists("id", values.alternative_id)
        urls = [url for url, _ in values.code]
        taken = select(posted_code.c.url).where(
            posted_code.c.url.in_(urls), posted_code.c.publisher_id.is_distinct_from(mine)
        )
        if connection.execute(taken).first() or own.projects_at(connection, map(repository_key, urls)):
            raise AlreadyExists("codeHosting.url", "")

    def _columns(self, values: PublisherValues, before: Publisher | None = None) -> Mapping[str, Any]:
        return {name: getattr(values, name) for name in ("description", "email", "alternative_id", "active")}

    def _keep_parts(
        self,
        connection: Connection,
        id: UUID,
        values: PublisherValues,
        before: Publisher | None,
        actor: str | None,
        now: datetime,
    ) -> None:
        connection.execute(delete(posted_code).where(posted_code.c.publisher_id == id))
        kept = {code.url: code for code in before.code} if before else {}
        rows = []
        for url, group in values.code:
            old = kept.get(url)
            since, changed = (old.created_at, old.updated_at if old.group == group else now) if old else (now, now)
            row = {"url": url, "publisher_id": id, "group": group, "created_at": since, "updated_at": changed}
            rows.append(row)
        connection.execute(posted_code.insert(), rows)


_POSTED = select(posted_publisher.c.id, posted_publisher.c.created_at, literal(False).label("own"))


def _posted(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Publisher]:
    if not ids:
        return {}
    code: dict[UUID, list[Code]] = {}
    wanted = select(posted_code).where(posted_code.c.publisher_id.in_(ids)).order_by(posted_code.c.url)
    for row in connection.execute(wanted):
        code.setdefault(row.publisher_id, []).append(Code(**columns_of(row, Code)))
    rows = connection.execute(select(posted_publisher).where(posted_publisher.c.id.in_(ids)))
    return {row.id: Publisher(**row._mapping, code=tuple(code[row.id])) for row in rows}
