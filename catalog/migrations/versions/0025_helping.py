"""Who helps: whose word a declared line is, since when, and the declaration that said it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    with op.batch_alter_table("maintenance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said_by", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("said_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("declaration_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_maintenance_declaration_id"), ["declaration_id"], unique=False)
