"""Letting somebody in beside those who keep a project or speak for an organization: invited by mail, in by the link's
press, out at one press. Steps for the verbs of `verify` and `representatives`, which say what is whose and what
follows.

Each is one transaction. Whoever was invited may do what the others may, save taking off who proved it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.rules import permissions
from catalog.rules.person import Person
from catalog.rules.verification import INVITED
from catalog.store import Store
from catalog.store.core.engine import Connection, writing
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.store.ownership import verifications
from catalog.store.people.accounts import (
    TOO_MANY_MESSAGES,
    add_link,
    begin_session,
    may_write,
    person_by_address,
    use_link,
)
from catalog.store.people.mail_queue import enqueue_message

INVITED_FOR = timedelta(days=7)
MAX_INSIDE = 20  # of one record, with those who are invited

NO_EMAIL = "Enter an e-mail address like name@example.org"
ENOUGH = "There are as many of you as we can keep. Take somebody off the list first"
SENTENCES = (NO_EMAIL, ENOUGH, TOO_MANY_MESSAGES)


@dataclass(frozen=True)
class Circle:
    """Those who are in: `kind` of their record, the `right` that they have, the `purpose` of their links and messages,
    and the sentence for an address that is in already."""

    kind: str
    right: str
    purpose: str
    already: str

    def demand(self, person: Person, key: UUID) -> None:
        permissions.demand(person, self.right, **{self.kind: key})


def invite(store: Store, circle: Circle, person: Person, key: UUID, email: str | None, *, now: datetime) -> None:
    """Let the owner of an address in once they open the message's link. Raises NotAllowed; Invalid("email")."""
    circle.demand(person, key)
    if email is None:
        raise Invalid({"email": NO_EMAIL})
    known = store.verifications.members(key, circle.kind)
    if email in {maintainer.email for maintainer in known}:
        raise Invalid({"email": circle.already})
    if len(known) + len(store.verifications.invitations(key, now, circle.kind)) >= MAX_INSIDE:
        raise Invalid({"email": ENOUGH})
    with writing(store.engine) as connection:
        if not may_write(connection, email, now=now):
            raise Invalid({"email": TOO_MANY_MESSAGES})
        about = verifications.subject(connection, circle.kind, key)
        verifications.uninvite(connection, key, email, now, circle.kind)
        argument = {circle.kind: str(key), "by": str(person.id)}
        token = add_link(connection, circle.purpose, email, argument, expires_at=now + INVITED_FOR, now=now)
        told = {"token": token, "slug": about.slug, "name": about.name}
        enqueue_message(connection, circle.purpose, email, person.language, told, now=now)


def accept(store: Store, circle: Circle, token: str, language: str, *, now: datetime) -> tuple[Person, str, str]:
    """Use the link of an invitation: the person, what their new session's cookie holds, the record's slug.

    Raises NotFound when the link never was, was used or is too old, or when whoever invited is no longer in.
    """
    with changing(store.engine) as (connection, change):
        lock_changes(connection)
        used = use_link(connection, token, now=now)
        if used.purpose != circle.purpose:
            raise NotFound("link", used.id[:8])
        key = UUID(used.argument[circle.kind])
        titles = verifications.inside(connection, key, circle.kind)
        if UUID(used.argument["by"]) not in titles or all(title == INVITED for title in titles.values()):
            raise NotFound("link", used.id[:8])
        about = verifications.subject(connection, circle.kind, key)
        someone = person_by_address(connection, used.email, language, now=now)
        verifications.grant(connection, circle.kind, key, someone.id, INVITED, change, now)
        return someone, begin_session(connection, someone.id, now=now), about.slug


def uninvite(store: Store, circle: Circle, person: Person, key: UUID, email: str, *, now: datetime) -> None:
    """Take an invitation back. Raises NotAllowed."""
    circle.demand(person, key)
    with writing(store.engine) as connection:
        verifications.uninvite(connection, key, email, now, circle.kind)


def remove(
    store: Store,
    circle: Circle,
    person: Person,
    key: UUID,
    who: UUID,
    *,
    left: Callable[[Connection, frozenset[UUID], PublicChange], None],
) -> None:
    """Take somebody off the list, oneself too; their proofs for the record go with them, and `left` sees to what
    follows for those who were in.

    Who was invited cannot take off who proved it. Raises NotAllowed.
    """
    circle.demand(person, key)
    with changing(store.engine) as (connection, change):
        change()
        titles = verifications.inside(connection, key, circle.kind)
        if titles.get(who) is None:
            return
        if who != person.id and titles.get(person.id) == INVITED != titles[who]:
            raise NotAllowed(circle.right)
        for verification in verifications.proofs_of(connection, who, circle.kind, key):
            verifications.forget(connection, verification.id)
        verifications.expel(connection, circle.kind, key, who, change)
        left(connection, frozenset(titles), change)
        change.touch(circle.kind, key)
