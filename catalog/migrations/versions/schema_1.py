"""The schema of release 0.1.0: every table as `catalog.tables` describes it.

Until 0.1.0 is tagged, a change of the tables is a change of this schema; from then on each change is a migration of its
own, and this one is written out (docs/decisions/001-one-migration.md).
"""

from alembic import op

from catalog.tables.all_tables import metadata

revision = "schema_1"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)
