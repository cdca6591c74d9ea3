"""One organization by its identity, for what people say in its name. Lists and pages of organizations are `pages`'."""

from uuid import UUID

from sqlalchemy import Connection, select

from catalog.schema import organization
from catalog.store.views import OrganizationCard


def card(connection: Connection, key: UUID) -> OrganizationCard | None:
    """In the caller's transaction: an organization that may be named; None where it is gone or hidden."""
    row = connection.execute(
        select(
            organization.c.id, organization.c.slug, organization.c.name, organization.c.kind, organization.c.country
        ).where(organization.c.id == key, organization.c.hidden.is_(None))
    ).first()
    return OrganizationCard(*row) if row else None
