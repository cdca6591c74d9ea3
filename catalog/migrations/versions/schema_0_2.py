"""The schema of release 0.2.0, as statements of each database: `schema_0_2.sqlite.sql`, `schema_0_2.postgresql.sql`.

An empty database is made from `catalog.tables` at once; these statements are for a backup or a dump of 0.2.0, which a
later version fills into tables of that time and then upgrades.
"""

from pathlib import Path

from alembic import op

revision = "schema_0_2"
down_revision = None


def upgrade() -> None:
    connection = op.get_bind()
    statements = Path(__file__).with_suffix(f".{connection.dialect.name}.sql").read_text(encoding="utf-8")
    for statement in statements.split(";\n\n"):
        connection.exec_driver_sql(statement.rstrip(";\n"))
