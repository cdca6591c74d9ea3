"""Pages of a list in the order of creation.

A page begins after a cursor, the time and the identity of a row, and never at an offset: rows that are added meanwhile
move nothing, and each row is listed once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Select, and_, or_

Mark = tuple[datetime, UUID]


@dataclass(frozen=True)
class Window:
    """What of a list is wanted: at most `size` rows behind `after` or before `before` (`after` wins), created later
    than `since` and earlier than `until`."""

    size: int
    after: Mark | None = None
    before: Mark | None = None
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime, id: UUID) -> bool:
        """Whether what was created then, with this identity, is within it."""
        earliest, latest = self.since is None or at > self.since, self.until is None or at < self.until
        if mark := self.after or self.before:
            return earliest and latest and ((at, id) > mark if self.after else (at, id) < mark)
        return earliest and latest


@dataclass(frozen=True)
class Page:
    """Rows with `id` and `created_at`, in the order of the list; whether there are some before and behind them."""

    rows: Sequence[Any]
    earlier: bool
    later: bool


def page(
    connection: Connection, window: Window, statement: Select[Any], time: Column[Any], identity: Column[Any]
) -> Page:
    """The page of the rows of `statement`, which were created at `time`."""
    backwards = window.after is None and window.before is not None
    if window.since is not None:
        statement = statement.where(time > window.since)
    if window.until is not None:
        statement = statement.where(time < window.until)
    if mark := window.after or window.before:
        at, id = mark
        beyond, tied = (time < at, identity < id) if backwards else (time > at, identity > id)
        statement = statement.where(or_(beyond, and_(time == at, tied)))
    order = (time.desc(), identity.desc()) if backwards else (time, identity)
    rows = connection.execute(statement.order_by(*order).limit(window.size + 1)).all()
    more, rows = len(rows) > window.size, rows[: window.size]
    if backwards:
        return Page(rows[::-1], earlier=more, later=bool(rows))
    return Page(rows, earlier=window.after is not None and bool(rows), later=more)
