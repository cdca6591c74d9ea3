"""What was imported of others: layers, and the projects that each one speaks of."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "layer",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("license", sa.String(length=200), nullable=False),
        sa.Column("added_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("read_at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_layer")),
    )
    op.create_table(
        "layer_record",
        sa.Column("layer", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["layer"], ["layer.name"], name=op.f("fk_layer_record_layer_layer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("layer", "key", name=op.f("pk_layer_record")),
    )
    with op.batch_alter_table("layer_record", schema=None) as batch_op:
        batch_op.create_index("ix_layer_record_project_id", ["project_id"], unique=False)
