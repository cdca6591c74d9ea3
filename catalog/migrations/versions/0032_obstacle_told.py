"""A report of an obstacle says whether its makers were told: when a message went out, which ones wait. Of reports whose
messages are forgotten nobody knows."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("obstacle", sa.Column("told_at", schema.Instant(timezone=True)))
    op.add_column("obstacle", sa.Column("telling_known", sa.Boolean()))
    op.add_column("message", sa.Column("about", sa.String(12)))
    op.create_index("ix_message_about", "message", ["about"])
    told = "SELECT min(sent_at) FROM message WHERE kind = 'obstacle' AND created_at = obstacle.at"
    op.execute(sa.text(f"UPDATE obstacle SET told_at = ({told})"))  # made in one transaction, at one time
