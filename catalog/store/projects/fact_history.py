"""Write facts and the lines of their history: compare what an origin states now with what it stated before.

A fact that is stated again keeps its row. When its value changes, its row is closed and another opened, with one
history line for both; where only a part changed that is no news (`catalog.rules.fields.part_that_is_news`), the row is
overwritten. What an origin states of a project for the first time is one line, and so is what a newer Forge reads in a
commit that was read before.

What a record of the document stated from the start has no row: it stands in the record. A row for each of its keys made
a load three times as slow and the file two and a half times as large (November 2026). It gets a row when it ends.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from catalog.rules.fact import DECLARED, Statement
from catalog.rules.fields import field_of, part_that_is_news, sort_key, value_digest
from catalog.store.core.engine import BATCH
from catalog.tables.core import fact, fact_change

MOST_LINES = 25  # lines of one reading; more are summed up in one line, but for the fields in ALWAYS
ALWAYS_LISTED = frozenset({"license", "license.folder", "name", "repository", "status", "release", "maintenance"})


@dataclass(frozen=True)
class StoredFact:
    """A fact as it was stated so far; `id` is None where the record states it and no row."""

    id: int | None
    field: str
    value: Any
    source: Mapping[str, Any]
    first_seen_at: datetime
    seen_at: datetime

    @classmethod
    def implied(cls, statement: Statement, since: datetime) -> "StoredFact":
        return cls(None, statement.field, statement.value, statement.source, since, since)


@dataclass
class _FactDiff:
    """What changes about one project when an origin states its facts again."""

    first: bool  # nothing was stated before
    touched: list[StoredFact] = field(default_factory=list)  # stated again, as it is
    rewritten: list[tuple[StoredFact, Statement]] = field(default_factory=list)  # the same in essence, stated otherwise
    closed: list[StoredFact] = field(default_factory=list)
    replaced: list[tuple[StoredFact, Statement]] = field(default_factory=list)  # closed, and what is stated instead
    opened: list[Statement] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rewritten or self.closed or self.replaced or self.opened)


def replace_facts(
    connection: Connection,
    origin: str,
    statements: Mapping[UUID, Sequence[Statement]],
    *,
    now: datetime,
    implied: Mapping[UUID, Iterable[StoredFact]] | None = None,
    reread: bool = False,
    touch: bool = True,
) -> set[UUID]:
    """Make these all the facts of this origin about these projects. Returns the projects of which something changed.

    `implied`: what was stated before without a row; a row of the same field takes precedence. `reread`: a newer Forge
    read the same commit, so that nothing about the project changed. `touch`: set `seen_at` of what is stated again to
    `now`.
    """
    changed = set()
    keys = list(statements)
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        rows = _current_rows(connection, origin, batch)
        for key in batch:
            fields = {row.field for row in rows[key]}
            rows[key] += [row for row in (implied or {}).get(key, ()) if row.field not in fields]
        diffs = {key: _diff(rows[key], statements[key]) for key in batch}
        _write(connection, origin, diffs, now, reread=reread, touch=touch and not reread)
        changed |= {key for key, diff in diffs.items() if diff}
    return changed


def close_facts(connection: Connection, origin: str, projects: Sequence[UUID], *, now: datetime) -> None:
    """Close all that this origin stated of these projects (at most BATCH), whose records are gone."""
    still = fact.c.project_id.in_(projects) & (fact.c.origin == origin) & fact.c.until.is_(None)
    connection.execute(update(fact).where(still).values(until=now))


def _current_rows(connection: Connection, origin: str, batch: Sequence[UUID]) -> defaultdict[UUID, list[StoredFact]]:
    query = select(fact.c.project_id, *(fact.c[name] for name in StoredFact.__dataclass_fields__))
    still = query.where(fact.c.project_id.in_(batch), fact.c.origin == origin, fact.c.until.is_(None))
    rows: defaultdict[UUID, list[StoredFact]] = defaultdict(list)
    for row in connection.execute(still.order_by(fact.c.id)):
        rows[row.project_id].append(StoredFact(*row[1:]))
    return rows


def _diff(facts: Sequence[StoredFact], new_statements: Sequence[Statement]) -> _FactDiff:
    diff = _FactDiff(first=not facts)
    before: defaultdict[str, list[StoredFact]] = defaultdict(list)
    for row in facts:
        before[row.field].append(row)
    now: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in new_statements:
        now[statement.field].append(statement)
    for name in sorted(before.keys() | now.keys(), key=sort_key, reverse=True):
        rows, statements = before[name], now[name]
        if len(rows) == len(statements) == 1 and _is_same(rows[0], statements[0]):
            diff.touched.append(rows[0])  # what most of them are, without a digest
        else:
            _match_field(name, rows, statements, diff)
    return diff


def _is_same(row: StoredFact, statement: Statement) -> bool:
    return row.value == statement.value and _is_same_place(row, statement)


def _is_same_place(row: StoredFact, statement: Statement) -> bool:
    return _source_without_commit(row.source) == _source_without_commit(statement.source)


def _match_field(name: str, facts: list[StoredFact], statements: list[Statement], diff: _FactDiff) -> None:
    """Pair what was stated of a field with what is stated now: the same first, then the most similar."""
    for row, statement in _take_pairs(
        facts, statements, lambda statement: (_source_key(statement.source), value_digest(statement.value))
    ):
        if _is_same_place(row, statement):
            diff.touched.append(row)
        else:
            diff.rewritten.append((row, statement))
    # Only its place in the source changed, or only how much it tells: neither is news.
    diff.rewritten += _take_pairs(facts, statements, lambda spoken: value_digest(spoken.value))
    diff.rewritten += _take_pairs(
        facts,
        statements,
        lambda spoken: (_source_key(spoken.source), value_digest(part_that_is_news(name, spoken.value))),
    )
    diff.replaced += _take_pairs(facts, statements, lambda spoken: _source_key(spoken.source))
    if len(facts) == len(statements) == 1 and not field_of(name).each:
        diff.replaced.append((facts.pop(), statements.pop()))
    diff.closed += facts
    diff.opened += statements


def _take_pairs(
    facts: list[StoredFact], statements: list[Statement], key: Callable[[StoredFact | Statement], Hashable]
) -> list[tuple[StoredFact, Statement]]:
    """Take the pairs with the same key out of both lists; where several have it, in their order."""
    if not facts or not statements:
        return []
    waiting: defaultdict[Hashable, list[StoredFact]] = defaultdict(list)
    for row in reversed(facts):
        waiting[key(row)].append(row)
    pairs, unpaired = [], []
    for statement in statements:
        alike = waiting.get(key(statement))
        if alike:
            pairs.append((alike.pop(), statement))
        else:
            unpaired.append(statement)
    left = {id(row) for rows in waiting.values() for row in rows}
    facts[:] = [row for row in facts if id(row) in left]
    statements[:] = unpaired
    return pairs


def _source_key(source: Mapping[str, Any]) -> str:
    """What distinguishes the sources of one field."""
    return str(source.get("file") or source.get("declaration") or "")


def _source_without_commit(source: Mapping[str, Any]) -> dict[str, Any]:
    """The place of a fact in its source. The same bytes seen again in another commit are in the same place."""
    return {key: value for key, value in source.items() if key != "commit"}


def _write(
    connection: Connection, origin: str, diffs: Mapping[UUID, _FactDiff], now: datetime, *, reread: bool, touch: bool
) -> None:
    if touch:
        touched_ids = [row.id for diff in diffs.values() for row in diff.touched]
        _execute_for_ids(connection, update(fact).values(seen_at=now), touched_ids)
    rewritten = [_rewrite_values(*pair) for diff in diffs.values() for pair in diff.rewritten if pair[0].id is not None]
    if rewritten:
        connection.execute(_REWRITE.values(seen_at=now), rewritten)
    ended = [row for diff in diffs.values() for row in (*diff.closed, *(row for row, _ in diff.replaced))]
    _execute_for_ids(connection, update(fact).values(until=now), [row.id for row in ended if field_of(row.field).kept])
    _execute_for_ids(connection, delete(fact), [row.id for row in ended if not field_of(row.field).kept])

    opening: list[tuple[StoredFact | Statement, dict[str, Any]]] = []
    for key, diff in diffs.items():
        about = {"project_id": key, "origin": origin}
        for row in (*diff.closed, *(row for row, _ in diff.replaced)):
            if row.id is None and field_of(row.field).kept:
                opening.append((row, about | _row_values(row) | {"until": now}))
        for statement in (*diff.opened, *(statement for _, statement in diff.replaced)):
            opening.append(
                (statement, about | _row_values(statement) | {"first_seen_at": now, "seen_at": now, "until": None})
            )
    ids: dict[int, int] = {}
    if opening and origin != DECLARED and all(diff.first for diff in diffs.values()):
        connection.execute(insert(fact), [row for _, row in opening])
    elif opening:
        # RETURNING in the order of the rows would make SQLAlchemy send them to SQLite one by one.
        names = ("project_id", "field", "until", "source", "value")
        returning_insert = insert(fact).returning(fact.c.id, *(fact.c[name] for name in names))
        numbers = {
            _identity(*row[1:]): row.id for row in connection.execute(returning_insert, [row for _, row in opening])
        }
        ids = {id(opened): numbers[_identity(*(row[name] for name in names))] for opened, row in opening}
    about_lines = [
        {"project_id": key, "origin": origin, "at": now} | line
        for key, diff in diffs.items()
        for line in _history_lines(origin, diff, ids, reread)
    ]
    if about_lines:
        connection.execute(insert(fact_change), about_lines)


def _identity(project_id: UUID, name: str, until: datetime | None, source: Any, value: Any) -> Hashable:
    """What distinguishes the rows of one insert; two rows with the same content may be swapped."""
    return (project_id, name, until is None, value_digest([source, value]))


def _execute_for_ids(connection: Connection, statement: Any, ids: Sequence[int | None]) -> None:
    numbers = [row_id for row_id in ids if row_id is not None]
    for start in range(0, len(numbers), BATCH):
        connection.execute(statement.where(fact.c.id.in_(numbers[start : start + BATCH])))


_REWRITE = (
    update(fact)
    .where(fact.c.id == bindparam("row"))
    .values({name: bindparam(f"new_{name}") for name in ("value", "source")})
)


def _rewrite_values(row: StoredFact, statement: Statement) -> dict[str, Any]:
    return {"row": row.id, "new_value": statement.value, "new_source": dict(statement.source)}


def _row_values(statement: StoredFact | Statement) -> dict[str, Any]:
    row = {"field": statement.field, "value": statement.value, "source": dict(statement.source)}
    if isinstance(statement, Statement):
        return row
    return row | {"first_seen_at": statement.first_seen_at, "seen_at": statement.seen_at}


def _history_lines(origin: str, diff: _FactDiff, ids: Mapping[int, int], reread: bool) -> list[dict[str, Any]]:
    """The lines that a diff adds to a project's history, each without project, origin and time.

    Newest lines are read first: the most important field is written last. Each submission is news, also the first.
    """
    if diff.first and origin != DECLARED:
        return _summary_line("first", len(diff.opened))
    changes: list[tuple[StoredFact | None, Statement | None]] = [
        *((row, None) for row in diff.closed),
        *((None, statement) for statement in diff.opened),
        *diff.replaced,
    ]
    lines = []
    for row, statement in changes:
        name = row.field if row is not None else statement.field if statement is not None else ""
        if field_of(name).kept:
            lines.append(
                {
                    "kind": "appeared" if row is None else "vanished" if statement is None else "changed",
                    "field": name,
                    "before_id": (row.id or ids[id(row)]) if row is not None else None,
                    "after_id": ids[id(statement)] if statement is not None else None,
                    "facts": 1,
                    "news": True,
                }
            )
    if reread:
        return _summary_line("reread", len(lines))
    if origin != DECLARED and not (diff.touched or diff.rewritten or diff.replaced or diff.opened):
        return _summary_line("ended", len(lines))
    if len(lines) > MOST_LINES:
        own = [line for line in lines if line["field"] in ALWAYS_LISTED][:MOST_LINES]
        return _summary_line("many", len(lines) - len(own), news=True) + own
    return sorted(lines, key=lambda line: sort_key(str(line["field"])), reverse=True)


def _summary_line(kind: str, facts: int, *, news: bool = False) -> list[dict[str, Any]]:
    line = {"kind": kind, "field": "", "before_id": None, "after_id": None, "facts": facts, "news": news}
    return [line] if facts else []
