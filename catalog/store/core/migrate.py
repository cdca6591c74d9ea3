"""Bring a database to the present schema: an empty one is created, an older one migrated by `catalog/migrations`.

A test compares the results of both.
"""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, inspect, text

HEAD = "schema_0_2"  # the newest revision in catalog/migrations/versions; a test keeps it true
# When two processes start together, the second waits for the first, then finds nothing to do. On SQLite
# BEGIN IMMEDIATE does the same. The number is arbitrary; only this schema's migrations use it.
LOCK = 1_179_603_527
# As Alembic makes it: https://alembic.sqlalchemy.org/en/latest/cookbook.html#building-an-up-to-date-database-from-scratch
BEFORE_0_2 = re.compile(r"00\d\d|schema_1")  # revisions of editions that no migration leads on from
TOO_OLD = (
    "was written by an edition of Forge before 0.2.0, whose database cannot be upgraded. Run `forge export "
    "catalog.yaml` with that edition, then `forge import catalog.yaml` with this one and an empty data folder."
)
_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def migrate(engine: Engine) -> None:
    """Bring the schema to HEAD. Raises ValueError for a schema that this Forge does not know.

    Alembic takes a third of a second to import: an empty database and one that is at HEAD do without it.
    """
    if revision(engine) is None:
        with engine.connect().execution_options(forge_writes=True) as connection, connection.begin():
            lock_schema(connection)
            if revision_of(connection) is None:
                _create_tables(connection)
    present = revision(engine)
    if present == HEAD:
        return
    check_known(str(present), "it")
    from alembic import command

    config = _config()
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def lock_schema(connection: Connection) -> None:
    """Lock the schema until the transaction ends: no other process changes it."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def upgrade_to(connection: Connection, to: str) -> None:
    """In the caller's transaction: upgrade to a revision, or "head"."""
    to = HEAD if to == "head" else to
    present = revision_of(connection)
    if present == to:
        return
    if present is None and to == HEAD:
        _create_tables(connection)
        return
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def _create_tables(connection: Connection) -> None:
    from catalog.tables.all_tables import metadata  # imports every table; needed only here

    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=HEAD))


def check_known(revision: str, subject: str) -> None:
    """Raise ValueError, saying what to do, where no migration leads on from this revision; `subject` begins the
    sentence."""
    from alembic.script import ScriptDirectory

    if BEFORE_0_2.fullmatch(revision):
        raise ValueError(f"{subject} {TOO_OLD}")
    if not any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions()):
        raise ValueError(
            f"{subject} has schema {revision}, newer than {HEAD}, which this Forge knows: upgrade Forge first."
        )


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[2] / "migrations"))
    return config


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """In the caller's transaction: the revision that the database is at; None for an empty one."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    number: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return number
