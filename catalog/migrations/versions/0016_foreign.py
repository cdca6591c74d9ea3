"""What came from other catalogues, and what was erased for them."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "foreign_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("peer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("license", sa.Text(), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("taken_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("stated", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("digest", sa.String(length=24), nullable=False),
        sa.Column("refs", sa.Text(), nullable=False),
        sa.Column("led", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=True),
        sa.Column("local_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["peer.id"], name=op.f("fk_foreign_record_peer_id_peer"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_record")),
        sa.UniqueConstraint("peer_id", "kind", "record_id", name=op.f("uq_foreign_record_peer_id_kind_record_id")),
    )
    due: sa.ColumnElement[bool] = sa.column("due", sa.Boolean())
    with op.batch_alter_table("foreign_record", schema=None) as batch_op:
        for name in ("record_id", "row_id", "local_id", "project_id", "organization_id"):
            batch_op.create_index(batch_op.f(f"ix_foreign_record_{name}"), [name], unique=False)
        batch_op.create_index(
            "ix_foreign_record_due",
            ["id"],
            unique=False,
            sqlite_where=due,
            postgresql_where=due.is_(sa.true()),
        )
    op.create_table(
        "acknowledgement",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", "home_id", name=op.f("pk_acknowledgement")),
    )
    op.create_table(
        "receipt",
        sa.Column("peer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["peer_id"], ["peer.id"], name=op.f("fk_receipt_peer_id_peer"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("peer_id", "kind", "record_id", name=op.f("pk_receipt")),
    )
    for table in ("project", "organization"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("peer_id", sa.Uuid(), nullable=True))
            batch_op.create_index(batch_op.f(f"ix_{table}_peer_id"), ["peer_id"], unique=False)
