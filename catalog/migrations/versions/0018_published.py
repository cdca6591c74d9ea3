"""What went out to other catalogues, what of it was taken back, and translations offered."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "published",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", name="pk_published"),
    )
    op.create_index("ix_published_sequence", "published", ["sequence"])
    op.create_table(
        "taken_back",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", name="pk_taken_back"),
    )
    op.create_index("ix_taken_back_at", "taken_back", ["at"])
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outgoing", sa.Boolean(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("of_revision", sa.BigInteger(), nullable=False),
        sa.Column("translator", sa.Text(), nullable=True),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
    )
    op.create_index("ix_offer_kind_record_id", "offer", ["kind", "record_id"])
