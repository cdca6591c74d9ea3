"""Facts and the lines of their history, written: what is said now beside what was said before. What it means is
`facts`'.

A fact that is said again keeps its row. One that says something else is closed and another opened, with one line for
both; where only a part changed that is no news (`essence`), the row is written over. What an origin says of a project
for the first time is one line, and so is what a newer Forge reads in the commit that it had read before.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from catalog.facts import FIELDS, HIDDEN, Field, Statement, digest, essence
from catalog.schema import fact, fact_change
from catalog.store.database import BATCH

MANY = 25  # lines of one reading; more are told as one, but for what has a line of its own always
ALWAYS = frozenset({"license", "license.folder", "name", "repository", "status", "release", "maintenance"})
_OTHER = Field("structure")


@dataclass
class _Turn:
    """What one project's facts of one origin need to say the new statements."""

    touched: list[int] = field(default_factory=list)  # said again, as they are
    rewritten: list[dict[str, Any]] = field(default_factory=list)  # the row stays, its value or source is another
    closed: list[Row[Any]] = field(default_factory=list)
    replaced: list[tuple[Row[Any], Statement]] = field(default_factory=list)  # closed, and what is said instead
    opened: list[Statement] = field(default_factory=list)
    first: bool = False

    @property
    def shown(self) -> bool:
        """Whether anything public became another."""
        return (
            any(row["new_public"] or row["was_public"] for row in self.rewritten)
            or any(row.public for row in self.closed)
            or any(row.public or _public(one) for row, one in self.replaced)
            or any(_public(one) for one in self.opened)
        )


def say(
    connection: Connection,
    origin: str,
    said: Mapping[UUID, Sequence[Statement]],
    *,
    now: datetime,
    known: bool = True,
    reread: bool = False,
) -> set[UUID]:
    """Make these the facts of this origin about these projects; the projects of which something public changed.

    `known`: whether any of them may have facts already. `reread`: the same source was read by other eyes, so that
    nothing about the project changed. Statements that are said again are seen at `now`, unless nothing new was read.
    """
    changed = set()
    keys = list(said)
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        rows = _open_rows(connection, origin, batch) if known else {}
        turns = {key: _turn(rows.get(key, ()), said[key]) for key in batch}
        _write(connection, origin, turns, now=now, reread=reread)
        changed |= {key for key, one in turns.items() if one.shown}
    return changed


def end(connection: Connection, origin: str, projects: Iterable[UUID], *, now: datetime) -> None:
    """This origin says nothing of these projects any more."""
    say(connection, origin, dict.fromkeys(projects, ()), now=now)


def _open_rows(connection: Connection, origin: str, batch: Sequence[UUID]) -> dict[UUID, list[Row[Any]]]:
    wanted = select(fact).where(fact.c.project_id.in_(batch), fact.c.origin == origin, fact.c.until.is_(None))
    found: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(wanted.order_by(fact.c.id)):
        found[row.project_id].append(row)
    return found


def _turn(rows: Sequence[Row[Any]], said: Sequence[Statement]) -> _Turn:
    turn = _Turn(first=not rows)
    if not rows:
        turn.opened = list(said)
        return turn
    left: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        left[row.field].append(row)
    new: defaultdict[str, list[Statement]] = defaultdict(list)
    for one in said:
        new[one.field].append(one)
    for name in left.keys() | new.keys():
        _match(name, left[name], new[name], turn)
    return turn


def _match(name: str, rows: list[Row[Any]], said: list[Statement], turn: _Turn) -> None:
    """Pair what was said of a field with what is said now: the same first, then what is most alike."""
    same = _paired(rows, said, lambda row: (row.source_key, row.digest), lambda one: (_key(one), digest(one.value)))
    # Only where it stands is another, or only how much it tells: neither is news.
    moved = _paired(rows, said, lambda row: row.digest, lambda one: digest(one.value))
    grown = _paired(
        rows,
        said,
        lambda row: (row.source_key, digest(essence(name, row.value))),
        lambda one: (_key(one), digest(essence(name, one.value))),
    )
    for row, one in same:
        if row.public == _public(one) and _place(row.source) == _place(one.source):
            turn.touched.append(row.id)
        else:
            turn.rewritten.append(_rewritten(row, one))
    turn.rewritten += [_rewritten(row, one) for row, one in (*moved, *grown)]
    turn.replaced += _paired(rows, said, lambda row: row.source_key, _key)
    if len(rows) == len(said) == 1 and not _rule(name).each:
        turn.replaced.append((rows.pop(), said.pop()))
    turn.closed += rows
    turn.opened += said


def _paired(rows: list[Row[Any]], said: list[Statement], of_row: Any, of_one: Any) -> list[tuple[Row[Any], Statement]]:
    """The pairs with the same key, taken out of both lists."""
    waiting: defaultdict[Any, list[Row[Any]]] = defaultdict(list)
    for row in reversed(rows):
        waiting[of_row(row)].append(row)
    pairs, unpaired = [], []
    for one in said:
        alike = waiting.get(of_one(one))
        if alike:
            pairs.append((alike.pop(), one))
        else:
            unpaired.append(one)
    taken = {row.id for row, _ in pairs}
    rows[:] = [row for row in rows if row.id not in taken]
    said[:] = unpaired
    return pairs


def _place(source: Mapping[str, Any]) -> dict[str, Any]:
    """Where it stands. The commit in which the same bytes were seen again is another way to the same place."""
    return {key: one for key, one in source.items() if key != "commit"}


def _write(connection: Connection, origin: str, turns: Mapping[UUID, _Turn], *, now: datetime, reread: bool) -> None:
    touched = [one for turn in turns.values() for one in turn.touched]
    if not reread:
        _each(connection, update(fact).values(seen_at=now), touched)
    rewritten = [row | {"new_seen_at": now} for turn in turns.values() for row in turn.rewritten]
    if rewritten:
        connection.execute(_REWRITE, rewritten)
    closed = [row for turn in turns.values() for row in (*turn.closed, *(row for row, _ in turn.replaced))]
    _each(connection, update(fact).values(until=now), [row.id for row in closed if _rule(row.field).kept])
    _each(connection, delete(fact), [row.id for row in closed if not _rule(row.field).kept])
    rows = [
        {"project_id": key, **_values(one)}
        for key, turn in turns.items()
        for one in (*turn.opened, *(one for _, one in turn.replaced))
    ]
    opening = insert(fact).values(origin=origin, first_seen_at=now, seen_at=now)
    fresh = all(turn.first for turn in turns.values())
    ids: dict[tuple[Any, ...], int] = {}
    if rows and fresh:
        connection.execute(opening, rows)
    elif rows:
        told = opening.returning(fact.c.id, fact.c.project_id, fact.c.field, fact.c.source_key, fact.c.digest)
        ids = {tuple(row[1:]): row.id for row in connection.execute(told, rows)}
    lines = [
        {"project_id": key, "origin": origin, "at": now} | line
        for key, turn in turns.items()
        for line in _lines(key, turn, ids, reread)
    ]
    if lines:
        connection.execute(insert(fact_change), lines)


def _each(connection: Connection, statement: Any, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), BATCH):
        connection.execute(statement.where(fact.c.id.in_(ids[start : start + BATCH])))


_REWRITE = (
    update(fact)
    .where(fact.c.id == bindparam("row"))
    .values(
        {name: bindparam(f"new_{name}") for name in ("value", "digest", "source", "source_key", "public", "seen_at")}
    )
)


def _rewritten(row: Row[Any], one: Statement) -> dict[str, Any]:
    given = {f"new_{name}": value for name, value in _values(one).items() if name != "field"}
    return given | {"row": row.id, "was_public": row.public}


def _lines(key: UUID, turn: _Turn, ids: Mapping[tuple[Any, ...], int], reread: bool) -> list[dict[str, Any]]:
    """The lines of a project's history that one saying adds, each without project, origin and time."""
    if turn.first:
        return _summary("first", sum(map(_public, turn.opened)))
    lines = []
    for row, one in (
        *((row, None) for row in turn.closed),
        *turn.replaced,
        *((None, one) for one in turn.opened),
    ):
        name = row.field if row is not None else one.field if one is not None else ""
        before = row.id if row is not None and row.public else None
        after = ids[(key, name, _key(one), digest(one.value))] if one is not None and _public(one) else None
        if _rule(name).kept and (before or after):
            kind = "changed" if before and after else "appeared" if after else "vanished"
            lines.append(
                {"kind": kind, "field": name, "before_id": before, "after_id": after, "facts": 1, "news": True}
            )
    if reread:
        return _summary("reread", len(lines))
    if not (turn.touched or turn.rewritten or turn.replaced or turn.opened):
        return _summary("ended", len(lines))
    if len(lines) > MANY:
        own = [line for line in lines if line["field"] in ALWAYS]
        return own[:MANY] + _summary("many", len(lines) - len(own[:MANY]), news=True)
    return sorted(lines, key=lambda line: _ORDER.get(line["field"], 0), reverse=True)


# Newest lines are read first: what matters most is written last.
_ORDER = {name: place for place, name in enumerate(FIELDS)}


def _summary(kind: str, facts: int, *, news: bool = False) -> list[dict[str, Any]]:
    line = {"kind": kind, "field": "", "before_id": None, "after_id": None, "facts": facts, "news": news}
    return [line] if facts else []


def _values(one: Statement) -> dict[str, Any]:
    return {
        "field": one.field,
        "value": one.value,
        "digest": digest(one.value),
        "source": dict(one.source),
        "source_key": _key(one),
        "public": _public(one),
    }


def _public(one: Statement) -> bool:
    return one.public and one.field not in HIDDEN


def _rule(name: str) -> Field:
    return FIELDS.get(name, _OTHER)


def _key(one: Statement) -> str:
    """What tells the sources of one field apart: a path may be longer than an index bears, and hold any bytes."""
    named = one.source.get("file") or one.source.get("declaration")
    return hashlib.blake2b(str(named).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest() if named else ""
