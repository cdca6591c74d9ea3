"""Other catalogues whose records are read here, and what was decided about each."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "peer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("folder", sa.Text(), nullable=True),
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=True),
        sa.Column("entry_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("preview", sa.JSON(), nullable=True),
        sa.Column("kept_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("added_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("visited_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("last_good_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_peer_instance_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_peer_slug")),
    )
    op.create_table(
        "peer_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("peer_id", sa.Uuid(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("before", sa.String(length=16), nullable=False),
        sa.Column("after", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_peer_decision_peer_id_peer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_peer_decision_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_decision")),
    )
    with op.batch_alter_table("peer_decision", schema=None) as batch_op:
        batch_op.create_index("ix_peer_decision_peer_id_id", ["peer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_peer_decision_person_id"), ["person_id"], unique=False)
