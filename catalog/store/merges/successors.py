"""Statements that one record is part of another, or its successor, as moderators make them in the public log. Nothing
is merged or changed here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection, Engine, exists, select

from catalog.rules.call import MAX_WORDS
from catalog.rules.contact_details import contact_in
from catalog.rules.decision import TAKING_BACK, TIES
from catalog.store.core.engine import batches
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.store.projects import merged_slugs
from catalog.tables.moderation import decision

MOST_WORDS = MAX_WORDS  # characters of a reason that are shown: as many as may be written
_reverting = decision.alias("other")
_taken_back = exists().where(_reverting.c.kind.in_(TAKING_BACK), _reverting.c.concerns == decision.c.number)
_STATED = (
    select(*(decision.c[name] for name in ("number", "kind", "subject_kind", "subject_id", "before", "at", "words")))
    .where(decision.c.kind.in_(TIES), ~_taken_back)
    .order_by(decision.c.number)
)


@dataclass(frozen=True)
class ModeratorTie:
    """A tie stated by a moderator here: `first` is part of `other`, or succeeds it."""

    number: int
    kind: str
    first: UUID
    other: UUID
    says: str
    at: datetime
    words: str


@dataclass(frozen=True)
class Tie:
    """A tie on a record's page. `forward`: the record is part of `other` (slug and name) or succeeds it, else the other
    way round. A moderator states it in line `number` of the log."""

    says: str
    forward: bool
    other: tuple[str, str]
    at: datetime
    words: str
    number: int


@dataclass(frozen=True)
class ListedTie:
    """A tie for lists: of `kind`, the ids `first` and `other`; `named`: slug and name of `first`."""

    kind: str
    first: UUID
    other: UUID
    named: tuple[str, str]
    tie: Tie

    @property
    def place(self) -> str:
        """A key that differs from all others of the same time."""
        return f"{self.first} {self.other} {self.tie.says}"


class Successors:
    def __init__(self, engine: Engine):
        self._once = QueryCache(engine)

    def of_record(self, kind: str, key: UUID) -> tuple[Tie, ...]:
        """The ties of one record. All are read once a public change: there are few."""
        return self._once("ties", read_ties).of.get((kind, key), ())

    def all(
        self, *, kind: str | None = None, after: tuple[datetime, str] | None = None, limit: int
    ) -> tuple[ListedTie, ...]:
        """The ties of all records, the newest first; `after`: time and `place` of the last one of the part before."""
        matching = (tied for tied in self._once("ties", read_ties).every if kind in (None, tied.kind))
        if after is not None:
            at, place = after
            matching = (tied for tied in matching if tied.tie.at < at or (tied.tie.at == at and tied.place > place))
        return tuple(islice(matching, limit))


def ties_of_moderators(connection: Connection) -> tuple[ModeratorTie, ...]:
    """In the caller's transaction: ties that moderators here stated and nobody took back, in the order of the log."""
    return tuple(
        ModeratorTie(
            row.number,
            row.subject_kind,
            row.subject_id,
            UUID(row.before["other"]),
            row.kind,
            row.at,
            public_words(row.words),
        )
        for row in connection.execute(_STATED)
        if "other" in row.before  # a log that came in a file of public data does not hold it
    )


@contextmanager
def counting_ties(connection: Connection, change: PublicChange) -> Iterator[None]:
    """In the caller's transaction: both records of each tie that comes, goes or reads otherwise inside have changed."""
    before = read_ties(connection).of
    yield
    after = read_ties(connection).of
    for kind, key in before.keys() | after.keys():
        if before.get((kind, key)) != after.get((kind, key)):
            change.touch(kind, key)


def public_words(words: str | None) -> str:
    """A reason as everybody may read it: empty if it tells how to contact somebody."""
    return "" if not words or contact_in(words) else words[:MOST_WORDS]


@dataclass(frozen=True)
class AllTies:
    """The ties of all records, and by kind and id of each of them."""

    of: Mapping[tuple[str, UUID], tuple[Tie, ...]]
    every: tuple[ListedTie, ...]  # the newest first


def read_ties(connection: Connection) -> AllTies:
    """In the caller's transaction: all ties. There are few."""
    ties_of: dict[tuple[str, UUID], list[Tie]] = {}
    listed: list[ListedTie] = []
    every = ties_of_moderators(connection)
    if not every:
        return AllTies({}, ())
    for kind in merged_slugs.TABLES:
        into = merged_slugs.merged_into(connection, kind)
        statements = [
            (into.get(line.first, line.first), into.get(line.other, line.other), line)
            for line in every
            if line.kind == kind
        ]
        names = _visible_names(
            connection, kind, {key for first_id, second_id, _ in statements for key in (first_id, second_id)}
        )
        for first_id, second_id, line in statements:
            if first_id != second_id and first_id in names and second_id in names:
                tie = Tie(line.says, True, names[second_id], line.at, line.words, line.number)
                listed.append(ListedTie(kind, first_id, second_id, names[first_id], tie))
                ties_of.setdefault((kind, first_id), []).append(tie)
                back = Tie(line.says, False, names[first_id], line.at, line.words, line.number)
                ties_of.setdefault((kind, second_id), []).append(back)
    listed.sort(key=lambda tied: tied.place)
    listed.sort(key=lambda tied: tied.tie.at, reverse=True)
    return AllTies({key: tuple(ties) for key, ties in ties_of.items()}, tuple(listed))


def _visible_names(connection: Connection, kind: str, keys: set[UUID]) -> dict[UUID, tuple[str, str]]:
    """Slug and name of those of these records that everybody may see, by id."""
    table, visible = merged_slugs.TABLES[kind], OPEN if kind == "project" else VISIBLE
    names: dict[UUID, tuple[str, str]] = {}
    for batch in batches(keys):
        wanted = select(table.c.id, table.c.slug, table.c.name).where(table.c.id.in_(batch), visible)
        names |= {row.id: (row.slug, row.name) for row in connection.execute(wanted)}
    return names
