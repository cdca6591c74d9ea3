"""An organization's page finds the uses that name it as who hosts or helps, without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    named = "json_extract(record, '$.provider')" if sqlite else "(record ->> 'provider')"
    there = sa.text(f"{named} IS NOT NULL")
    op.create_index("ix_adoption_provider", "adoption", [sa.text(named)], sqlite_where=there, postgresql_where=there)
