"""The schema that migrations make is the one that the code knows, on both databases, also when two processes start."""

import multiprocessing
import multiprocessing.synchronize
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from support.paths import ROOT

from catalog.store.core.migrate import HEAD, revision
from catalog.store.store import Store
from catalog.tables.all_tables import metadata


def _upgrade(engine: Engine, to: str) -> None:
    """By the steps alone."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "catalog" / "migrations"))
    config.attributes["engine"] = engine
    command.upgrade(config, to)


def test_the_migrated_schema_is_the_one_in_schema(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == [], "make generated"


def _described(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    return {
        table: {
            "columns": sorted(
                (type_["name"], repr(type_["type"]), type_["nullable"], str(type_["default"]))
                for type_ in found.get_columns(table)
            ),
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "references": sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"], str(key["options"]))
                for key in found.get_foreign_keys(table)
            ),
            "unique": sorted(constraint["column_names"] for constraint in found.get_unique_constraints(table)),
            "checks": sorted(constraint["sqltext"] for constraint in found.get_check_constraints(table)),
            "indexes": sorted(
                (str(index["name"]), index["column_names"], index["unique"], _as_text(index.get("dialect_options")))
                for index in found.get_indexes(table)
            ),
        }
        for table in found.get_table_names()
    }


def _of_expressions(engine: Engine) -> list[str]:
    """The indexes of SQLite that hold an expression, which it is not asked for by `inspect`."""
    if engine.dialect.name != "sqlite":
        return []
    with engine.connect() as connection:
        made = text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%json_extract%' ORDER BY name")
        return [" ".join(statement.split()) for statement in connection.execute(made).scalars()]


def _as_text(options: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in (options or {}).items())


def test_a_schema_made_at_once_is_the_one_that_the_steps_lead_to(empty_url: str) -> None:
    store = Store(empty_url)
    _upgrade(store.engine, "head")
    by_steps, expressions = _described(store.engine), _of_expressions(store.engine)
    with store.engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    store.migrate()
    assert _described(store.engine) == by_steps and len(by_steps) > 50
    assert _of_expressions(store.engine) == expressions and (expressions or "postgresql" in empty_url)
    store.close()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "catalog" / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_every_revision_is_a_file_of_its_name() -> None:
    for file in (ROOT / "catalog" / "migrations" / "versions").glob("*.py"):
        stated = re.search(r'^revision = "(\w+)"', file.read_text(), re.M)
        assert stated and file.stem == stated[1]


def test_an_empty_database_has_no_revision_and_a_migrated_one_has_the_newest(empty_url: str) -> None:
    store = Store(empty_url)
    assert revision(store.engine) is None
    store.migrate()
    store.migrate()
    assert revision(store.engine) == HEAD
    store.close()


def _migrate(url: str, start: multiprocessing.synchronize.Barrier) -> None:
    store = Store(url)
    start.wait(60)
    store.migrate()
    store.close()


def test_two_processes_that_start_together_both_migrate(empty_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    processes = [spawn.Process(target=_migrate, args=(empty_url, start)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    store = Store(empty_url)
    assert revision(store.engine) == HEAD and store.change() == 0
    store.close()


def test_a_start_with_nothing_to_migrate_imports_no_alembic(database_url: str) -> None:
    program = (
        "import sys; from catalog.store.store import Store; store = Store(sys.argv[1]); store.migrate(); store.close();"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, database_url], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("found", "sentence"), [("schema_1", r"before 0\.2\.0.*forge export"), ("next", "upgrade Forge")]
)
def test_a_database_of_another_edition_is_refused_with_what_to_do_and_left_as_it_is(empty_url, found, sentence):
    store = Store(empty_url)
    store.migrate()
    with store.engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": found})
    with pytest.raises(ValueError, match=sentence):
        store.migrate()
    assert revision(store.engine) == found
    store.close()
