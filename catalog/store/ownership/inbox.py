"""How many relayed messages a month the maintainers of a project take: the rows of `maintainer_inbox`."""

from uuid import UUID

from sqlalchemy import Connection, delete, select

from catalog.record_kind import PROJECT
from catalog.rules.call import MONTHLY_OF_MAINTAINERS
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.public_changes import PublicChange
from catalog.store.ownership.memberships import has_members
from catalog.tables.ownership import maintainer_inbox


class MaintainerInboxes(DatabasePart):
    def monthly(self, project_id: UUID) -> int:
        """How many messages a month its maintainers take, whether or not it has any now."""
        with reading(self._engine) as connection:
            return stated_monthly(connection, project_id)

    def takes_messages(self, project_id: UUID) -> bool:
        """Whether a message to its maintainers would reach somebody."""
        with reading(self._engine) as connection:
            return monthly_with_maintainer(connection, project_id) > 0


def monthly_with_maintainer(connection: Connection, project_id: UUID) -> int:
    """In the caller's transaction: how many messages a month the maintainers of a project take; 0: none, or there is no
    verified maintainer to get them."""
    return stated_monthly(connection, project_id) if has_members(connection, PROJECT, project_id) else 0


def take_monthly(connection: Connection, project_id: UUID, monthly: int, change: PublicChange) -> None:
    """In the caller's transaction: its maintainers take so many messages a month from now on."""
    connection.execute(delete(maintainer_inbox).where(maintainer_inbox.c.project_id == project_id))
    connection.execute(maintainer_inbox.insert().values(project_id=project_id, monthly=monthly))
    change.touch(PROJECT, project_id)


def stated_monthly(connection: Connection, project_id: UUID) -> int:
    """In the caller's transaction: how many messages a month its maintainers take, whether or not it has any now."""
    query = select(maintainer_inbox.c.monthly).where(maintainer_inbox.c.project_id == project_id)
    number: int | None = connection.execute(query).scalar()
    return MONTHLY_OF_MAINTAINERS if number is None else number
