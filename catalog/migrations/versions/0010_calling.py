"""What people ask for: calls, statements of support, obstacles, experiences, and questions on their way."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0010"
down_revision = "0009"

_INDEXES = {
    "call": ("joined_to", "organization_id", "person_id", "project_id"),
    "support": ("organization_id", "person_id"),
    "obstacle": ("project_id",),
    "experience": ("organization_id", "person_id", "project_id"),
    "askable": ("organization_id",),
    "question": ("call_id", "person_id", "project_id"),
}


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("joined_to", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("tend_token", sa.String(length=64), nullable=True),
        sa.Column("opened_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("reminded_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("change", sa.BigInteger(), nullable=False),
        _person("call"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("reference", name=op.f("uq_call_reference")),
        sa.UniqueConstraint("tend_token", name=op.f("uq_call_tend_token")),
    )
    op.create_index("ix_call_state_ends_at", "call", ["state", "ends_at"], unique=False)
    op.create_table(
        "support",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("variation", sa.Text(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_support_call_id_call"), ondelete="CASCADE"),
        _person("support"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
        sa.UniqueConstraint("call_id", "organization_id", name=op.f("uq_support_call_id_organization_id")),
    )
    op.create_table(
        "obstacle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("audience", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obstacle")),
        sa.UniqueConstraint("reference", name=op.f("uq_obstacle_reference")),
    )
    op.create_table(
        "experience",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("answer", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        _person("experience"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience")),
        sa.UniqueConstraint("reference", name=op.f("uq_experience_reference")),
        sa.UniqueConstraint("project_id", "organization_id", name=op.f("uq_experience_project_id_organization_id")),
    )
    op.create_table(
        "askable",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("monthly", sa.Integer(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "organization_id", name=op.f("pk_askable")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_token", sa.String(length=64), nullable=True),
        sa.Column("read_token", sa.String(length=64), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("useful", sa.Boolean(), nullable=True),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("relayed_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("useful_asked_at", schema.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_question_call_id_call"), ondelete="SET NULL"),
        _person("question"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("reference", name=op.f("uq_question_reference")),
        sa.UniqueConstraint("answer_token", name=op.f("uq_question_answer_token")),
        sa.UniqueConstraint("read_token", name=op.f("uq_question_read_token")),
    )
    op.create_index(
        "ix_question_organization_id_relayed_at", "question", ["organization_id", "relayed_at"], unique=False
    )
    op.create_index("ix_question_state_at", "question", ["state", "at"], unique=False)
    for table, names in _INDEXES.items():
        for name in names:
            op.create_index(op.f(f"ix_{table}_{name}"), table, [name], unique=False)


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person"), ondelete="SET NULL"
    )
