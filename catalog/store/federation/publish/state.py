"""What went out to other catalogues: the feed's state, the digest and sequence of each record in it, and tombstones of
what was taken back. It reads no record; what may travel is read in `publish.records`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select

from catalog.errors import CatalogError
from catalog.store.core.engine import BATCH, batches, get_meta, insert, reading, set_meta, writing
from catalog.store.core.public_changes import changing
from catalog.tables.core import meta
from catalog.tables.federation import published, taken_back

_STATE, _KEY, _MOVED, _LOOKED = NOTES = ("exchange", "exchange-key", "exchange-moved", "exchange-looked")
WITHDRAWN = "withdrawn"


class Overtaken(CatalogError):
    """Somebody else wrote the feed meanwhile: what was made must not be published; make it again."""

    def __init__(self) -> None:
        super().__init__("the feed was written by another process meanwhile")


@dataclass(frozen=True)
class State:
    """The feed as it was last told. `base`: whoever has less takes the snapshot; `times`: of the sequences above it;
    `change`: the number of the public change that it shows; `card` and `entry` are digests."""

    sequence: int = 0
    base: int = 0
    at: datetime | None = None
    change: int = -1
    card: str = ""
    entry: str = ""
    times: Mapping[int, datetime] | None = None
    restored: bool = False  # of an older copy: more may have been told than is remembered


@dataclass(frozen=True)
class PublishedLine:
    """What is remembered of a record that is in the feed."""

    digest: str
    sequence: int
    updated_at: datetime


@dataclass(frozen=True)
class Stone:
    kind: str
    id: UUID
    ground: str
    revision: int
    sequence: int
    at: datetime


@dataclass(frozen=True)
class News:
    """What a writing changes: records that are new or differ, those that were taken back, and those that go unsaid."""

    told: Mapping[tuple[str, UUID], PublishedLine]
    stones: tuple[Stone, ...]
    gone: tuple[tuple[str, UUID], ...]


class ExchangeState:
    def __init__(self, engine: Engine):
        self._engine = engine

    def state(self) -> State:
        with reading(self._engine) as connection:
            return state_of(connection)

    def commit(self, before: State, after: State, news: News, *, kept_since: datetime) -> None:
        """Remember what goes out now, in one transaction. Raises Overtaken when the state is not `before` any more.
        Tombstones from before `kept_since` are forgotten."""
        with writing(self._engine) as connection:
            connection.execute(insert(connection, meta).values(key=_STATE, value={}).on_conflict_do_nothing())
            connection.execute(select(meta.c.value).where(meta.c.key == _STATE).with_for_update())
            if state_of(connection) != before:
                raise Overtaken()
            _drop(connection, published, [*((tombstone.kind, tombstone.id) for tombstone in news.stones), *news.gone])
            _drop(connection, taken_back, news.told)
            _put(
                connection, published, ({"kind": k, "record_id": i, **vars(line)} for (k, i), line in news.told.items())
            )
            rows = ({**vars(tombstone), "record_id": tombstone.id} for tombstone in news.stones)
            _put(connection, taken_back, ({k: v for k, v in row.items() if k != "id"} for row in rows))
            connection.execute(delete(taken_back).where(taken_back.c.at < kept_since))
            set_meta(connection, _STATE, _plain(after))

    def looked(self) -> tuple[int, datetime] | None:
        """The public change up to which it is known that the feed tells nothing that was taken back, and when that was
        looked at; None before the first time."""
        with reading(self._engine) as connection:
            kept = get_meta(connection, _LOOKED)
        return (int(kept["change"]), datetime.fromisoformat(kept["at"])) if kept else None

    def note_looked(self, change: int, *, now: datetime) -> None:
        with writing(self._engine) as connection:
            set_meta(connection, _LOOKED, {"change": change, "at": now.isoformat()})

    def key(self) -> str | None:
        """The public key that signed last, base64; None before the first."""
        with reading(self._engine) as connection:
            kept: str | None = get_meta(connection, _KEY)
        return kept

    def note_key(self, public: str) -> None:
        with writing(self._engine) as connection:
            set_meta(connection, _KEY, public)

    def moved(self) -> Mapping[str, Any] | None:
        """To whom this home was handed over, as the card says it; None: it was not."""
        with reading(self._engine) as connection:
            return moved(connection)

    def note_moved(self, said: Mapping[str, Any] | None) -> None:
        """It counts as a public change: the pages of records lead elsewhere from now on."""
        with changing(self._engine) as (connection, change):
            change()
            set_meta(connection, _MOVED, said)


def moved(connection: Connection) -> Mapping[str, Any] | None:
    """`Sent.moved` in the caller's transaction."""
    kept: Mapping[str, Any] | None = get_meta(connection, _MOVED)
    return kept


def state_of(connection: Connection) -> State:
    """In the caller's transaction: the feed as it was last told."""
    kept = get_meta(connection, _STATE)
    if not kept:
        return State()
    times = {int(number): datetime.fromisoformat(at) for number, at in kept["times"].items()}
    return State(**{**kept, "at": datetime.fromisoformat(kept["at"]), "times": times})


def restored(connection: Connection) -> None:
    """In the caller's transaction: the database is an older copy, and may have told more since than it remembers."""
    if get_meta(connection, _STATE):
        set_meta(connection, _STATE, _plain(replace(state_of(connection), restored=True)))


def lines(connection: Connection, kind: str) -> dict[UUID, PublishedLine]:
    """In the caller's transaction: what is in the feed of a kind."""
    columns = (published.c.record_id, published.c.digest, published.c.sequence, published.c.updated_at)
    rows = connection.execute(select(*columns).where(published.c.kind == kind))
    return {key: PublishedLine(digest, sequence, at) for key, digest, sequence, at in rows}


def kinds(connection: Connection) -> tuple[str, ...]:
    """In the caller's transaction: the kinds of which something is in the feed."""
    return tuple(connection.execute(select(published.c.kind).distinct().order_by(published.c.kind)).scalars())


def stones(connection: Connection) -> list[Stone]:
    """In the caller's transaction: tombstones that went out, by kind and identity."""
    rows = connection.execute(select(taken_back).order_by(taken_back.c.kind, taken_back.c.record_id))
    return [Stone(row.kind, row.record_id, row.ground, row.revision, row.sequence, row.at) for row in rows]


def _drop(connection: Connection, table: Any, keys: Iterable[tuple[str, UUID]]) -> None:
    by_kind: dict[str, list[UUID]] = {}
    for kind, key in keys:
        by_kind.setdefault(kind, []).append(key)
    for kind, every in by_kind.items():
        for some in batches(every):
            connection.execute(delete(table).where(table.c.kind == kind, table.c.record_id.in_(some)))


def _put(connection: Connection, table: Any, rows: Iterable[Mapping[str, Any]]) -> None:
    every = list(rows)
    statement = insert(connection, table)
    changed = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    statement = statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_=changed)
    for start in range(0, len(every), BATCH):
        connection.execute(statement, every[start : start + BATCH])


def _plain(state: State) -> dict[str, Any]:
    times = {str(number): at.isoformat() for number, at in sorted((state.times or {}).items())}
    return {**vars(replace(state, times=None)), "at": state.at and state.at.isoformat(), "times": times}
