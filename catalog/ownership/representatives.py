"""Whom those who speak for an organization let in beside them, as verbs: the steps are in `invitations`; who proves
that they speak, in `verify`.

Whoever was invited may do what the others may, as long as one of those who proved it speaks for the organization.
"""

from datetime import datetime
from uuid import UUID

from catalog.ownership import invitations
from catalog.ownership.invitations import Circle
from catalog.rules.person import Person
from catalog.rules.verification import ORGANIZATION
from catalog.store import Store
from catalog.store.core.engine import Connection
from catalog.store.core.public_changes import PublicChange
from catalog.store.documents import overrides
from catalog.store.ownership import verifications
from catalog.store.ownership.verifications import SPEAK

ALREADY_IN = "This address speaks for the organization already"
SENTENCES = (ALREADY_IN,)
REPRESENTATIVES = Circle(ORGANIZATION, "representatives-change", SPEAK, ALREADY_IN)


def invite(store: Store, person: Person, organization_id: UUID, email: str | None, *, now: datetime) -> None:
    """As `inviting.invite`."""
    invitations.invite(store, REPRESENTATIVES, person, organization_id, email, now=now)


def accept(store: Store, token: str, language: str, *, now: datetime) -> tuple[Person, str, str]:
    """As `inviting.accept`."""
    return invitations.accept(store, REPRESENTATIVES, token, language, now=now)


def uninvite(store: Store, person: Person, organization_id: UUID, email: str, *, now: datetime) -> None:
    """As `inviting.uninvite`."""
    invitations.uninvite(store, REPRESENTATIVES, person, organization_id, email, now=now)


def remove(store: Store, person: Person, organization_id: UUID, who: UUID, *, now: datetime) -> None:
    """As `inviting.remove`. When the last goes who proved it, those who were invited go too, and what they said of the
    organization is its own word no more."""

    def left(connection: Connection, were: frozenset[UUID], change: PublicChange) -> None:
        verifications.alone(connection, ORGANIZATION, organization_id)
        if not verifications.inside(connection, organization_id, ORGANIZATION):
            for key in sorted(were, key=str):
                overrides.demote_own_organization_values(connection, organization_id, key, change=change, now=now)

    invitations.remove(store, REPRESENTATIVES, person, organization_id, who, left=left)
