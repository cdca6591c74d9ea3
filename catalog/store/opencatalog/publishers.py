"""Publishers as the Open Catalog API lists them: organizations that lead a project of ours, and what was posted beside
them. It writes posted rows alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, Select, delete, literal, or_, select, update

from catalog.document.rules import repository_key
from catalog.errors import AlreadyExists, NotFound
from catalog.rules.open_catalog import CREATE, DELETE, PUBLISHERS, UPDATE, parse_id
from catalog.store.core.engine import reading
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.own_entries import OWN_PUBLISHERS, Code, Publisher
from catalog.store.opencatalog.pagination import Page, RowSource, Window, page
from catalog.store.opencatalog.webhooks import enqueue_event, posting
from catalog.tables.core import organization
from catalog.tables.opencatalog import posted_code, posted_publisher

NAME = "Publisher"


@dataclass(frozen=True)
class PublisherValues:
    """What a crawler says of a publisher. `code`: normalized addresses, and whether each is a group of repositories."""

    description: str
    email: str | None
    alternative_id: str | None
    code: tuple[tuple[str, bool], ...]
    active: bool


Change = Callable[[Publisher], PublisherValues | None]  # None: it stays as it is


class PostedPublishers:
    """`catalog` as in PostedSoftware. A publisher is named by its identity or by its own other one."""

    ANY = "any"

    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, window: Window, *, catalog: UUID | str | None = ANY) -> tuple[tuple[Publisher, ...], Page]:
        with reading(self._engine) as connection:
            found = page(connection, window, *_sources(window, catalog))
            return _publishers(connection, found.rows), found

    def get(self, key: str, *, catalog: UUID | str | None = ANY) -> Publisher:
        """Raises NotFound, also where it is not in this catalog."""
        with reading(self._engine) as connection:
            return _one(connection, key, catalog)

    def add(self, values: PublisherValues, *, catalog: UUID | None, actor: str | None, now: datetime) -> Publisher:
        """Keep what a crawler posted. Raises AlreadyExists for a name, another id or an address that is taken."""
        made = uuid4()
        with posting(self._engine, "description") as connection:
            _demand_free(connection, values, None)
            row = {"id": made, "catalog_id": catalog, "created_at": now, "updated_at": now}
            connection.execute(posted_publisher.insert().values(**row, **_columns(values)))
            _keep_code(connection, made, values, {}, now)
            enqueue_event(connection, CREATE, PUBLISHERS, made, actor=actor, now=now)
            return _one(connection, str(made), self.ANY)

    def change(self, key: str, change: Change, *, catalog: UUID | str | None = ANY, actor: str | None, now: datetime
               ) -> Publisher:  # fmt: skip
        """Keep what `change` makes of it. Raises NotFound, AlreadyExists, and what `change` raises."""
        with posting(self._engine, "description") as connection:
            _hold(connection, key)
            before = _one(connection, key, catalog)
            values = change(before)
            if values is None:
                return before
            _demand_free(connection, values, before.id)
            this = posted_publisher.c.id == before.id
            connection.execute(update(posted_publisher).where(this).values(**_columns(values), updated_at=now))
            connection.execute(delete(posted_code).where(posted_code.c.publisher_id == before.id))
            _keep_code(connection, before.id, values, {code.url: code for code in before.code}, now)
            enqueue_event(connection, UPDATE, PUBLISHERS, before.id, actor=actor, now=now)
            return _one(connection, str(before.id), self.ANY)

    def remove(self, key: str, *, allowed: Callable[[Publisher], None], actor: str | None, now: datetime) -> None:
        """Forget what was posted. `allowed` raises where it may not be. Raises NotFound."""
        with posting(self._engine, "description") as connection:
            _hold(connection, key)
            found = _one(connection, key, self.ANY)
            allowed(found)
            connection.execute(delete(posted_publisher).where(posted_publisher.c.id == found.id))
            enqueue_event(connection, DELETE, PUBLISHERS, found.id, actor=actor, now=now)


_POSTED = select(posted_publisher.c.id, posted_publisher.c.created_at, literal(False).label("own"))


def _sources(window: Window, catalog: UUID | str | None) -> Iterable[RowSource]:
    posted: Select[Any] = _POSTED
    if catalog != PostedPublishers.ANY:
        posted = posted.where(posted_publisher.c.catalog_id == catalog)
    if not window.everything:
        posted = posted.where(posted_publisher.c.active)
    if catalog is None or catalog == PostedPublishers.ANY:
        yield RowSource(OWN_PUBLISHERS, organization.c.added_at, organization.c.id)
    yield RowSource(posted, posted_publisher.c.created_at, posted_publisher.c.id)


def _publishers(connection: Connection, rows: Iterable[Row[Any]]) -> tuple[Publisher, ...]:
    ids = [(row.id, row.own) for row in rows]
    found = own.publishers(connection, [id for id, ours in ids if ours])
    found |= _posted(connection, [id for id, ours in ids if not ours])
    return tuple(found[id] for id, _ in ids)


def _posted(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Publisher]:
    if not ids:
        return {}
    code: dict[UUID, list[Code]] = {}
    wanted = select(posted_code).where(posted_code.c.publisher_id.in_(ids)).order_by(posted_code.c.url)
    for row in connection.execute(wanted):
        code.setdefault(row.publisher_id, []).append(Code(row.url, row.group, row.created_at, row.updated_at))
    return {
        row.id: Publisher(
            id=row.id,
            description=row.description,
            email=row.email,
            alternative_id=row.alternative_id,
            code=tuple(code[row.id]),
            active=row.active,
            catalog_id=row.catalog_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )
        for row in connection.execute(select(posted_publisher).where(posted_publisher.c.id.in_(ids)))
    }


def _named(key: str) -> Any:
    same = posted_publisher.c.alternative_id == key
    id = parse_id(key)
    return same if id is None else or_(posted_publisher.c.id == id, same)


def _one(connection: Connection, key: str, catalog: UUID | str | None) -> Publisher:
    id = connection.execute(select(posted_publisher.c.id).where(_named(key))).scalar()
    found = _posted(connection, [id]).get(id) if id else None
    if found is None:
        ours = parse_id(key) or own.publisher_id(connection, key)
        found = own.publishers(connection, [ours]).get(ours) if ours else None
    if found is None or catalog not in (PostedPublishers.ANY, found.catalog_id):
        raise NotFound(NAME, key)
    return found


def _hold(connection: Connection, key: str) -> None:
    """Whoever changes the same waits."""
    connection.execute(select(posted_publisher.c.id).where(_named(key)).with_for_update())


def _demand_free(connection: Connection, values: PublisherValues, mine: UUID | None) -> None:
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
            connection.execute(others.where(posted_publisher.c.id == id)).first() or own.publishers(connection, [id])
        ):
            raise AlreadyExists("id", values.alternative_id)
    urls = [url for url, _ in values.code]
    taken = select(posted_code.c.url).where(
        posted_code.c.url.in_(urls), posted_code.c.publisher_id.is_distinct_from(mine)
    )
    if connection.execute(taken).first() or own.projects_at(connection, map(repository_key, urls)):
        raise AlreadyExists("codeHosting.url", "")


def _columns(values: PublisherValues) -> dict[str, Any]:
    return {name: getattr(values, name) for name in ("description", "email", "alternative_id", "active")}


def _keep_code(
    connection: Connection, id: UUID, values: PublisherValues, before: dict[str, Code], now: datetime
) -> None:
    rows = []
    for url, group in dict(values.code).items():
        old = before.get(url)
        same = old is not None and old.group == group
        began = old.created_at if old else now
        rows.append(
            {"url": url, "publisher_id": id, "group": group, "created_at": began,
             "updated_at": old.updated_at if old and same else now}
        )  # fmt: skip
    connection.execute(posted_code.insert(), rows)
