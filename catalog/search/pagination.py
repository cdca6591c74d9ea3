"""Continue a list of results after a place, so that a list read in parts has each project once while others are added.

A place is a value of the sort order and an identity, never a number of results: what is added before it moves nothing.
Where words are searched for, the scores of all records shift with each record that is added; there a place is the
marks of what was given already, and the list ends after `MAX_RESULTS_BY_TEXT`. One call reads one commit of the index.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import tantivy
from annotated_types import Ge, Lt
from tantivy import Occur, Order

from catalog.search import index_document, query_builder
from catalog.search.results import MAX_PER_PAGE, SearchQuery, find_projects
from catalog.search.snapshot import IndexSnapshot
from catalog.validation import Pattern

MAX_RESULTS_BY_TEXT = 300  # results of a query with words
MARK_CHARACTERS = 6  # of an identity in base64: two of 300 are equal in one of some million lists
_Unsigned = Annotated[int, Ge(0), Lt(1 << 64)]
_NUMBERS = {"best": "rank", "uses": "used", "recent": "recent"}
_FEW = 50  # further results that are read at once in the order by name


@dataclass(frozen=True)
class ListPlace:
    """Where a list continues. `value` and `id_high` are the last project's; `near`: about how many stand before it;
    `seen`: for a query with words, the marks of all projects that were given."""

    value: _Unsigned | str = 0
    id_high: _Unsigned = 0
    near: _Unsigned = 0
    seen: Annotated[str, Pattern(f"^([A-Za-z0-9_-]{{{MARK_CHARACTERS}}}){{0,{MAX_RESULTS_BY_TEXT}}}$")] = ""


@dataclass(frozen=True)
class ListPart:
    """A part of a list. `total` counts all that match; `next` is None at the end."""

    total: int
    ids: list[UUID]
    next: ListPlace | None


@dataclass(frozen=True)
class _Position:
    value: Any
    high: int
    low: int


def list_part(
    opened: IndexSnapshot, query: SearchQuery, after: ListPlace | None, limit: int, now: datetime
) -> ListPart:
    """At most `limit` projects after the place `after`, in the order of `query`, whose page number is ignored."""
    if query.text.strip():
        return _by_text(opened, query, after or ListPlace(), limit, now)
    filters = {name: values for name, values in query.filters.items() if values}
    records = query_builder.text_and_filters_query(
        opened.schema, None, query_builder.filter_queries(opened.schema, filters, now)
    )
    by_name = query.sort == "name"
    positions = (_by_name if by_name else _by_number)(opened, records, query.sort, after, limit + 1)
    places, near = positions[:limit], (after.near if after else 0) + limit
    last = ListPlace(places[-1].value, places[-1].high, near) if len(positions) > limit else None
    ids = index_document.ids_from_halves([position.high for position in places], [position.low for position in places])
    return ListPart(opened.count(records), ids, last)


def project_mark(key: UUID) -> str:
    """The characters by which a place remembers a project that was given."""
    return base64.urlsafe_b64encode(key.bytes).decode()[:MARK_CHARACTERS]


def _by_text(opened: IndexSnapshot, query: SearchQuery, after: ListPlace, limit: int, now: datetime) -> ListPart:
    marks = [after.seen[at : at + MARK_CHARACTERS] for at in range(0, len(after.seen), MARK_CHARACTERS)]
    seen_marks, fresh, page = set(marks), list[UUID](), 1
    while True:
        result = find_projects(opened, replace(query, page=page, per_page=MAX_PER_PAGE), now)
        fresh += [project_id for project_id in result.ids if project_mark(project_id) not in seen_marks]
        page += 1
        skipped = (page - 1) * MAX_PER_PAGE
        if len(fresh) > limit or skipped >= result.total or skipped >= len(marks) + MAX_RESULTS_BY_TEXT:
            break
    ids = fresh[: min(limit, MAX_RESULTS_BY_TEXT - len(marks))]
    at_end = len(fresh) <= len(ids) or len(marks) + len(ids) >= MAX_RESULTS_BY_TEXT
    given_marks = after.seen + "".join(project_mark(project_id) for project_id in ids)
    return ListPart(result.total, ids, None if at_end else ListPlace(seen=given_marks))


def _by_number(
    opened: IndexSnapshot, records: tantivy.Query, sort: str, after: ListPlace | None, limit: int
) -> list[_Position]:
    """A part of a list that is sorted by a number, the highest first, then by identity."""
    field = _NUMBERS[sort]
    positions: list[_Position] = []
    below: int | None = None
    if after is not None:
        below = int(after.value)
        positions = _tied(opened, records, field, below, after.id_high, limit)
    if len(positions) < limit and below != 0:
        parts = [records] if below is None else [records, _range(opened, field, None, below - 1)]
        more = _search(opened, _all(parts), limit - len(positions), field, 0, Order.Desc)
        if more:  # the engine does not order equal values: all with the last value are read again, by identity
            last = more[-1].value
            higher = sorted(
                (position for position in more if position.value != last),
                key=lambda position: (-position.value, position.high),
            )
            positions += higher
            positions += _tied(opened, records, field, last, None, limit - len(positions))
    return positions


def _tied(
    opened: IndexSnapshot, records: tantivy.Query, field: str, value: int, beyond: int | None, limit: int
) -> list[_Position]:
    parts = [records, _range(opened, field, value, value)]
    if beyond is not None:
        if beyond >= 2**64 - 1:
            return []
        parts.append(_range(opened, "id_high", beyond + 1, None))
    positions = _search(opened, _all(parts), limit, "id_high", 0, Order.Asc)
    return [replace(position, value=value) for position in positions]


def _by_name(
    opened: IndexSnapshot, records: tantivy.Query, sort: str, after: ListPlace | None, limit: int
) -> list[_Position]:
    """A part of a list that is sorted by name, then by identity. The engine takes no range of texts, so the place is
    looked for from where it was before."""

    def at(start: int, most: int) -> list[_Position]:
        return _search(opened, records, most, "title", start, Order.Asc)

    start = 0
    if after is not None:
        start = _first_not_before(at, str(after.value), after.near, opened.count(records))
    positions: list[_Position] = []
    while True:
        places = at(start, limit + _FEW)
        positions += [
            position
            for position in places
            if after is None or (position.value, position.high) > (after.value, after.id_high)
        ]  # fmt: skip
        start += len(places)
        # More results may have the same name as the last one.
        whole = len(positions) > limit and positions[limit - 1].value != positions[-1].value
        if whole or not places:
            return sorted(positions, key=lambda position: (position.value, position.high))[:limit]


def _first_not_before(at: Any, value: str, near: int, total: int) -> int:
    """The place of the first name that is not before `value`, looked for around `near`."""

    def before(place: int) -> bool:
        positions = at(place, 1)
        return bool(positions) and positions[0].value < value

    low, high, step = 0, total, 1
    place = min(max(near - 1, 0), total)
    while 0 < place < total and low < high:
        if before(place):
            low, place = place + 1, min(total, place + step)
            if place >= high:
                break
        else:
            high, place = place, max(0, place - step)
            if place < low:
                break
        step *= 2
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if before(middle) else (low, middle)
    return low


def _search(
    opened: IndexSnapshot, query: tantivy.Query, limit: int, field: str, offset: int, order: Order
) -> list[_Position]:
    if limit <= 0:
        return []
    offset = min(offset, opened.searcher.num_docs)
    hits = opened.searcher.search(query, limit, False, field, offset, order).hits
    places = [place for _, place in hits]
    if not places:
        return []
    halves = [opened.searcher.fast_field_values(half, places) for half in ("id_high", "id_low")]
    return [_Position(value, high, low) for (value, _), high, low in zip(hits, *halves, strict=True)]


def _range(opened: IndexSnapshot, field: str, lower: int | None, upper: int | None) -> tantivy.Query:
    return tantivy.Query.range_query(opened.schema, field, tantivy.FieldType.Unsigned, lower, upper)


def _all(parts: Sequence[tantivy.Query]) -> tantivy.Query:
    return parts[0] if len(parts) == 1 else tantivy.Query.boolean_query([(Occur.Must, part) for part in parts])
