"""Reported uses, the word of networks, and when an organization was last asked whether it still uses something."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "reported",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("first_seen_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("invited_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("answered_at", schema.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_reported_project_id_key")),
        sa.UniqueConstraint("token", name=op.f("uq_reported_token")),
    )
    with op.batch_alter_table("reported", schema=None) as batch_op:
        batch_op.create_index("ix_reported_state_id", ["state", "id"], unique=False)
    op.create_table(
        "vouch",
        sa.Column("network_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"], ["organization.id"], name=op.f("fk_vouch_network_id_organization"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_vouch_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_vouch_person_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_vouch_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("network_id", "project_id", "organization_id", name=op.f("pk_vouch")),
    )
    with op.batch_alter_table("vouch", schema=None) as batch_op:
        for name in ("organization_id", "project_id"):
            batch_op.create_index(batch_op.f(f"ix_vouch_{name}"), [name], unique=False)
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.add_column(sa.Column("earned", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("asked_at", schema.Instant(timezone=True), nullable=True))
