"""Whom those who speak for an organization let in beside them, as verbs: invited by mail, in by the link's press, out
at one press. Each is one transaction; who proves that they speak is `keep`'s matter.

Whoever was invited may do what the others may, as long as one of those who proved it speaks for the organization.
"""

from datetime import datetime
from uuid import UUID

from catalog import rights
from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.keep import ENOUGH, INVITED_FOR, MAX_KEEPERS, NO_EMAIL
from catalog.people import Person
from catalog.proofs import INVITED, ORGANIZATION
from catalog.store import Store, declared, keeping
from catalog.store.database import ChangeNumber, writing
from catalog.store.keeping import SPEAK
from catalog.store.messages import enqueue_message
from catalog.store.people import OFTEN, add_link, begin_session, may_write, person_at, use_link

ALREADY_IN = "This address speaks for the organization already"
SENTENCES = (ALREADY_IN,)


def invite(store: Store, person: Person, organization_id: UUID, email: str | None, *, now: datetime) -> None:
    """Let the owner of an address in once they open the message's link. Raises NotAllowed; Invalid("email")."""
    rights.demand(person, "speakers-change", organization=organization_id)
    if email is None:
        raise Invalid({"email": NO_EMAIL})
    known = store.keeping.keepers(organization_id, ORGANIZATION)
    if email in {one.email for one in known}:
        raise Invalid({"email": ALREADY_IN})
    if len(known) + len(store.keeping.invitations(organization_id, now, ORGANIZATION)) >= MAX_KEEPERS:
        raise Invalid({"email": ENOUGH})
    with writing(store.engine) as connection:
        if not may_write(connection, email, now=now):
            raise Invalid({"email": OFTEN})
        about = keeping.subject(connection, ORGANIZATION, organization_id)
        keeping.uninvite(connection, organization_id, email, now, ORGANIZATION)
        argument = {"organization": str(organization_id), "by": str(person.id)}
        token = add_link(connection, SPEAK, email, argument, expires_at=now + INVITED_FOR, now=now)
        told = {"token": token, "name": about.name}
        enqueue_message(connection, SPEAK, email, person.language, told, now=now)


def accept(store: Store, token: str, language: str, *, now: datetime) -> tuple[Person, str, str]:
    """Use the link of an invitation: the person, what their new session's cookie holds, the organization's slug.

    Raises NotFound when the link never was, was used or is too old, or when whoever invited is no longer in.
    """
    with writing(store.engine) as connection:
        used = use_link(connection, token, now=now)
        if used.purpose != SPEAK:
            raise NotFound("link", used.id[:8])
        key = UUID(used.argument["organization"])
        titles = keeping.inside(connection, key, ORGANIZATION)
        if UUID(used.argument["by"]) not in titles or all(one == INVITED for one in titles.values()):
            raise NotFound("link", used.id[:8])
        about = keeping.subject(connection, ORGANIZATION, key)
        someone = person_at(connection, used.email, language, now=now)
        keeping.grant(connection, ORGANIZATION, key, someone.id, INVITED, now)
        return someone, begin_session(connection, someone.id, now=now), about.slug


def uninvite(store: Store, person: Person, organization_id: UUID, email: str, *, now: datetime) -> None:
    """Take an invitation back. Raises NotAllowed."""
    rights.demand(person, "speakers-change", organization=organization_id)
    with writing(store.engine) as connection:
        keeping.uninvite(connection, organization_id, email, now, ORGANIZATION)


def remove(store: Store, person: Person, organization_id: UUID, who: UUID, *, now: datetime) -> None:
    """Take somebody off the list of those who speak for an organization, oneself too; their proofs for it go with them.

    Who was invited cannot take off who proved it. When the last goes who proved it, those who were invited go too, and
    what they said of the organization is its own word no more. Raises NotAllowed.
    """
    rights.demand(person, "speakers-change", organization=organization_id)
    with writing(store.engine) as connection:
        change = ChangeNumber(connection)
        change()
        titles = keeping.inside(connection, organization_id, ORGANIZATION)
        if titles.get(who) is None:
            return
        if who != person.id and titles.get(person.id) == INVITED != titles[who]:
            raise NotAllowed("speakers-change")
        for one in keeping.proofs_of(connection, who, ORGANIZATION, organization_id):
            keeping.forget(connection, one.id)
        keeping.expel(connection, ORGANIZATION, organization_id, who)
        keeping.alone(connection, organization_id)
        left = keeping.inside(connection, organization_id, ORGANIZATION)
        if not left:
            for who_left in titles:
                declared.lower_own(connection, organization_id, who_left, change=change, now=now)
        keeping.touch(connection, ORGANIZATION, organization_id, change())
