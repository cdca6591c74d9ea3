"""A newer version finds the database of an older one, with content: it is upgraded once, whole or not at all, whoever
comes first; and an older version refuses what a newer one left.

The migration of these tests does what a real one will, to a table that has rows.
"""

import multiprocessing
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Column, Text, inspect, text
from support.world import fill

from catalog.store.backup import table_copy
from catalog.store.core import migrate
from catalog.store.core.engine import writing
from catalog.store.store import Store
from catalog.tables.core import project

SECONDS = 120
NEXT = "trial"  # after the newest that there is
NEXT_MIGRATION = '''
"""A trial: one column more, filled from what is there, and one table more."""

import sqlalchemy
from alembic import op

revision = "trial"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("project") as table:
        table.add_column(sqlalchemy.Column("trial", sqlalchemy.Text))
    op.execute("UPDATE project SET trial = upper(slug)")
    op.create_table("trial", sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True))
    op.execute("INSERT INTO trial (id) SELECT count(*) FROM project")
    {end}
'''


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a newer version."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrate.__file__).parents[2] / "migrations", folder)
    write_next(folder)
    return folder


def write_next(folder: Path, end: str = "") -> None:
    (folder / "versions/trial.py").write_text(NEXT_MIGRATION.format(head=migrate.HEAD, end=end))


def upgraded(url: str, folder: Path) -> None:
    """Open the database as the newer version does."""

    def config() -> Config:
        made = Config()
        made.set_main_option("script_location", str(folder))
        return made

    migrate._config, migrate.HEAD = config, NEXT  # type: ignore[assignment]
    with closing(Store(url)) as store:
        store.migrate()


def taken_over(url: str, folder: Path) -> None:
    """As the newer version, whose own tables have the new column, restores a backup of the older one: into tables of
    that time, which are then upgraded."""
    project.append_column(Column("trial", Text))
    found = migrate.HEAD
    upgraded(url, folder)
    with closing(Store(url)) as store, writing(store.engine) as connection:
        table_copy.drop_tables(connection)
        migrate.upgrade_to(connection, found)
        assert "trial" not in {column["name"] for column in inspect(connection).get_columns("project")}
        migrate.upgrade_to(connection, "head")


def in_processes(
    url: str, folder: Path, number: int, target: Callable[[str, Path], None] = upgraded
) -> list[int | None]:
    """Open it in several processes at once; how each ended."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=target, args=(url, folder)) for _ in range(number)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(SECONDS)
    return [process.exitcode for process in processes]


def everything(store: Store) -> dict[str, list[str]]:
    with store.engine.connect() as connection:
        return {
            table.name: list(table_copy.lines_of_table(connection, table)) for table in table_copy.described_tables()
        }


@pytest.fixture
def filled(empty_url: str) -> Iterator[Store]:
    with closing(Store(empty_url)) as store:
        store.migrate()
        fill(store)
        yield store


def url_of(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")


def test_several_processes_upgrade_a_full_database_once_and_lose_nothing(filled: Store, newer: Path) -> None:
    """A web process of the older version goes on meanwhile; started again, it refuses what the newer one left."""
    before = everything(filled)
    filled.engine.dispose()
    assert in_processes(url_of(filled), newer, 3) == [0, 0, 0]
    with filled.engine.connect() as connection:
        assert migrate.revision_of(connection) == NEXT
        rows = connection.execute(text("SELECT slug, trial FROM project")).all()
        assert rows and all(row.trial == row.slug.upper() for row in rows)
        assert connection.execute(text("SELECT id FROM trial")).scalars().all() == [len(rows)]
        tables = {
            table.name: list(table_copy.lines_of_table(connection, table)) for table in table_copy.described_tables()
        }
    assert tables == before and filled.public_records.project("galette").record.name
    with pytest.raises(ValueError, match=f"{NEXT}, newer than {migrate.HEAD}"):
        filled.migrate()


def test_an_upgrade_that_fails_halfway_changes_nothing_and_the_older_version_goes_on(
    filled: Store, newer: Path
) -> None:
    write_next(newer, 'raise SystemExit("no room")')
    before = everything(filled)
    filled.engine.dispose()
    assert in_processes(url_of(filled), newer, 1) == [1]
    assert everything(filled) == before
    assert "trial" not in {column["name"] for column in inspect(filled.engine).get_columns("project")}
    assert not inspect(filled.engine).has_table("trial")
    filled.migrate()
    write_next(newer)
    filled.engine.dispose()
    assert in_processes(url_of(filled), newer, 1) == [0]


def test_a_backup_of_an_older_version_is_filled_into_the_tables_of_its_time(empty_url: str, newer: Path) -> None:
    assert in_processes(empty_url, newer, 1, taken_over) == [0]
    with closing(Store(empty_url)) as store, store.engine.connect() as connection:
        assert migrate.revision_of(connection) == NEXT
        assert "trial" in {column["name"] for column in inspect(connection).get_columns("project")}


def test_a_migration_that_would_make_a_table_anew_on_sqlite_is_refused(filled: Store, newer: Path) -> None:
    """SQLite would delete all that is deleted with its rows."""
    if filled.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite makes tables anew")
    write_next(
        newer, "with op.batch_alter_table('project', recreate='always') as t: t.alter_column('slug', nullable=True)"
    )
    before = everything(filled)
    filled.engine.dispose()
    assert in_processes(url_of(filled), newer, 1) == [1]
    assert everything(filled) == before
