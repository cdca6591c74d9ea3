"""Questions between two groups are read by moderators only after one of the two reported them: who did, when and why,
and when a moderator removed one."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("question", sa.Column("reports", sa.JSON(none_as_null=True)))
    op.add_column("question", sa.Column("removed_at", schema.Instant(timezone=True)))
    op.add_column("declaration", sa.Column("reported_at", schema.Instant(timezone=True)))
