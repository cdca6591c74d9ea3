"""Logs of crawlers about their runs, as the Open Catalog API lists them: about software, a catalog, or nothing that is
kept. They make no events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select

from catalog.store.core.engine import writing
from catalog.store.core.visibility import CLOSED
from catalog.store.opencatalog.pagination import ConstantEntry, RowSource, Window
from catalog.store.opencatalog.records import PostedRecords, columns_of
from catalog.tables.opencatalog import posted_log


@dataclass(frozen=True)
class LogValues:
    """`kind` and `record_id`: what it is about; None where it is about nothing that is kept."""

    message: str
    kind: str | None
    record_id: UUID | None


@dataclass(frozen=True)
class Log(LogValues):
    id: UUID
    created_at: datetime
    updated_at: datetime


class PostedLogs(PostedRecords[LogValues, Log]):
    """A page's `kind` and `record_id`: of logs about this record; `search`: whose message holds it, without case;
    `exactly`: whose message is this."""

    noun, kind, table = "Log", None, posted_log

    def _sources(self, connection: Connection, window: Window, **wanted: Any) -> Iterable[RowSource | ConstantEntry]:
        logs = select(posted_log).where(_SHOWN)
        if wanted.get("record_id") is not None:
            logs = logs.where(posted_log.c.kind == wanted["kind"], posted_log.c.record_id == wanted["record_id"])
        if search := wanted.get("search"):
            logs = logs.where(posted_log.c.lowered.contains(search.lower(), autoescape=True))
        if exactly := wanted.get("exactly"):
            logs = logs.where(posted_log.c.message == exactly)
        yield RowSource(logs, posted_log.c.created_at, posted_log.c.id)

    def _read(self, connection: Connection, rows: Iterable[Any]) -> Iterable[Log]:
        return [Log(**columns_of(row, Log)) for row in rows]

    def _has_key(self, key: str) -> ColumnElement[bool]:
        return and_(super()._has_key(key), _SHOWN)

    def _columns(self, values: LogValues, before: Log | None = None) -> Mapping[str, Any]:
        return {**vars(values), "lowered": values.message.lower()}

    def forget(self, before: datetime) -> int:
        """Delete logs of before this time; how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(posted_log).where(posted_log.c.created_at < before)).rowcount)


_SHOWN = or_(
    posted_log.c.record_id.is_(None), and_(posted_log.c.record_id.not_in(CLOSED), posted_log.c.kind.is_not(None))
)
