"""Brings a database to the present schema with Alembic. What the steps are stands in catalog/migrations."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

HEAD = "0026"  # the newest revision in catalog/migrations/versions; a test keeps it true


def migrate(engine: Engine) -> None:
    """Upgrade to HEAD. Alembic takes a third of a second to import: it is left alone when nothing is to be done."""
    if revision(engine) == HEAD:
        return
    from alembic import command

    config = _config()
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def step(connection: Connection, to: str) -> None:
    """In the caller's transaction: upgrade to a revision, or "head"."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def knows(wanted: str) -> bool:
    """Whether a revision is one of ours."""
    from alembic.script import ScriptDirectory

    return any(one.revision == wanted for one in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    return config


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found
