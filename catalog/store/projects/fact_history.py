"""Facts and the lines of their history, written: what is said now beside what was said before. What a value means is
`catalog.rules.fact`' matter.

A fact that is said again keeps its row. One that says something else is closed and another opened, with one line for
both; where only a part changed that is no news (`essence`), the row is written over. What an origin says of a project
for the first time is one line, and so is what a newer Forge reads in the commit that it had read before.

What a record of the document said from the start has no row: it stands in the record. A row for each of its keys made
a load three times as slow and the file two and a half times as large (November 2026). It gets one when it ends.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from catalog.rules.fact import DECLARED, HIDDEN, Statement
from catalog.rules.fields import digest, essence, place, rule
from catalog.store.core.engine import BATCH
from catalog.tables.core import fact, fact_change

MANY = 25  # lines of one reading; more are told as one, but for what has a line of its own always
ALWAYS = frozenset({"license", "license.folder", "name", "repository", "status", "release", "maintenance"})


@dataclass(frozen=True)
class Kept:
    """What was said so far; `id` is None where a record says it and no row."""

    id: int | None
    field: str
    value: Any
    source: Mapping[str, Any]
    public: bool
    first_seen_at: datetime
    seen_at: datetime

    @classmethod
    def implied(cls, one: Statement, since: datetime) -> "Kept":
        return cls(None, one.field, one.value, one.source, _public(one), since, since)


@dataclass
class _Turn:
    """What changes about one project when an origin speaks again."""

    first: bool  # nothing was said before
    touched: list[Kept] = field(default_factory=list)  # said again, as it is
    rewritten: list[tuple[Kept, Statement]] = field(default_factory=list)  # the same in essence, said otherwise
    closed: list[Kept] = field(default_factory=list)
    replaced: list[tuple[Kept, Statement]] = field(default_factory=list)  # closed, and what is said instead
    opened: list[Statement] = field(default_factory=list)

    @property
    def shown(self) -> bool:
        """Whether anything public became another."""
        pairs = (*self.rewritten, *self.replaced)
        ended, new = (*self.closed, *(one for one, _ in pairs)), (*self.opened, *(one for _, one in pairs))
        return any(one.public for one in ended) or any(map(_public, new))


def say(
    connection: Connection,
    origin: str,
    said: Mapping[UUID, Sequence[Statement]],
    *,
    now: datetime,
    implied: Mapping[UUID, Iterable[Kept]] | None = None,
    reread: bool = False,
    touch: bool = True,
) -> set[UUID]:
    """Make these all the facts of this origin about these projects; the projects of which something public changed.

    `implied`: what was said before without a row, unless a row says it. `reread`: the same was read by other eyes, so
    that nothing about the project changed. `touch`: what is said again was looked at anew and is seen `now`.
    """
    changed = set()
    keys = list(said)
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        kept = _open(connection, origin, batch)
        for key in batch:
            fields = {one.field for one in kept[key]}
            kept[key] += [one for one in (implied or {}).get(key, ()) if one.field not in fields]
        turns = {key: _turn(kept[key], said[key]) for key in batch}
        _write(connection, origin, turns, now, reread=reread, touch=touch and not reread)
        changed |= {key for key, one in turns.items() if one.shown}
    return changed


def close(connection: Connection, origin: str, projects: Sequence[UUID], *, now: datetime) -> None:
    """The records of these projects are gone, and with them what this origin said; at most BATCH of them."""
    still = fact.c.project_id.in_(projects) & (fact.c.origin == origin) & fact.c.until.is_(None)
    connection.execute(update(fact).where(still).values(until=now))


def _open(connection: Connection, origin: str, batch: Sequence[UUID]) -> defaultdict[UUID, list[Kept]]:
    wanted = select(fact.c.project_id, *(fact.c[name] for name in Kept.__dataclass_fields__))
    still = wanted.where(fact.c.project_id.in_(batch), fact.c.origin == origin, fact.c.until.is_(None))
    found: defaultdict[UUID, list[Kept]] = defaultdict(list)
    for row in connection.execute(still.order_by(fact.c.id)):
        found[row.project_id].append(Kept(*row[1:]))
    return found


def _turn(kept: Sequence[Kept], said: Sequence[Statement]) -> _Turn:
    turn = _Turn(first=not kept)
    before: defaultdict[str, list[Kept]] = defaultdict(list)
    for row in kept:
        before[row.field].append(row)
    now: defaultdict[str, list[Statement]] = defaultdict(list)
    for one in said:
        now[one.field].append(one)
    for name in sorted(before.keys() | now.keys(), key=place, reverse=True):
        rows, statements = before[name], now[name]
        if len(rows) == len(statements) == 1 and _same(rows[0], statements[0]):
            turn.touched.append(rows[0])  # what most of them are, without a digest
        else:
            _match(name, rows, statements, turn)
    return turn


def _same(row: Kept, one: Statement) -> bool:
    return row.value == one.value and _place(row.source) == _place(one.source) and row.public == _public(one)


def _match(name: str, kept: list[Kept], said: list[Statement], turn: _Turn) -> None:
    """Pair what was said of a field with what is said now: the same first, then what is most alike."""
    for row, one in _paired(kept, said, lambda one: (_of(one.source), digest(one.value))):
        same = row.public == _public(one) and _place(row.source) == _place(one.source)
        if same:
            turn.touched.append(row)
        else:
            turn.rewritten.append((row, one))
    # Only where it stands is another, or only how much it tells: neither is news.
    turn.rewritten += _paired(kept, said, lambda one: digest(one.value))
    turn.rewritten += _paired(kept, said, lambda one: (_of(one.source), digest(essence(name, one.value))))
    turn.replaced += _paired(kept, said, lambda one: _of(one.source))
    if len(kept) == len(said) == 1 and not rule(name).each:
        turn.replaced.append((kept.pop(), said.pop()))
    turn.closed += kept
    turn.opened += said


def _paired(
    kept: list[Kept], said: list[Statement], key: Callable[[Kept | Statement], Hashable]
) -> list[tuple[Kept, Statement]]:
    """The pairs with the same key, taken out of both lists; of several, in their order."""
    if not kept or not said:
        return []
    waiting: defaultdict[Hashable, list[Kept]] = defaultdict(list)
    for row in reversed(kept):
        waiting[key(row)].append(row)
    pairs, unpaired = [], []
    for one in said:
        alike = waiting.get(key(one))
        if alike:
            pairs.append((alike.pop(), one))
        else:
            unpaired.append(one)
    left = {id(row) for rows in waiting.values() for row in rows}
    kept[:] = [row for row in kept if id(row) in left]
    said[:] = unpaired
    return pairs


def _of(source: Mapping[str, Any]) -> str:
    """What tells the sources of one field apart."""
    return str(source.get("file") or source.get("declaration") or "")


def _place(source: Mapping[str, Any]) -> dict[str, Any]:
    """Where it stands. The commit in which the same bytes were seen again is another way to the same place."""
    return {key: one for key, one in source.items() if key != "commit"}


def _write(
    connection: Connection, origin: str, turns: Mapping[UUID, _Turn], now: datetime, *, reread: bool, touch: bool
) -> None:
    if touch:
        seen = [row.id for turn in turns.values() for row in turn.touched]
        _each(connection, update(fact).values(seen_at=now), seen)
    rewritten = [_rewritten(*pair) for turn in turns.values() for pair in turn.rewritten if pair[0].id is not None]
    if rewritten:
        connection.execute(_REWRITE.values(seen_at=now), rewritten)
    ended = [row for turn in turns.values() for row in (*turn.closed, *(row for row, _ in turn.replaced))]
    _each(connection, update(fact).values(until=now), [row.id for row in ended if rule(row.field).kept])
    _each(connection, delete(fact), [row.id for row in ended if not rule(row.field).kept])

    opening: list[tuple[Kept | Statement, dict[str, Any]]] = []
    for key, turn in turns.items():
        about = {"project_id": key, "origin": origin}
        for row in (*turn.closed, *(row for row, _ in turn.replaced)):
            if row.id is None and rule(row.field).kept:
                opening.append((row, about | _values(row) | {"until": now}))
        for one in (*turn.opened, *(one for _, one in turn.replaced)):
            opening.append((one, about | _values(one) | {"first_seen_at": now, "seen_at": now, "until": None}))
    ids: dict[int, int] = {}
    if opening and origin != DECLARED and all(turn.first for turn in turns.values()):
        connection.execute(insert(fact), [row for _, row in opening])
    elif opening:
        # Asked for in the order of the rows, SQLite would be sent one at a time.
        names = ("project_id", "field", "until", "source", "value")
        told = insert(fact).returning(fact.c.id, *(fact.c[name] for name in names))
        numbers = {_identity(*row[1:]): row.id for row in connection.execute(told, [row for _, row in opening])}
        ids = {id(one): numbers[_identity(*(row[name] for name in names))] for one, row in opening}
    about_lines = [
        {"project_id": key, "origin": origin, "at": now} | line
        for key, turn in turns.items()
        for line in _lines(origin, turn, ids, reread)
    ]
    if about_lines:
        connection.execute(insert(fact_change), about_lines)


def _identity(project_id: UUID, name: str, until: datetime | None, source: Any, value: Any) -> Hashable:
    """What tells the rows of one insert apart; two that say the same may stand for each other."""
    return (project_id, name, until is None, digest([source, value]))


def _each(connection: Connection, statement: Any, ids: Sequence[int | None]) -> None:
    known = [one for one in ids if one is not None]
    for start in range(0, len(known), BATCH):
        connection.execute(statement.where(fact.c.id.in_(known[start : start + BATCH])))


_REWRITE = (
    update(fact)
    .where(fact.c.id == bindparam("row"))
    .values({name: bindparam(f"new_{name}") for name in ("value", "source", "public")})
)


def _rewritten(row: Kept, one: Statement) -> dict[str, Any]:
    return {"row": row.id, "new_value": one.value, "new_source": dict(one.source), "new_public": _public(one)}


def _values(one: Kept | Statement) -> dict[str, Any]:
    given = {"field": one.field, "value": one.value, "source": dict(one.source)}
    if isinstance(one, Statement):
        return given | {"public": _public(one)}
    return given | {"public": one.public, "first_seen_at": one.first_seen_at, "seen_at": one.seen_at}


def _lines(origin: str, turn: _Turn, ids: Mapping[int, int], reread: bool) -> list[dict[str, Any]]:
    """The lines of a project's history that one saying adds, each without project, origin and time.

    Newest lines are read first: what people ask for first is written last. Each declaration is news, also the first.
    """
    if turn.first and origin != DECLARED:
        return _summary("first", sum(map(_public, turn.opened)))
    changes: list[tuple[Kept | None, Statement | None]] = [
        *((row, None) for row in turn.closed),
        *((None, one) for one in turn.opened),
        *turn.replaced,
    ]
    lines = []
    for row, one in changes:
        name = row.field if row is not None else one.field if one is not None else ""
        before = row is not None and row.public
        after = one is not None and _public(one)
        if rule(name).kept and (before or after):
            lines.append(
                {
                    "kind": "changed" if before and after else "appeared" if after else "vanished",
                    "field": name,
                    "before_id": (row.id or ids[id(row)]) if row is not None and before else None,
                    "after_id": ids[id(one)] if after else None,
                    "facts": 1,
                    "news": True,
                }
            )
    if reread:
        return _summary("reread", len(lines))
    if origin != DECLARED and not (turn.touched or turn.rewritten or turn.replaced or turn.opened):
        return _summary("ended", len(lines))
    if len(lines) > MANY:
        own = [line for line in lines if line["field"] in ALWAYS][:MANY]
        return _summary("many", len(lines) - len(own), news=True) + own
    return sorted(lines, key=lambda line: place(str(line["field"])), reverse=True)


def _summary(kind: str, facts: int, *, news: bool = False) -> list[dict[str, Any]]:
    line = {"kind": kind, "field": "", "before_id": None, "after_id": None, "facts": facts, "news": news}
    return [line] if facts else []


def _public(one: Statement) -> bool:
    return one.public and one.field not in HIDDEN
