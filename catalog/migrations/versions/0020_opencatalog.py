"""What crawlers post by the Open Catalog API, apart from all else; and projects in the order of their arrival."""

import sqlalchemy as sa
from alembic import op

from catalog import schema

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "posted_analysis",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("namespaces", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", name=op.f("pk_posted_analysis")),
    )
    op.create_table(
        "posted_bundle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("software_ids", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_bundle")),
        sa.UniqueConstraint("name", name=op.f("uq_posted_bundle_name")),
    )
    with op.batch_alter_table("posted_bundle", schema=None) as batch_op:
        batch_op.create_index("ix_posted_bundle_created_at_id", ["created_at", "id"], unique=False)

    op.create_table(
        "posted_catalog",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("alternative_id", sa.String(length=255), nullable=True),
        sa.Column("publishers_namespace", sa.String(length=255), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_catalog")),
        sa.UniqueConstraint("alternative_id", name=op.f("uq_posted_catalog_alternative_id")),
    )
    with op.batch_alter_table("posted_catalog", schema=None) as batch_op:
        batch_op.create_index("ix_posted_catalog_created_at_id", ["created_at", "id"], unique=False)

    op.create_table(
        "posted_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=True),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_event")),
    )
    with op.batch_alter_table("posted_event", schema=None) as batch_op:
        batch_op.create_index("ix_posted_event_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_posted_event_kind_record_id", ["kind", "record_id"], unique=False)

    op.create_table(
        "posted_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("lowered", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_log")),
    )
    with op.batch_alter_table("posted_log", schema=None) as batch_op:
        batch_op.create_index("ix_posted_log_created_at_id", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_posted_log_kind_record_id", ["kind", "record_id"], unique=False)

    op.create_table(
        "posted_webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("url", sa.String(length=255), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("format", sa.String(length=24), nullable=False),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("sent_at", schema.Instant(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_webhook")),
        sa.UniqueConstraint("kind", "subject", "url", name=op.f("uq_posted_webhook_kind_subject_url")),
    )
    with op.batch_alter_table("posted_webhook", schema=None) as batch_op:
        batch_op.create_index("ix_posted_webhook_created_at_id", ["created_at", "id"], unique=False)

    op.create_table(
        "posted_publisher",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("catalog_id", sa.Uuid(), nullable=True),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("alternative_id", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["catalog_id"], ["posted_catalog.id"], name=op.f("fk_posted_publisher_catalog_id_posted_catalog")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_publisher")),
        sa.UniqueConstraint("alternative_id", name=op.f("uq_posted_publisher_alternative_id")),
        sa.UniqueConstraint("description", name=op.f("uq_posted_publisher_description")),
    )
    with op.batch_alter_table("posted_publisher", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posted_publisher_catalog_id"), ["catalog_id"], unique=False)
        batch_op.create_index("ix_posted_publisher_created_at_id", ["created_at", "id"], unique=False)

    op.create_table(
        "posted_software",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("catalog_id", sa.Uuid(), nullable=True),
        sa.Column("publiccode", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("vitality", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["catalog_id"], ["posted_catalog.id"], name=op.f("fk_posted_software_catalog_id_posted_catalog")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posted_software")),
    )
    with op.batch_alter_table("posted_software", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posted_software_catalog_id"), ["catalog_id"], unique=False)
        batch_op.create_index("ix_posted_software_created_at_id", ["created_at", "id"], unique=False)

    op.create_table(
        "posted_address",
        sa.Column("url", sa.String(length=255), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("software_id", sa.Uuid(), nullable=False),
        sa.Column("alias", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["software_id"],
            ["posted_software.id"],
            name=op.f("fk_posted_address_software_id_posted_software"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_posted_address")),
    )
    with op.batch_alter_table("posted_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posted_address_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_posted_address_software_id"), ["software_id"], unique=False)

    op.create_table(
        "posted_code",
        sa.Column("url", sa.String(length=255), nullable=False),
        sa.Column("publisher_id", sa.Uuid(), nullable=False),
        sa.Column("group", sa.Boolean(), nullable=False),
        sa.Column("created_at", schema.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", schema.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["publisher_id"],
            ["posted_publisher.id"],
            name=op.f("fk_posted_code_publisher_id_posted_publisher"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_posted_code")),
    )
    with op.batch_alter_table("posted_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posted_code_publisher_id"), ["publisher_id"], unique=False)

    with op.batch_alter_table("project", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_project_added_at"))
        batch_op.create_index("ix_project_added_at_id", ["added_at", "id"], unique=False)
