"""Who hosts a project for others, as rows: what was only in the project's record can be asked for by organization."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_PROJECT = sa.table("project", sa.column("id", sa.Uuid()), sa.column("record", sa.JSON()))
_ORGANIZATION = sa.table("organization", sa.column("id", sa.Uuid()), sa.column("slug", sa.String()))


def upgrade() -> None:
    hosting = op.create_table(
        "hosting",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_hosting_organization_id_organization"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_hosting_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "organization_id", name=op.f("pk_hosting")),
    )
    with op.batch_alter_table("hosting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hosting_organization_id"), ["organization_id"], unique=False)
    _fill(op.get_bind(), hosting)


def _fill(connection: sa.Connection, hosting: sa.Table) -> None:
    organizations = {row.slug: row.id for row in connection.execute(sa.select(_ORGANIZATION))}
    hosted = _PROJECT.c.record["runs"]["hosted"]
    rows = []
    for key, slugs in connection.execute(sa.select(_PROJECT.c.id, hosted)).all():
        hosts = dict.fromkeys(organizations[slug] for slug in slugs or () if slug in organizations)
        rows += [{"project_id": key, "organization_id": host, "position": at} for at, host in enumerate(hosts)]
    if rows:
        connection.execute(hosting.insert(), rows)
