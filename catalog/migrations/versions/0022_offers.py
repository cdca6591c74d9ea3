"""Offered translations: what was translated, the declaration that a received one waits as, why one is kept out."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("original", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("declaration_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("why", sa.String(length=16), nullable=True))
        batch_op.create_index(batch_op.f("ix_offer_declaration_id"), ["declaration_id"], unique=False)
        batch_op.create_index("ix_offer_home_id_at", ["home_id", "at"], unique=False)
