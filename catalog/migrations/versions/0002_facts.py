"""Facts with their history, what observers remember, roots and kinship of repositories, findings for moderators.

The whole records of past visits are dropped: the newest stands beside its mirror.
"""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("until", schema.Instant(timezone=True), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    op.create_index(op.f("ix_fact_project_id"), "fact", ["project_id"], unique=False)
    op.create_table(
        "fact_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("before_id", sa.Integer(), nullable=True),
        sa.Column("after_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.Integer(), nullable=False),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_change")),
    )
    op.create_index("ix_fact_change_project_id_id", "fact_change", ["project_id", "id"], unique=False)
    op.create_index("ix_fact_change_news_id", "fact_change", ["news", "id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("done_at", schema.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("kind", "project_id", "key", name=op.f("uq_finding_kind_project_id_key")),
    )
    op.create_index(op.f("ix_finding_project_id"), "finding", ["project_id"], unique=False)
    op.create_index("ix_finding_done_at_id", "finding", ["done_at", "id"], unique=False)
    op.create_table(
        "kinship",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("own_commits", sa.Integer(), nullable=True),
        sa.Column("other_commits", sa.Integer(), nullable=True),
        sa.Column("shared_commits", sa.Integer(), nullable=True),
        sa.Column("merge_base", sa.String(length=64), nullable=True),
        sa.Column("since", schema.Instant(timezone=True), nullable=True),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("other_head", sa.String(length=64), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "other_id", name=op.f("pk_kinship")),
    )
    op.create_index(op.f("ix_kinship_other_id"), "kinship", ["other_id"], unique=False)
    op.create_table(
        "memory",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_memory")),
    )
    op.create_table(
        "root",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("oid", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "oid", name=op.f("pk_root")),
    )
    op.create_index(op.f("ix_root_oid"), "root", ["oid"], unique=False)
    op.add_column("mirror", sa.Column("free_commit", sa.String(length=64), nullable=True))
    op.drop_table("observation")
