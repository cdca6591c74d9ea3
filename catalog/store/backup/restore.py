"""Copy a whole database as tables, and put one in the place of another in one transaction: for backups.

If it is killed halfway, the database is as it was. What was withdrawn in the replaced database is withdrawn again in
the restored one (`replay_withdrawals`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import text

from catalog.errors import AlreadyExists
from catalog.exchange.statements import Withdrawal
from catalog.store.backup import replay_withdrawals, table_copy, withdrawal_journal
from catalog.store.backup.table_copy import DescribedTable
from catalog.store.backup.withdrawal_journal import WithdrawalState
from catalog.store.core.engine import DatabasePart, get_meta, reading, writing
from catalog.store.core.migrate import check_known, upgrade_to
from catalog.store.exchange.published import mark_restored

LOCK_SECONDS = 20  # PostgreSQL: how long a restore waits for readers to end


class DatabaseCopies(DatabasePart):
    @contextmanager
    def tables(self) -> Iterator[Iterator[tuple[DescribedTable, Iterator[str]]]]:
        """Every table with its lines, all of one moment; each table's lines are to be read before the next one."""
        with writing(self._engine) as connection:
            replay_withdrawals.database_lineage(connection)
        described = table_copy.described_tables()
        with reading(self._engine) as connection:
            yield ((table, table_copy.lines_of_table(connection, table)) for table in described)

    def filled(self) -> bool:
        """Whether a document was ever loaded here: then there is something to lose."""
        with reading(self._engine) as connection:
            return get_meta(connection, "manifest") is not None

    def journal_lines(self, states: Mapping[str, WithdrawalState]) -> tuple[str, list[dict[str, Any]]]:
        """The lineage of this database, and what a journal that says `states` does not say yet."""
        with reading(self._engine) as connection:
            lineage = get_meta(connection, replay_withdrawals.LINEAGE)
        if lineage is None:
            with writing(self._engine) as connection:
                lineage = replay_withdrawals.database_lineage(connection)
        with reading(self._engine) as connection:
            present = withdrawal_journal.present_state(connection, lineage)
        return lineage, list(withdrawal_journal.new_lines(states.get(lineage) or WithdrawalState(lineage), present))

    def restore(
        self,
        revision: str,
        tables: Iterable[tuple[DescribedTable, Iterable[str]]],
        *,
        replace: bool,
        now: datetime,
        journal: Mapping[str, WithdrawalState] | None = None,
        own_exchanges: Callable[[Sequence[bytes]], Iterable[Withdrawal]] = lambda roots: (),
    ) -> dict[str, int]:
        """Fill the database from these tables, at this revision, and upgrade it to the newest; what was withdrawn here
        stays withdrawn, and what the journal and folders of our exchange say too; these are read by `own_exchanges`,
        which is given our roots.

        Raises AlreadyExists where something was loaded here and `replace` is false, ValueError for a revision that this
        Forge does not know or a table that does not exist.
        """
        check_known(revision, "It")
        with writing(self._engine) as connection:
            if get_meta(connection, "manifest") is not None and not replace:
                raise AlreadyExists("catalogue", "")
            was = replay_withdrawals.published_state(connection)
            here = withdrawal_journal.present_state(connection, was.lineage)
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            table_copy.drop_tables(connection)
            upgrade_to(connection, revision)
            for table, lines in tables:
                table_copy.fill_table(connection, table, lines)
            table_copy.continue_numbering(connection)
            upgrade_to(connection, "head")
            mark_restored(connection)
            states = [here, *(journal or {}).values()]
            return replay_withdrawals.replay_withdrawals(connection, states, was, own_exchanges, now=now)
