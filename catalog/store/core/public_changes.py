"""Public changes: one number a transaction, and the records whose public pages differ since.

The index, feeds, ETags and other catalogues follow these numbers: what a page shows never changes without one, and what
nobody can see counts none.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select, tuple_

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.store.core.engine import (
    BATCH,
    batches,
    get_meta,
    insert,
    is_among,
    is_among_pairs,
    reading,
    set_meta,
    writing,
    writing_many,
)
from catalog.store.core.mentions import providers_of
from catalog.tables.adoptions import adoption
from catalog.tables.calls import question_consent
from catalog.tables.core import meta, organization, project
from catalog.tables.public_records import pending_public_record

TABLES = {PROJECT: project, ORGANIZATION: organization}
# What builds and writes public records is made of nearly all of the store, which uses this module: the store gives it
# to its engine.
Publisher = Callable[[Connection, Mapping[str, set[UUID]], Callable[[], int] | None, Collection[tuple[str, UUID]]], int]
PUBLISHER = "forge_publisher"  # of the execution options
PUT_OFF_AT_ONCE = 200  # records in one transaction: others that write wait a fraction of a second


class PublicChange:
    """The public change of one transaction: its number, counted when it is first needed."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._number: int | None = None
        self._touched: dict[str, set[UUID]] = {kind: set() for kind in TABLES}

    def __call__(self) -> int:
        """The number, for rows that carry it; from here on other public changes wait until this transaction ends."""
        if self._number is None:
            lock_changes(self._connection)
            self._number = int(get_meta(self._connection, "change") or 0) + 1
            set_meta(self._connection, "change", self._number)
        return self._number

    def touch(self, kind: str, *ids: UUID | None) -> None:
        """Note that the pages of these records may show something else now; None is passed over."""
        self._touched[kind].update(key for key in ids if key is not None)

    def publish(self, *, counting: bool = True, others: Collection[tuple[str, UUID]] = ()) -> int:
        """Build the public records of what was touched, and of rows that carry this number; those that differ are
        written and counted. How many did. At the end of the transaction: what is read here is what stays.

        Not `counting`: the records are as they were, and only their rows are missing or of an older shape. `others`:
        kind and id of records that need not follow, since they are built by themselves."""
        if not self._anything():
            return 0
        lock_changes(self._connection)
        publisher: Publisher = self._connection.get_execution_options()[PUBLISHER]
        return publisher(self._connection, self._touched, self if counting else None, others)

    def put_off(self) -> None:
        """In place of `publish`: `publish_put_off` will do it, once for all transactions of a series."""
        if self._anything():
            lock_changes(self._connection)  # else another transaction would strike out what it has not seen
            rows = [{"kind": kind, "id": key} for kind, ids in self._touched.items() for key in ids]
            self._connection.execute(insert(self._connection, pending_public_record).on_conflict_do_nothing(), rows)

    def _anything(self) -> bool:
        """Whether anything was touched, by rows that carry this number too."""
        if self._number is not None:
            for kind, table in TABLES.items():
                carrying = select(table.c.id).where(table.c.change == self._number)
                self._touched[kind].update(self._connection.execute(carrying).scalars())
        return any(self._touched.values())

    def touch_adoptions(self, pairs: Iterable[tuple[UUID, UUID]]) -> None:
        """Note that public adoptions of these projects by these organizations differ: so do the pages of both, and of
        their hosts and helpers."""
        every = sorted(set(pairs), key=str)
        for start in range(0, len(every), BATCH // 2):
            batch = every[start : start + BATCH // 2]
            self.touch(PROJECT, *(project_id for project_id, _ in batch))
            self.touch(ORGANIZATION, *(organization_id for _, organization_id in batch))
            these = is_among_pairs(self._connection, (adoption.c.project_id, adoption.c.organization_id), batch)
            self.touch(ORGANIZATION, *providers_of(self._connection, these))

    def touch_askable(self, organization_ids: Iterable[UUID]) -> None:
        """Note that others represent these organizations now, or nobody does: whether they may be asked shows on their
        pages and on those of the projects that they let themselves be asked about."""
        for batch in batches(set(organization_ids)):
            mine = is_among(self._connection, question_consent.c.organization_id, batch)
            for row in self._connection.execute(
                select(question_consent.c.project_id, question_consent.c.organization_id).where(mine)
            ):
                self.touch(PROJECT, row.project_id)
                self.touch(ORGANIZATION, row.organization_id)


@contextmanager
def changing(engine: Engine, *, later: bool = False) -> Iterator[tuple[Connection, PublicChange]]:
    """As `writing`, for a transaction that may change what is public. `later`: one of a series, at the end of which
    `publish_put_off` is called; until then readers find the public records as they were."""
    with writing(engine) as connection:
        change = PublicChange(connection)
        yield connection, change
        if later:
            change.put_off()
        else:
            change.publish()


def publish_put_off(engine: Engine) -> int:
    """Build and write the public records that transactions put off, some at a time; how many differed. A kill leaves
    the rest for the next call."""
    differing = 0
    query = select(pending_public_record.c.kind, pending_public_record.c.id).order_by(
        pending_public_record.c.kind, pending_public_record.c.id
    )
    with reading(engine) as connection:
        # All rows are as they will be, so that each is built once: who shows another one of these is built with it
        # in this call, whichever of them comes first.
        every = {(row.kind, row.id) for row in connection.execute(query)}
    while every:
        with writing(engine) as connection:
            lock_changes(connection)
            some = [(row.kind, row.id) for row in connection.execute(query.limit(PUT_OFF_AT_ONCE))]
            if not some:
                break
            change = PublicChange(connection)
            for kind, key in some:
                change.touch(kind, key)
            differing += change.publish(others=every)
            connection.execute(
                delete(pending_public_record).where(
                    tuple_(pending_public_record.c.kind, pending_public_record.c.id).in_(some)
                )
            )
    return differing


@contextmanager
def changing_many(engine: Engine) -> Iterator[tuple[Connection, PublicChange]]:
    """As `writing_many`, likewise."""
    with writing_many(engine) as connection:
        change = PublicChange(connection)
        yield connection, change
        change.publish()


def lock_changes(connection: Connection) -> None:
    """Lock the change counter until this transaction ends, without counting: other public changes wait.

    So numbers become visible in the order of the commits. SQLite has only one writing transaction at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(insert(connection, meta).values(key="change", value=0).on_conflict_do_nothing())
        connection.execute(select(meta.c.value).where(meta.c.key == "change").with_for_update())
