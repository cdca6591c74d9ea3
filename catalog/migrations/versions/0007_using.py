"""Organizations that are shown nowhere are found at once; how many unnamed groups use a project, counted weekly."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """An index of the hidden ones, and a table of counts."""
    hidden = sa.text("hidden IS NOT NULL")
    op.create_index(
        "ix_organization_hidden", "organization", ["id"], sqlite_where=hidden, postgresql_where=hidden, unique=False
    )
    op.create_table(
        "unnamed",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_unnamed_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_unnamed")),
    )
