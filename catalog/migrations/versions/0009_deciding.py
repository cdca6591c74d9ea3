"""The desk: who holds what waits, which records resemble each other, which were joined; decisions on declarations."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "holding",
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("until", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_holding_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_holding")),
    )
    with op.batch_alter_table("holding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_holding_person_id"), ["person_id"], unique=False)

    op.create_table(
        "likeness",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("done_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_likeness")),
        sa.UniqueConstraint("kind", "one_id", "other_id", name=op.f("uq_likeness_kind_one_id_other_id")),
    )
    with op.batch_alter_table("likeness", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_likeness_other_id"), ["other_id"], unique=False)

    op.create_table(
        "joined",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("into_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", name=op.f("pk_joined")),
    )
    with op.batch_alter_table("joined", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joined_into_id"), ["into_id"], unique=False)

    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declaration_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_decision_declaration_id"), ["declaration_id"], unique=False)
