"""Pages of a list in the order of creation, whatever tables its rows come from.

A page begins after a cursor, the time and the identity of a row, and never at an offset: rows that are added meanwhile
move nothing, and each row is listed once.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, or_

Mark = tuple[datetime, UUID]
Rows = Sequence[Row[Any]]


@dataclass(frozen=True)
class Window:
    """What of a list is wanted: at most `size` rows behind `after` or before `before` (`after` wins), created later
    than `since` and earlier than `until`; `everything`: also what is not active."""

    size: int
    after: Mark | None = None
    before: Mark | None = None
    since: datetime | None = None
    until: datetime | None = None
    everything: bool = False
    newest_first: bool = False

    @property
    def mark(self) -> Mark | None:
        return self.after or self.before

    @property
    def backwards(self) -> bool:
        return self.after is None and self.before is not None

    @property
    def falling(self) -> bool:
        """Whether the walk leads to earlier rows: the list's order, or against it."""
        return self.newest_first != self.backwards


@dataclass(frozen=True)
class Page:
    """Rows in the order of the list; whether there are some before and behind them."""

    rows: tuple[Any, ...]  # each with `id`, `created_at`, and whether it is `own`
    earlier: bool
    later: bool


@dataclass(frozen=True)
class RowSource:
    """Rows of one table: `statement` gives at least `id` and `created_at`; `kept` drops those that are not shown."""

    statement: Select[Any]
    at: Column[Any]
    id: Column[Any]
    kept: Callable[[Rows], Rows] = lambda rows: rows


class Fixed(NamedTuple):
    """A member of a list that no table holds."""

    id: UUID
    created_at: datetime
    own: bool = True


def page(connection: Connection, window: Window, *sources: RowSource | Fixed) -> Page:
    """The page of a list that is made of several sources, in any order."""
    walks: list[Iterator[Any]] = [
        _walked(connection, source, window)
        if isinstance(source, RowSource)
        else iter([source] if _within(source, window) else [])
        for source in sources
    ]
    merged = heapq.merge(*walks, key=_key, reverse=window.falling)
    found = list(islice(merged, window.size + 1))
    more, found = len(found) > window.size, found[: window.size]
    if window.backwards:
        return Page(tuple(reversed(found)), more, bool(found))
    return Page(tuple(found), window.after is not None and bool(found), more)


def _walked(connection: Connection, source: RowSource, window: Window) -> Iterator[Row[Any]]:
    mark, statement = window.mark, source.statement
    if window.since is not None:
        statement = statement.where(source.at > window.since)
    if window.until is not None:
        statement = statement.where(source.at < window.until)
    order = (source.at.desc(), source.id.desc()) if window.falling else (source.at, source.id)
    statement = statement.order_by(*order).limit(window.size + 1)
    while True:
        here = statement if mark is None else statement.where(_behind(source, mark, window.falling))
        found = connection.execute(here).all()
        yield from source.kept(found)
        if len(found) <= window.size:
            return
        mark = (found[-1].created_at, found[-1].id)


def _key(row: Any) -> tuple[datetime, str]:
    return row.created_at, row.id.hex


def _within(member: Fixed, window: Window) -> bool:
    if (window.since and member.created_at <= window.since) or (window.until and member.created_at >= window.until):
        return False
    mark = window.mark and (window.mark[0], window.mark[1].hex)
    return mark is None or (_key(member) < mark if window.falling else _key(member) > mark)


def _behind(source: RowSource, mark: Mark, falling: bool) -> ColumnElement[bool]:
    at, id = mark
    if falling:
        return or_(source.at < at, and_(source.at == at, source.id < id))
    return or_(source.at > at, and_(source.at == at, source.id > id))
