"""The first page reads, after each public change, neither all uses to find those that count last nor all records to
count them: an index of the uses that count alone, and one that holds all that is asked of projects."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    counts = sa.text("confirmed IS 1") if op.get_bind().dialect.name == "sqlite" else sa.text("confirmed IS true")
    op.create_index("ix_adoption_confirmed", "adoption", ["id"], sqlite_where=counts, postgresql_where=counts)
    op.create_index("ix_project_id_context_only", "project", ["id", "context_only"])
