"""Public changes: one number a transaction, and the records whose public pages differ since.

The index, feeds, ETags and other catalogues follow these numbers: what a page shows never changes without one, and what
nobody can see counts none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from catalog.store.core.engine import (
    BATCH,
    batches,
    get_meta,
    insert,
    is_among,
    is_among_pairs,
    set_meta,
    writing,
    writing_many,
)
from catalog.store.core.mentions import ORGANIZATION, PROJECT, family, providers_of
from catalog.tables.adoptions import adoption
from catalog.tables.calls import askable
from catalog.tables.core import meta, organization, project

TABLES = {PROJECT: project, ORGANIZATION: organization}
# What builds and writes public records is made of nearly all of the store, which uses this module: the store gives it
# to its engine.
Publisher = Callable[[Connection, Mapping[str, set[UUID]], Callable[[], int] | None], int]
PUBLISHER = "forge_publisher"  # of the execution options


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
        """The pages of these records may show something else now; None is nobody."""
        self._touched[kind].update(key for key in ids if key is not None)

    def publish(self, *, counting: bool = True) -> int:
        """Build the public records of what was touched, and of rows that carry this number; those that differ are
        written and counted. How many did. At the end of the transaction: what is read here is what stays.

        Not `counting`: the records are as they were, and only their rows are missing or of an older shape."""
        if self._number is not None:
            for kind, table in TABLES.items():
                carrying = select(table.c.id).where(table.c.change == self._number)
                self._touched[kind].update(self._connection.execute(carrying).scalars())
        if not any(self._touched.values()):
            return 0
        lock_changes(self._connection)
        publisher: Publisher = self._connection.get_execution_options()[PUBLISHER]
        return publisher(self._connection, self._touched, self if counting else None)

    def touch_adoptions(self, pairs: Iterable[tuple[UUID, UUID]]) -> None:
        """Public adoptions of these projects by these organizations differ: so do the pages of both, and of who hosts
        or helps with them."""
        every = sorted(set(pairs), key=str)
        for start in range(0, len(every), BATCH // 2):
            batch = every[start : start + BATCH // 2]
            self.touch(PROJECT, *(project_id for project_id, _ in batch))
            self.touch(ORGANIZATION, *(organization_id for _, organization_id in batch))
            these = is_among_pairs(self._connection, (adoption.c.project_id, adoption.c.organization_id), batch)
            self.touch(ORGANIZATION, *providers_of(self._connection, these))

    def touch_family(self, ids: Iterable[UUID]) -> None:
        """The pages of forks and other relatives of these projects show something else of them."""
        self.touch(PROJECT, *family(self._connection, ids))

    def touch_askable(self, organization_ids: Iterable[UUID]) -> None:
        """Others speak for these organizations now, or nobody: whether they may be asked shows on their pages and on
        those of the projects that they let themselves be asked about."""
        for batch in batches(set(organization_ids)):
            mine = is_among(self._connection, askable.c.organization_id, batch)
            for row in self._connection.execute(select(askable.c.project_id, askable.c.organization_id).where(mine)):
                self.touch(PROJECT, row.project_id)
                self.touch(ORGANIZATION, row.organization_id)


@contextmanager
def changing(engine: Engine) -> Iterator[tuple[Connection, PublicChange]]:
    """As `writing`, for a transaction that may change what is public."""
    with writing(engine) as connection:
        change = PublicChange(connection)
        yield connection, change
        change.publish()


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
