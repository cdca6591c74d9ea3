"""The first page does not read all uses, after each public change, to find those that count last: an index of these
alone."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    counts = sa.text("confirmed IS 1") if op.get_bind().dialect.name == "sqlite" else sa.text("confirmed IS true")
    op.create_index("ix_adoption_confirmed", "adoption", ["id"], sqlite_where=counts, postgresql_where=counts)
