"""Who says that one record is part of another, or took over from it: moderators here, as the log has it, and catalogues
whose word on records is heard. It joins nothing and changes no record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, exists, select

from catalog.rules.call import MAX_WORDS, contact_in
from catalog.rules.decision import TAKING_BACK, TIES
from catalog.rules.peer import Peer
from catalog.store.core.cached_counts import Remembered
from catalog.store.core.engine import batches
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.merges import same_as_claims
from catalog.store.projects import merged_slugs
from catalog.tables.moderation import decision

MOST_WORDS = MAX_WORDS  # characters that are shown of why: as many as are written
_other = decision.alias("other")


@dataclass(frozen=True)
class Stated:
    """A statement of a moderator here: `one` is part of `other`, or took over from it."""

    number: int
    kind: str
    one: UUID
    other: UUID
    says: str
    at: datetime
    words: str


@dataclass(frozen=True)
class Tie:
    """What a record's page tells. `forward`: the record is what belongs to `other` (slug and name), else the other to
    it. `peer`: who says so, None: a moderator here, in line `number` of the log."""

    says: str
    forward: bool
    other: tuple[str, str]
    at: datetime
    words: str
    peer: Peer | None
    number: int | None


@dataclass(frozen=True)
class Tied:
    """A tie as no record's page: of `kind`, the identities `one` and `other`, and what `one` is called."""

    kind: str
    one: UUID
    other: UUID
    named: tuple[str, str]
    tie: Tie

    @property
    def place(self) -> str:
        """What tells it from all others of its time."""
        return f"{self.one} {self.other} {self.tie.says} {self.tie.peer.slug if self.tie.peer else ''}"


class Ties:
    def __init__(self, engine: Engine):
        self._once = Remembered(engine)

    def of(self, kind: str, key: UUID) -> tuple[Tie, ...]:
        """What is said of one record, ours first. All is read once a public change: few such things are said."""
        return self._once("ties", _read).of.get((kind, key), ())

    def every(
        self, *, kind: str | None = None, after: tuple[datetime, str] | None = None, limit: int
    ) -> tuple[Tied, ...]:
        """What is said of all records, the newest first; `after`: the time and `place` of the last one before."""
        found = (one for one in self._once("ties", _read).every if kind in (None, one.kind))
        if after is not None:
            at, place = after
            found = (one for one in found if one.tie.at < at or (one.tie.at == at and one.place > place))
        return tuple(islice(found, limit))


def stated(connection: Connection) -> tuple[Stated, ...]:
    """In the caller's transaction: what moderators here said and nobody took back, by the order of the log."""
    taken_back = exists().where(_other.c.kind.in_(TAKING_BACK), _other.c.concerns == decision.c.number)
    names = ("number", "kind", "subject_kind", "subject_id", "before", "at", "words")
    wanted = select(*(decision.c[name] for name in names)).where(decision.c.kind.in_(TIES), ~taken_back)
    return tuple(
        Stated(
            row.number,
            row.subject_kind,
            row.subject_id,
            UUID(row.before["other"]),
            row.kind,
            row.at,
            shown(row.words),
        )
        for row in connection.execute(wanted.order_by(decision.c.number))
        if "other" in row.before  # a log that came in a file of public data does not hold it
    )


def shown(words: str | None) -> str:
    """Why, as everybody may read it: nothing that tells how to reach somebody."""
    return "" if not words or contact_in(words) else words[:MOST_WORDS]


@dataclass(frozen=True)
class _Said:
    of: Mapping[tuple[str, UUID], tuple[Tie, ...]]
    every: tuple[Tied, ...]  # the newest first


def _read(connection: Connection) -> _Said:
    found: dict[tuple[str, UUID], list[Tie]] = {}
    listed: list[Tied] = []
    for kind in merged_slugs.TABLES:
        into = merged_slugs.into(connection, kind)
        every: list[tuple[UUID, UUID, dict[str, Any]]] = []
        said: dict[str, Any]
        for line in stated(connection):
            if line.kind == kind:
                said = {"says": line.says, "at": line.at, "words": line.words, "peer": None, "number": line.number}
                every.append((into.get(line.one, line.one), into.get(line.other, line.other), said))
        told = same_as_claims.told(connection, kind, TIES)
        for word, rows in zip(told, same_as_claims.ends(connection, kind, told), strict=True):
            if rows is not None:
                said = {
                    "says": word.says,
                    "at": word.at,
                    "words": shown(word.reason),
                    "peer": word.peer,
                    "number": None,
                }
                every.append((*rows, said))
        names = _names(connection, kind, {key for one, other, _ in every for key in (one, other)})
        for one, other, said in every:
            if one != other and one in names and other in names:
                tie = Tie(forward=True, other=names[other], **said)
                listed.append(Tied(kind, one, other, names[one], tie))
                found.setdefault((kind, one), []).append(tie)
                found.setdefault((kind, other), []).append(Tie(forward=False, other=names[one], **said))
    listed.sort(key=lambda one: one.place)
    listed.sort(key=lambda one: one.tie.at, reverse=True)
    return _Said({key: tuple(some) for key, some in found.items()}, tuple(listed))


def _names(connection: Connection, kind: str, keys: set[UUID]) -> dict[UUID, tuple[str, str]]:
    """Slug and name of those that everybody may see."""
    table, seen = merged_slugs.TABLES[kind], OPEN if kind == "project" else VISIBLE
    found: dict[UUID, tuple[str, str]] = {}
    for batch in batches(keys):
        wanted = select(table.c.id, table.c.slug, table.c.name).where(table.c.id.in_(batch), seen)
        found |= {row.id: (row.slug, row.name) for row in connection.execute(wanted)}
    return found
