"""Brings a database to the present schema with Alembic. What the steps are stands in catalog/migrations."""

from pathlib import Path

from sqlalchemy import Engine, inspect, text

HEAD = "0018"  # the newest revision in catalog/migrations/versions; a test keeps it true


def migrate(engine: Engine) -> None:
    """Upgrade to HEAD. Alembic takes a third of a second to import: it is left alone when nothing is to be done."""
    if revision(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")


def revision(engine: Engine) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found
