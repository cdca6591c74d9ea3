"""Members of a record, who maintain a project or represent an organization: invited by mail, added by the link, removed
at one press. Each is one transaction. Who is verified, and how, is in `verify`.

An invited member may do what the others may, save remove a verified one, as long as there is a verified member.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from catalog.errors import Invalid, NotAllowed, NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.contact_details import NO_EMAIL
from catalog.rules.person import Person
from catalog.rules.verification import INVITED
from catalog.store.adoptions import adoption_rows
from catalog.store.core.engine import Connection, writing
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.store.documents import own_values
from catalog.store.ownership import memberships, verifications
from catalog.store.ownership.memberships import INVITATION
from catalog.store.ownership.subjects import subject
from catalog.store.people.accounts import (
    TOO_MANY_MESSAGES,
    add_link,
    begin_session,
    may_write,
    person_by_address,
    use_link,
)
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.store import Store

INVITED_FOR = timedelta(days=7)
MAX_MEMBERS = 20  # of one record, with those who are invited

ENOUGH = "This list is full. Take somebody off it first"
ALREADY_IN: Mapping[str, str] = {
    PROJECT: "This address already manages the project",
    ORGANIZATION: "This address already represents the organization",
}
SENTENCES = (NO_EMAIL, ENOUGH, *ALREADY_IN.values(), TOO_MANY_MESSAGES)


def demand(person: Person, kind: str, record_id: UUID, *, change: bool = True) -> None:
    """Raises NotAllowed where the person may not see, or change, how this record is managed."""
    action = f"{kind}-manage-change" if change else f"{kind}-manage"
    permissions.demand(person, action, **{kind: record_id})


def invite(store: Store, person: Person, kind: str, record_id: UUID, email: str | None, *, now: datetime) -> None:
    """Let the owner of an address in once they open the message's link. Raises NotAllowed; Invalid("email")."""
    demand(person, kind, record_id)
    if email is None:
        raise Invalid({"email": NO_EMAIL})
    members = store.memberships.of_record(kind, record_id)
    if email in {member.email for member in members}:
        raise Invalid({"email": ALREADY_IN[kind]})
    if len(members) + len(store.memberships.invitations(kind, record_id, now)) >= MAX_MEMBERS:
        raise Invalid({"email": ENOUGH})
    with writing(store.engine) as connection:
        if not may_write(connection, email, now=now):
            raise Invalid({"email": TOO_MANY_MESSAGES})
        about = subject(connection, kind, record_id)
        memberships.end_invitation(connection, kind, record_id, email, now)
        argument = {"kind": kind, "record": str(record_id), "by": str(person.id)}
        token = add_link(connection, INVITATION, email, argument, expires_at=now + INVITED_FOR, now=now)
        values = {"token": token, "kind": kind, "name": about.name}
        enqueue_message(connection, INVITATION, email, person.language, values, now=now)


def accept(store: Store, token: str, language: str, *, now: datetime) -> tuple[Person, str, str, str]:
    """Use the link of an invitation: the person, what their new session's cookie holds, the record's kind and slug.

    Raises NotFound when the link never was, was used or is too old, or when the person who invited is no longer a
    member.
    """
    with changing(store.engine) as (connection, change):
        lock_changes(connection)
        used = use_link(connection, token, now=now)
        if used.purpose != INVITATION:
            raise NotFound("link", used.id[:8])
        kind, record_id = used.argument["kind"], UUID(used.argument["record"])
        roles = memberships.roles_of_members(connection, kind, record_id)
        if UUID(used.argument["by"]) not in roles or all(role == INVITED for role in roles.values()):
            raise NotFound("link", used.id[:8])
        about = subject(connection, kind, record_id)
        someone = person_by_address(connection, used.email, language, now=now)
        memberships.add_member(connection, someone.id, kind, record_id, INVITED, change=change, now=now)
        return someone, begin_session(connection, someone.id, now=now), kind, about.slug


def withdraw_invitation(store: Store, person: Person, kind: str, record_id: UUID, email: str, *, now: datetime) -> None:
    """Take an invitation back. Raises NotAllowed."""
    demand(person, kind, record_id)
    with writing(store.engine) as connection:
        memberships.end_invitation(connection, kind, record_id, email, now)


def remove(store: Store, person: Person, kind: str, record_id: UUID, who: UUID, *, now: datetime) -> None:
    """Take somebody off the list, oneself too; their verifications for the record go with them.

    Who was invited cannot take off who is verified. Raises NotAllowed.
    """
    demand(person, kind, record_id)
    with changing(store.engine) as (connection, change):
        change()
        roles = memberships.roles_of_members(connection, kind, record_id)
        if roles.get(who) is None:
            return
        if who != person.id and roles.get(person.id) == INVITED != roles[who]:
            raise NotAllowed(f"{kind}-manage-change")
        for verification in verifications.verifications_of(connection, who, kind, record_id):
            verifications.forget(connection, verification.id)
        expel(connection, who, kind, record_id, change, demote=False, now=now)


def expel(
    connection: Connection,
    person_id: UUID,
    kind: str,
    record_id: UUID,
    change: PublicChange,
    *,
    demote: bool,
    now: datetime,
) -> None:
    """In the caller's transaction: remove a member. `demote`: what they said as the record itself is a
    submission like any other from now on.

    With the last verified member the invited ones are removed, and the record has no members any more.
    """
    were = memberships.roles_of_members(connection, kind, record_id)
    memberships.remove_member(connection, person_id, kind, record_id, change)
    memberships.remove_left_alone(connection, kind, record_id)
    silent = not memberships.has_members(connection, kind, record_id)
    if kind == PROJECT and (silent or demote):
        own_values.demote_own_values(connection, record_id, None if silent else person_id, change=change, now=now)
    if kind == ORGANIZATION:
        for key in sorted(were, key=str) if silent else [person_id] if demote else []:
            own_values.demote_own_organization_values(connection, record_id, key, change=change, now=now)
        adoption_rows.update_listing(connection, record_id, change)
    change.touch(kind, record_id)
