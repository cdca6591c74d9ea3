"""When moderators were told of a use that nobody says again; which deletions at an origin a person accepted."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.add_column(sa.Column("noted_at", schema.Instant(timezone=True), nullable=True))
    with op.batch_alter_table("mirror", schema=None) as batch_op:
        batch_op.add_column(sa.Column("accepted", sa.String(length=64), nullable=True))
