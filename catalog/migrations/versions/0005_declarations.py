"""What people submit, what was taken back, and which adoptions count: the organization's own word, not too old."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0005"
down_revision = "0004"

_UNCONFIRMED = ("found-in-public-source", "reported-by-maintainer", "self-declared", "to-reconfirm", "disputed")


def upgrade() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("network", sa.String(length=64), nullable=True),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("sent_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("decided_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("looked_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("expires_at", schema.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_declaration_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
        sa.UniqueConstraint("reference", name=op.f("uq_declaration_reference")),
        sa.UniqueConstraint("token", name=op.f("uq_declaration_token")),
    )
    with op.batch_alter_table("declaration", schema=None) as batch_op:
        for name in ("email", "expires_at", "organization_id", "person_id", "project_id", "subject"):
            batch_op.create_index(batch_op.f(f"ix_declaration_{name}"), [name], unique=False)
        batch_op.create_index("ix_declaration_state_sent_at", ["state", "sent_at"], unique=False)

    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("declaration_id", sa.Uuid(), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("voice", sa.String(length=16), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["declaration.id"],
            name=op.f("fk_remark_declaration_id_declaration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
    )
    with op.batch_alter_table("remark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remark_declaration_id"), ["declaration_id"], unique=False)

    op.create_table(
        "tombstone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.String(length=16), nullable=False),
        sa.Column("at", schema.Instant(timezone=True), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
        sa.UniqueConstraint("kind", "record_id", name=op.f("uq_tombstone_kind_record_id")),
    )
    with op.batch_alter_table("tombstone", schema=None) as batch_op:
        for name in ("change", "organization_id", "project_id"):
            batch_op.create_index(batch_op.f(f"ix_tombstone_{name}"), [name], unique=False)

    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.add_column(sa.Column("document", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("declared", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("hidden", sa.String(length=16), nullable=True))
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("stands", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_at", schema.Instant(timezone=True), nullable=True))
        batch_op.create_index("ix_adoption_project_id_organization_id", ["project_id", "organization_id"])

    organization = sa.table("organization", sa.column("declared", sa.JSON()))
    op.execute(organization.update().values(declared={}))
    adoption = sa.table("adoption", *map(sa.column, ("confirmed", "stands", "verification")))
    op.execute(adoption.update().values(confirmed=adoption.c.verification.not_in(_UNCONFIRMED), stands=sa.true()))
    with op.batch_alter_table("organization", schema=None) as batch_op:
        batch_op.alter_column("declared", existing_type=sa.JSON(), nullable=False)
    with op.batch_alter_table("adoption", schema=None) as batch_op:
        batch_op.alter_column("confirmed", existing_type=sa.Boolean(), nullable=False)
        batch_op.alter_column("stands", existing_type=sa.Boolean(), nullable=False)
