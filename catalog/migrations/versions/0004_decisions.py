"""The public log of decisions, and what was decided about serving a mirror's source."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("about", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("concerns", sa.Integer(), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("finding_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_decision_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decision")),
        sa.UniqueConstraint("kind", "concerns", name=op.f("uq_decision_kind_concerns")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_finding_id"), ["finding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_decision_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_decision_subject_id_number", ["subject_id", "number"], unique=False)
    with op.batch_alter_table("mirror", schema=None) as batch_op:
        batch_op.add_column(sa.Column("decided", sa.Boolean(), nullable=True))
