"""What proves who keeps a project, what its makers answer, and projects that ask not to be listed."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "proof",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("asked_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("checked_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("proven_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("seen_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("lost_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_proof_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
        sa.UniqueConstraint("nonce", name=op.f("uq_proof_nonce")),
        sa.UniqueConstraint(
            "person_id", "kind", "record_id", "way", name=op.f("uq_proof_person_id_kind_record_id_way")
        ),
    )
    with op.batch_alter_table("proof", schema=None) as batch_op:
        batch_op.create_index("ix_proof_kind_record_id", ["kind", "record_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("looked_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", schema.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_answer_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_project_id"), ["project_id"], unique=False)

    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opted_out_at", schema.Instant(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_project_opted_out_at"), ["opted_out_at"], unique=False)
