"""What is published to other catalogues now, and what was withdrawn from it.

A withdrawal gets a number that no other one ever had. A record that is published again, because somebody did something
here, carries that number: only then do followers take it back without asking a person. After a restore of an older copy
nobody did anything, and the record stays withheld.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from catalog.errors import CatalogError
from catalog.exchange.names import ADOPTION, BITS, shard_of
from catalog.exchange.records import ExchangeRecord
from catalog.exchange.statements import Withdrawal
from catalog.publication.exchange_view import EarlierWithdrawal
from catalog.store.core.engine import BATCH, DatabasePart, batches, get_meta, is_among, reading, set_meta, writing
from catalog.tables.publishing import exchange_root, published_record, withdrawal

STATE = "exchange-published"
_LOOKED = "exchange-looked-at"
PUBLISHING_NOTES = (STATE, _LOOKED)  # keys of `meta`


_THIS = (withdrawal.c.kind == bindparam("of"), withdrawal.c.record_id == bindparam("key"))  # many at once


class PublishedMeanwhile(CatalogError):
    """Another process published meanwhile: what was made must not be published; make it again."""

    def __init__(self, sentence: str = "another process published meanwhile"):
        super().__init__(sentence)


@dataclass(frozen=True)
class PublishedState:
    """`change`: the public change that is published; `bits` by folder; `version`: of the targets that say it, 0: none
    were ever signed; `online`: the key that signed them; `restored`: the database is an older copy since."""

    change: int = -1
    bits: Mapping[str, int] | None = None
    version: int = 0
    online: str = ""
    restored: bool = False


@dataclass(frozen=True)
class PublishedRecord:
    """A record that is in the exchange: `folder` and `shard`, three digits, of the record that it is in."""

    kind: str
    id: UUID
    folder: str
    shard: str


class PublishedExchange(DatabasePart):
    def state(self) -> PublishedState:
        with reading(self._engine) as connection:
            return published_state(connection)

    def commit(
        self,
        before: PublishedState,
        after: PublishedState,
        shards: Mapping[str, Collection[str]],
        present: Iterable[PublishedRecord],
        withdrawals: Iterable[Withdrawal],
        returned: Iterable[tuple[str, UUID]],
    ) -> None:
        """Remember what goes out now, in one transaction. Raises PublishedMeanwhile where the state is not
        `before` any more.

        `shards`: by folder, those that were written, as three digits; what is in them now is `present`."""
        with writing(self._engine) as connection:
            if published_state(connection) != before:
                raise PublishedMeanwhile()
            for folder, written in shards.items():
                for batch in batches(written):
                    connection.execute(
                        delete(published_record).where(
                            published_record.c.folder == folder, published_record.c.shard.in_(batch)
                        )
                    )
            rows: list[dict[str, Any]] = [
                {"kind": key.kind, "record_id": key.id, "folder": key.folder, "shard": key.shard} for key in present
            ]
            for start in range(0, len(rows), BATCH):
                connection.execute(insert(published_record), rows[start : start + BATCH])
            back = [{"of": kind, "key": key} for kind, key in returned]
            if back:
                connection.execute(update(withdrawal).where(*_THIS).values(returned=True), back)
            _replace_withdrawals(connection, withdrawals, learned=False)
            set_meta(connection, STATE, _plain(after))

    def withdrawals(self) -> tuple[Withdrawal, ...]:
        """All that is withdrawn, by number."""
        with reading(self._engine) as connection:
            return standing_withdrawals(connection)

    def learn(self, withdrawals: Iterable[Withdrawal]) -> int:
        """As `learn_withdrawals`; how many there were."""
        with writing(self._engine) as connection:
            return len(learn_withdrawals(connection, withdrawals))

    def release(self, kind: str, key: UUID) -> None:
        """Publish again a record that was withheld after a restore, since somebody decided so."""
        with writing(self._engine) as connection:
            this = (withdrawal.c.kind == kind, withdrawal.c.record_id == key)
            connection.execute(update(withdrawal).where(*this).values(learned=False))
            state = published_state(connection)
            set_meta(connection, STATE, _plain(state) | {"change": -1})

    def withheld(self) -> tuple[tuple[str, UUID], ...]:
        """Records that are withheld since a restore."""
        with reading(self._engine) as connection:
            query = select(withdrawal.c.kind, withdrawal.c.record_id).where(withdrawal.c.learned)
            return tuple((kind, key) for kind, key in connection.execute(query.order_by(withdrawal.c.n)))

    def has_recovered(self) -> None:
        """Note that other copies of our exchange were read: after a restore it may be signed again."""
        with writing(self._engine) as connection:
            state = published_state(connection)
            set_meta(connection, STATE, _plain(state) | {"restored": False, "change": -1})

    def go_on_from(self, version: int) -> None:
        """Note that a copy of our exchange was signed with this version: the next one is higher, and writes everything
        anew."""
        with writing(self._engine) as connection:
            set_meta(connection, STATE, _plain(published_state(connection)) | {"version": version, "change": -1})

    def roots(self) -> tuple[bytes, ...]:
        """All roots, the first one first."""
        with reading(self._engine) as connection:
            return tuple(connection.execute(select(exchange_root.c.body).order_by(exchange_root.c.version)).scalars())

    def add_roots(self, roots: Mapping[int, bytes], *, instead: bool = False) -> None:
        """Keep these; `instead` of all that were: the chain begins anew."""
        with writing(self._engine) as connection:
            if instead:
                connection.execute(delete(exchange_root))
            versions = set(connection.execute(select(exchange_root.c.version)).scalars())
            rows = [{"version": number, "body": body} for number, body in roots.items() if number not in versions]
            if rows:
                connection.execute(insert(exchange_root), rows)

    def note_looked(self, change: int, *, now: datetime) -> None:
        """Note that nothing is published that was withdrawn up to this change."""
        with writing(self._engine) as connection:
            set_meta(connection, _LOOKED, {"change": change, "at": now.isoformat()})

    def looked(self) -> tuple[int, datetime] | None:
        """The public change up to which nothing that was withdrawn is published, and when that was looked at."""
        with reading(self._engine) as connection:
            value = get_meta(connection, _LOOKED)
        return (int(value["change"]), datetime.fromisoformat(value["at"])) if value else None


def published_state(connection: Connection) -> PublishedState:
    """In the caller's transaction."""
    value = get_meta(connection, STATE)
    return PublishedState(**value) if value else PublishedState()


def learn_withdrawals(connection: Connection, withdrawals: Iterable[Withdrawal]) -> list[Withdrawal]:
    """In the caller's transaction: keep what a copy of our own exchange says was withdrawn, and is not known here: it
    stays withheld until somebody publishes it again. Return it."""
    numbers = {(row.kind, row.record_id): row.n for row in connection.execute(select(withdrawal))}
    new: dict[tuple[str, UUID], Withdrawal] = {}  # several copies may say the same
    for statement in withdrawals:
        key = (statement.kind, statement.id)
        if numbers.get(key, -1) < statement.n:
            numbers[key], new[key] = statement.n, statement
    _replace_withdrawals(connection, new.values(), learned=True)
    return list(new.values())


def mark_restored(connection: Connection) -> None:
    """In the caller's transaction: note that the database is an older copy, and may have published more than it
    remembers."""
    if get_meta(connection, STATE):
        set_meta(connection, STATE, _plain(published_state(connection)) | {"restored": True})


def published_keys(connection: Connection, folder: str, shards: Collection[str] | None) -> list[PublishedRecord]:
    """In the caller's transaction: what is published in these shards, as three digits; None: in all."""
    query = select(published_record).where(published_record.c.folder == folder)
    if shards is None:
        rows = list(connection.execute(query))
    else:
        rows = [
            row
            for batch in batches(shards)
            for row in connection.execute(query.where(published_record.c.shard.in_(batch)))
        ]
    return [PublishedRecord(row.kind, row.record_id, row.folder, row.shard) for row in rows]


def withdrawn_before(connection: Connection, ids: Iterable[UUID]) -> dict[tuple[str, UUID], EarlierWithdrawal]:
    """In the caller's transaction: of these records, by kind and id, those that were ever withdrawn."""
    withdrawals = {}
    for batch in batches(set(ids)):
        for row in connection.execute(select(withdrawal).where(is_among(connection, withdrawal.c.record_id, batch))):
            withdrawals[row.kind, row.record_id] = EarlierWithdrawal(row.n, bool(row.learned))
    return withdrawals


def standing_withdrawals(connection: Connection) -> tuple[Withdrawal, ...]:
    """In the caller's transaction: all that is withdrawn and was not published again, by number."""
    rows = connection.execute(select(withdrawal).where(~withdrawal.c.returned).order_by(withdrawal.c.n))
    return tuple(Withdrawal(row.n, row.kind, row.record_id, row.at, row.ground) for row in rows)


def last_number(connection: Connection) -> int:
    """In the caller's transaction: the highest number that a withdrawal ever had; 0: none."""
    return int(connection.execute(select(func.max(withdrawal.c.n))).scalar() or 0)


def keys_of(folder: str, record: ExchangeRecord) -> list[PublishedRecord]:
    """What a record publishes: itself, and of a project its adoptions."""
    shard = shard_of(record.id, max(BITS))
    kinds = ((record.record_kind, record.id), *((ADOPTION, line.id) for line in record.adoptions))
    return [PublishedRecord(kind, key, folder, shard) for kind, key in kinds]


def _replace_withdrawals(connection: Connection, withdrawals: Iterable[Withdrawal], *, learned: bool) -> None:
    every = list(withdrawals)
    if every:
        connection.execute(
            delete(withdrawal).where(*_THIS), [{"of": statement.kind, "key": statement.id} for statement in every]
        )
    rows = [
        {
            "kind": statement.kind,
            "record_id": statement.id,
            "n": statement.n,
            "at": statement.at,
            "ground": statement.ground,
        }
        | {"returned": False, "learned": learned}
        for statement in every
    ]
    for start in range(0, len(rows), BATCH):
        connection.execute(insert(withdrawal), rows[start : start + BATCH])


def _plain(state: PublishedState) -> dict[str, Any]:
    return {**vars(state), "bits": dict(state.bits) if state.bits else None}
