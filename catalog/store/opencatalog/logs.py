"""What crawlers log about their runs, and bundles of software, as the Open Catalog API lists them. It reads no project:
which software may be shown is decided in `catalog.store.opencatalog.software`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, and_, delete, or_, select, update

from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.rules.open_catalog import BUNDLES, CREATE, DELETE, SOFTWARE, UPDATE
from catalog.store.core.engine import reading, writing
from catalog.store.core.visibility import CLOSED
from catalog.store.opencatalog.pagination import Page, RowSource, Window, page
from catalog.store.opencatalog.software import shown_ids
from catalog.store.opencatalog.webhooks import enqueue_event, posting
from catalog.tables.opencatalog import posted_bundle, posted_log

LOG, BUNDLE = "Log", "Bundle"
_SHOWN = or_(
    posted_log.c.record_id.is_(None), and_(posted_log.c.record_id.not_in(CLOSED), posted_log.c.kind.is_not(None))
)


@dataclass(frozen=True)
class Log:
    """`kind` and `record_id`: what it is about; None where it is about nothing that is kept."""

    id: UUID
    message: str
    kind: str | None
    record_id: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class BundleValues:
    name: str
    description: str | None
    software_ids: tuple[UUID, ...]
    active: bool


@dataclass(frozen=True)
class Bundle(BundleValues):
    id: UUID
    created_at: datetime
    updated_at: datetime


class PostedLogs:
    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, window: Window, *, kind: str | None = None, record_id: UUID | None = None, search: str = "",
             exactly: str = "") -> tuple[tuple[Log, ...], Page]:  # fmt: skip
        """Logs about a record, or all; whose message holds `search`, without case, or is `exactly` this."""
        wanted = select(posted_log).where(_SHOWN)
        if record_id is not None:
            wanted = wanted.where(posted_log.c.kind == kind, posted_log.c.record_id == record_id)
        if search:
            wanted = wanted.where(posted_log.c.lowered.contains(search.lower(), autoescape=True))
        if exactly:
            wanted = wanted.where(posted_log.c.message == exactly)
        with reading(self._engine) as connection:
            found = page(connection, window, RowSource(wanted, posted_log.c.created_at, posted_log.c.id))
        return tuple(_log(row) for row in found.rows), found

    def get(self, id: UUID) -> Log:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _one_log(connection, id)

    def add(self, message: str, *, kind: str | None, record_id: UUID | None, now: datetime) -> Log:
        made = Log(uuid4(), message, kind, record_id, now, now)
        with writing(self._engine) as connection:
            connection.execute(posted_log.insert().values(**vars(made), lowered=message.lower()))
        return made

    def change(self, id: UUID, message: str, *, now: datetime) -> Log:
        """Raises NotFound."""
        with writing(self._engine) as connection:
            _one_log(connection, id)
            changed = {"message": message, "lowered": message.lower(), "updated_at": now}
            connection.execute(update(posted_log).where(posted_log.c.id == id).values(**changed))
            return _one_log(connection, id)

    def remove(self, id: UUID) -> None:
        """Raises NotFound."""
        with writing(self._engine) as connection:
            _one_log(connection, id)
            connection.execute(delete(posted_log).where(posted_log.c.id == id))

    def forget(self, before: datetime) -> int:
        """Logs of before this time are deleted; how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(posted_log).where(posted_log.c.created_at < before)).rowcount)


class PostedBundles:
    """Bundles name software. What may not be shown, or is gone, is left out as it is read: none may be left.

    A bundle without software is renamed and filled like any other. Software that is hidden for a while stays in the
    row, so that it comes back with its project.
    """

    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, window: Window) -> tuple[tuple[Bundle, ...], Page]:
        wanted = select(posted_bundle)
        if not window.everything:
            wanted = wanted.where(posted_bundle.c.active)
        with reading(self._engine) as connection:
            found = page(connection, window, RowSource(wanted, posted_bundle.c.created_at, posted_bundle.c.id))
            bundles = [_bundle(row) for row in found.rows]
            shown = shown_ids(connection, sorted({id for bundle in bundles for id in bundle.software_ids}, key=str))
        return tuple(_of_shown(bundle, shown) for bundle in bundles), found

    def get(self, id: UUID) -> Bundle:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _one_bundle(connection, id)

    def add(self, values: BundleValues, *, actor: str | None, now: datetime) -> Bundle:
        """Raises AlreadyExists for a name that is taken, Invalid for software that is not here."""
        made = Bundle(**vars(values), id=uuid4(), created_at=now, updated_at=now)
        with posting(self._engine, "name") as connection:
            _demand(connection, values, None)
            dates = {"created_at": now, "updated_at": now}
            connection.execute(posted_bundle.insert().values(id=made.id, **dates, **_columns(values)))
            enqueue_event(connection, CREATE, BUNDLES, made.id, actor=actor, now=now)
        return made

    def change(self, id: UUID, change: Callable[[Bundle], BundleValues], *, actor: str | None, now: datetime) -> Bundle:
        """Keep what `change` makes of it; where that is the software that it was shown, what was left out stays too.

        Raises NotFound, AlreadyExists, Invalid, and what `change` raises.
        """
        with posting(self._engine, "name") as connection:
            connection.execute(select(posted_bundle.c.id).where(posted_bundle.c.id == id).with_for_update())
            before = _one_bundle(connection, id)
            values = change(before)
            _demand(connection, values, id)
            columns = _columns(values)
            if values.software_ids == before.software_ids:
                del columns["software_ids"]
            this = posted_bundle.c.id == id
            connection.execute(update(posted_bundle).where(this).values(**columns, updated_at=now))
            enqueue_event(connection, UPDATE, BUNDLES, id, actor=actor, now=now)
            return _one_bundle(connection, id)

    def remove(self, id: UUID, *, actor: str | None, now: datetime) -> None:
        """Raises NotFound."""
        with writing(self._engine) as connection:
            _one_bundle(connection, id)
            connection.execute(delete(posted_bundle).where(posted_bundle.c.id == id))
            enqueue_event(connection, DELETE, BUNDLES, id, actor=actor, now=now)


def _log(row: Row[Any]) -> Log:
    return Log(**{name: getattr(row, name) for name in Log.__dataclass_fields__})


def _one_log(connection: Connection, id: UUID) -> Log:
    row = connection.execute(select(posted_log).where(posted_log.c.id == id, _SHOWN)).first()
    if row is None:
        raise NotFound(LOG, str(id))
    return _log(row)


def _bundle(row: Row[Any]) -> Bundle:
    kept = {name: getattr(row, name) for name in Bundle.__dataclass_fields__}
    return Bundle(**kept | {"software_ids": tuple(UUID(key) for key in row.software_ids)})


def _one_bundle(connection: Connection, id: UUID) -> Bundle:
    row = connection.execute(select(posted_bundle).where(posted_bundle.c.id == id)).first()
    if row is None:
        raise NotFound(BUNDLE, str(id))
    found = _bundle(row)
    return _of_shown(found, shown_ids(connection, found.software_ids))


def _of_shown(bundle: Bundle, shown: set[UUID]) -> Bundle:
    return replace(bundle, software_ids=tuple(id for id in bundle.software_ids if id in shown))


def _demand(connection: Connection, values: BundleValues, mine: UUID | None) -> None:
    same = select(posted_bundle.c.id).where(posted_bundle.c.name == values.name)
    if connection.execute(same.where(posted_bundle.c.id.is_distinct_from(mine))).first():
        raise AlreadyExists("name", "")
    missing = set(values.software_ids) - shown_ids(connection, values.software_ids)
    if missing:
        raise Invalid({"softwareIds": f"There is no {SOFTWARE} {min(map(str, missing))}."})


def _columns(values: BundleValues) -> dict[str, Any]:
    ids = [str(key) for key in dict.fromkeys(values.software_ids)]
    return {"name": values.name, "description": values.description, "active": values.active, "software_ids": ids}
