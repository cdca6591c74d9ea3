"""Verifies maintainers and representatives: begin, ask for a check, keep what a check found, give up, confirm by a
moderator. Each is one transaction; messages are rows, and checking itself is a job.

After a lost verification rights stay for `catalog.rules.verification.GRACE`, then they end, and what was declared with
them counts as a submission like any other.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import Invalid, NotFound
from catalog.ownership import members, methods
from catalog.record_kind import ORGANIZATION
from catalog.rules.adoption import SELF_DECLARED
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT
from catalog.rules.verification import (
    ABSENT,
    ADDRESS,
    FOUND,
    INVITED,
    MODERATOR,
    QUIET,
    TERMS,
    VERIFIED,
    Verification,
    gives_rights,
    outcome_of_check,
)
from catalog.store.adoptions import adoption_rows
from catalog.store.core.engine import Connection, writing
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.documents import own_values
from catalog.store.ownership import memberships, verifications
from catalog.store.ownership.subjects import subject
from catalog.store.ownership.verifications import term_of_member
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.store import Store
from catalog.store.submissions.later_submissions import projects_declared_last_by

RESULT_MESSAGE = "verification-result"

NO_METHOD = "Choose how you prove it"
NOT_THIS_METHOD = "It cannot be proven this way here. Choose another way"
OTHER_DOMAIN = "Your address is not at the domain of its website. Choose another way"
SENTENCES = (NO_METHOD, NOT_THIS_METHOD, OTHER_DOMAIN)


def begin(
    store: Store, person: Person, kind: str, slug: str, method: str, language: str, *, now: datetime
) -> Verification:
    """The verification that somebody begins, or began, for this record by this method; an address is checked at once.

    Raises NotFound, Moved, Removed; Invalid("way").
    """
    about = store.verifications.verifiable_record(kind, slug, person_id=person.id)
    place = methods.place_of(about, method)
    if place is None:
        raise Invalid({"way": NOT_THIS_METHOD if method else NO_METHOD})
    if method == ADDRESS and not methods.is_at_domain(person.email, about):
        raise Invalid({"way": OTHER_DOMAIN})
    with changing(store.engine) as (connection, change):
        if method == ADDRESS:
            change()
        begun = verifications.begin(connection, person.id, kind, about.id, method, language, now=now)
        if method == ADDRESS:
            settle_held(connection, begun, FOUND, change, detail={"host": place}, reason=None, now=now)
            return verifications.held(connection, begun.id)
    return begun


def ask_for_check(store: Store, key: UUID, *, now: datetime) -> None:
    """Check now: somebody says that the line is in its place. Raises NotFound."""
    with writing(store.engine) as connection:
        verifications.ask(connection, verifications.held(connection, key), now=now)


def settle(
    store: Store, key: UUID, outcome: str, *, detail: Mapping[str, Any], reason: str | None, now: datetime
) -> datetime | None:
    """Keep what a check found, let in or out accordingly, and tell the person; when to check again, None: not any more.

    Raises NotFound when it was given up meanwhile.
    """
    with changing(store.engine) as (connection, change):
        change()
        return settle_held(
            connection, verifications.held(connection, key), outcome, change, detail=detail, reason=reason, now=now
        )


def give_up(store: Store, person: Person, key: UUID, *, now: datetime) -> None:
    """Give a verification up, by its person, and with it the rights that it gave. Raises NotFound, also for somebody
    else's."""
    with changing(store.engine) as (connection, change):
        change()
        verification = verifications.held(connection, key)
        if verification.person_id != person.id:
            raise NotFound("verification", "")
        verifications.forget(connection, key)
        _end_rights(connection, verification.kind, verification.record_id, person.id, change, now=now)
        change.touch(verification.kind, verification.record_id)


def verify_at_once(
    connection: Connection,
    person_id: UUID,
    kind: str,
    record_id: UUID,
    method: str,
    change: PublicChange,
    *,
    detail: Mapping[str, Any],
    now: datetime,
) -> bool:
    """In the caller's transaction: verify somebody by what needs no check, a moderator's word or an address that
    was confirmed just now; whether they were not verified by this method before."""
    new = verifications.add_verified(connection, person_id, kind, record_id, method, detail, now=now)
    memberships.add_member(connection, person_id, kind, record_id, VERIFIED, change=change, now=now)
    if new and QUIET not in detail:
        lift(connection, person_id, kind, record_id, change, now=now)
    change.touch(kind, record_id)
    return new


def revoke(
    connection: Connection,
    person_id: UUID,
    kind: str,
    record_id: UUID,
    method: str,
    change: PublicChange,
    *,
    detail: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """In the caller's transaction: undo what `verify_at_once` did; with `detail`, unless it was checked anew."""
    for verification in verifications.verifications_of(connection, person_id, kind, record_id):
        if verification.method == method and (detail is None or verification.detail == detail):
            verifications.forget(connection, verification.id)
            _end_rights(connection, kind, record_id, person_id, change, now=now)
            mistaken = kind == ORGANIZATION and method == MODERATOR  # an address stays true
            if mistaken and term_of_member(connection, person_id, kind, record_id) is None:
                lower_adoptions(connection, person_id, record_id, TERMS[method], change)
    change.touch(kind, record_id)


def settle_held(
    connection: Connection,
    verification: Verification,
    outcome: str,
    change: PublicChange,
    *,
    detail: Mapping[str, Any],
    reason: str | None,
    now: datetime,
) -> datetime | None:
    """In the caller's transaction, of a verification that is held: as `settle`."""
    become = outcome_of_check(verification, outcome, now=now)
    verifications.note(
        connection, verification, become, detail=detail, reason=None if outcome == FOUND else reason or ABSENT, now=now
    )
    if outcome == FOUND:
        memberships.add_member(
            connection,
            verification.person_id,
            verification.kind,
            verification.record_id,
            VERIFIED,
            change=change,
            now=now,
        )
        if verification.state != VERIFIED or (QUIET in verification.detail and QUIET not in detail):
            lift(connection, verification.person_id, verification.kind, verification.record_id, change, now=now)
    elif become.lapsed:
        _end_rights(connection, verification.kind, verification.record_id, verification.person_id, change, now=now)
    if become.state != verification.state or become.lapsed or QUIET in verification.detail:
        change.touch(verification.kind, verification.record_id)
    if become.told:
        email, language = verifications.email_of(connection, verification.person_id)
        about = subject(connection, verification.kind, verification.record_id)
        values = {"told": become.told, "name": about.name, "nonce": verification.nonce, "kind": verification.kind}
        enqueue_message(connection, RESULT_MESSAGE, email, language, values, now=now)
    return become.at


def _end_rights(
    connection: Connection, kind: str, record_id: UUID, person_id: UUID, change: PublicChange, *, now: datetime
) -> None:
    """End somebody's rights, unless something else gives them."""
    others = verifications.verifications_of(connection, person_id, kind, record_id)
    if any(gives_rights(other.state, other.lost_at, now) for other in others):
        return
    if memberships.roles_of_members(connection, kind, record_id).get(person_id) in (None, INVITED):
        return
    members.expel(connection, person_id, kind, record_id, change, demote=True, now=now)


def lift(
    connection: Connection, person_id: UUID, kind: str, record_id: UUID, change: PublicChange, *, now: datetime
) -> None:
    """Make what they declared, and a moderator accepted, the record's own word; its dates stay."""
    own_values.promote_values(connection, kind, record_id, person_id, change=change, now=now)
    term = term_of_member(connection, person_id, kind, record_id)
    if kind == ORGANIZATION and term is not None:
        _verify_adoptions(connection, person_id, record_id, SELF_DECLARED, term, change)


def lower_adoptions(
    connection: Connection, person_id: UUID, organization_id: UUID, term: str, change: PublicChange
) -> None:
    """Make their declarations of use that a verification of this term raised unconfirmed again."""
    _verify_adoptions(connection, person_id, organization_id, term, SELF_DECLARED, change)


def _verify_adoptions(
    connection: Connection, person_id: UUID, organization_id: UUID, before: str, after: str, change: PublicChange
) -> None:
    for project_id in projects_declared_last_by(connection, ADOPT, organization_id, person_id):
        adoption = adoption_rows.own_adoption(connection, project_id, organization_id)
        if adoption is None or adoption.verification != before:
            continue
        row = adoption_rows.snapshot(connection, project_id, organization_id)["kept"]
        said_at = datetime.fromisoformat(row["confirmed_at"])  # it says so since then: a verification moves no date
        stronger = replace(adoption, verification=after)
        adoption_rows.write_adoption(connection, project_id, organization_id, stronger, change=change, now=said_at)
