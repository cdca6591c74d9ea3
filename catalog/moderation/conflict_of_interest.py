"""Conflicts of interest: nobody decides about what they sent, maintain or represent."""

from collections.abc import Iterable
from uuid import UUID

from catalog.rules.person import Person
from catalog.rules.submission import Submission
from catalog.store.core.engine import Connection, reading
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject
from catalog.store.moderation.queue import Case
from catalog.store.store import Store

CONFLICT = "conflict"  # what NotAllowed says in a conflict of interest


def conflict(store: Store, person: Person, about: Subject | Submission) -> bool:
    """Whether the person has a conflict of interest: sent it, maintains the project, represents an organization that it
    is about or that maintains the project."""
    with reading(store.engine) as connection:
        if isinstance(about, Submission):
            return own_submission(connection, person, about)
        return own(connection, person, about.id)


def own_cases(store: Store, person: Person, cases: Iterable[Case]) -> frozenset[int]:
    """The numbers of those of these cases in which the person has a conflict of interest, read by one statement."""
    case_numbers, others = set[int](), dict[int, set[UUID]]()
    theirs = {*person.maintained_projects, *person.represented_organizations}
    with reading(store.engine) as connection:
        for case in cases:
            keys = {case.project_id, case.organization_id, case.named_organization, case.other_id} - {None}
            if theirs & keys or _sent_by(person, case.sender_id, case.email):
                case_numbers.add(case.number)
            else:
                others[case.number] = {key for key in keys if key is not None}
        if person.represented_organizations and others:
            looked_after = moderation_log.projects_of_organizations(connection, person.represented_organizations)
            case_numbers |= {number for number, keys in others.items() if keys & looked_after}
    return frozenset(case_numbers)


def own_records(store: Store, person: Person, *keys: UUID | None) -> bool:
    """Whether the person maintains or represents one of these records, or an organization that maintains one."""
    if not (person.maintained_projects or person.represented_organizations):
        return False
    with reading(store.engine) as connection:
        return own(connection, person, *keys)


def own(connection: Connection, person: Person, *keys: UUID | None) -> bool:
    """In the caller's transaction: as `own_records`."""
    ids = {key for key in keys if key is not None}
    if ids & {*person.maintained_projects, *person.represented_organizations}:
        return True
    return bool(person.represented_organizations) and any(
        moderation_log.maintaining_organizations(connection, key) & set(person.represented_organizations)
        for key in sorted(ids, key=str)
    )


def own_submission(connection: Connection, person: Person, submission: Submission) -> bool:
    """In the caller's transaction: whether the person sent it, or maintains or represents what it is about."""
    return _sent_by(person, submission.person_id, submission.email) or own(
        connection, person, submission.project_id, submission.organization_id, _stated_organization(submission)
    )


def _sent_by(person: Person, person_id: UUID | None, email: str | None) -> bool:
    return person_id == person.id or (email is not None and email == person.email)


def _stated_organization(submission: Submission) -> UUID | None:
    """The organization that its answers name, before it was published."""
    try:
        return UUID(str(submission.answers.get("organization")))
    except ValueError:
        return None
