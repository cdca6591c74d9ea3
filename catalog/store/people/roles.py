"""Who has a role here, and who was invited to one, for administrators."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from catalog.store.core.engine import DatabasePart, reading
from catalog.store.people.accounts import ROLE_INVITATION
from catalog.tables.people import message_link, person


@dataclass(frozen=True)
class RoleHolder:
    """A person with a role, or who was invited to one; `at`: when they signed in last, or until when the invitation
    holds."""

    email: str
    role: str
    at: datetime


class Roles(DatabasePart):
    def all(self) -> tuple[RoleHolder, ...]:
        """Those who have a role, administrators first."""
        query = select(person.c.email, person.c.role, person.c.signed_in_at).where(person.c.role.is_not(None))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(person.c.role, person.c.email)).all()
        return tuple(RoleHolder(row.email, row.role, row.signed_in_at) for row in rows)

    def invited(self, *, now: datetime) -> tuple[RoleHolder, ...]:
        """Those whose invitation is open, the newest first."""
        query = select(message_link.c.email, message_link.c.argument, message_link.c.expires_at).where(
            message_link.c.purpose == ROLE_INVITATION, message_link.c.used_at.is_(None), message_link.c.expires_at > now
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(message_link.c.created_at.desc()).limit(100)).all()
        return tuple(RoleHolder(row.email, row.argument["role"], row.expires_at) for row in rows)
