"""The last card of a catalogue whose records another one keeps now."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("peer_id", sa.Uuid(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_handover_peer_id_peer"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("instance_id", name=op.f("pk_handover")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_peer_id"), ["peer_id"], unique=False)
