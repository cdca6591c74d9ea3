"""Pictures of a project's screens, made small."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("renderer", sa.String(length=64), nullable=False),
        sa.Column("webp", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("project_id", "object_id", "width", name=op.f("pk_picture")),
    )
