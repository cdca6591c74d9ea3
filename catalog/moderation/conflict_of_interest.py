"""Conflicts of interest: nobody decides about what they sent, maintain or represent."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from catalog.errors import NotAllowed
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.decision import PEER
from catalog.rules.person import Person
from catalog.rules.submission import APPEAL, Submission
from catalog.store.core.engine import Connection, reading
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject
from catalog.store.moderation.queue import Case
from catalog.store.people.accounts import person_by_id
from catalog.store.store import Store
from catalog.store.submissions import rows as submission_rows

CONFLICT = "conflict"  # what NotAllowed says in a conflict of interest
OTHERS = "others"  # what it says to people who decide nothing of that kind
DECIDED_BEFORE = "decided-before"  # what it says to the person who took that decision


def conflict(store: Store, person: Person, about: Subject | Submission) -> bool:
    """Whether the person has a conflict of interest: sent it, maintains the project, represents an organization that it
    is about or that maintains the project; of an appeal, also whether they decided what it is about."""
    with reading(store.engine) as connection:
        if isinstance(about, Submission):
            return bool(own_submission(connection, person, about))
        return own(connection, person, about.id)


def own_cases(store: Store, person: Person, cases: Iterable[Case]) -> frozenset[int]:
    """The numbers of those of these cases in which the person has a conflict of interest, read by one statement for all
    but appeals."""
    found, others = set[int](), dict[int, set[UUID]]()
    theirs = {*person.maintained_projects, *person.represented_organizations}
    with reading(store.engine) as connection:
        for case in cases:
            if case.kind == APPEAL and case.submission_id is not None:
                if own_submission(connection, person, submission_rows.by_id(connection, case.submission_id)):
                    found.add(case.number)
                continue
            keys = {case.project_id, case.organization_id, case.named_organization, case.other_id} - {None}
            if theirs & keys or (
                case.sender is not None and _sent_by(person, case.sender.person_id, case.sender.email)
            ):
                found.add(case.number)
            else:
                others[case.number] = {key for key in keys if key is not None}
        if person.represented_organizations and others:
            looked_after = moderation_log.projects_of_organizations(connection, person.represented_organizations)
            found |= {number for number, keys in others.items() if keys & looked_after}
    return frozenset(found)


def standings(store: Store, cases: Iterable[Case]) -> Mapping[int, str]:
    """The numbers of these cases whose sender was verified for what they are about: PROJECT where they maintain
    it, ORGANIZATION where they represent it."""
    found, people = dict[int, str](), dict[UUID, Person | None]()
    with reading(store.engine) as connection:
        for case in cases:
            sender = case.sender.person_id if case.sender is not None else None
            if sender is None:
                continue
            if sender not in people:
                people[sender] = person_by_id(connection, sender)
            person = people[sender]
            if person is not None and case.project_id in person.maintained_projects:
                found[case.number] = PROJECT
            elif person is not None and {case.organization_id, case.named_organization} & set(
                person.represented_organizations
            ):
                found[case.number] = ORGANIZATION
    return found


def own_records(store: Store, person: Person, *keys: UUID | None) -> bool:
    """Whether the person maintains or represents one of these records, or an organization that maintains one."""
    if not (person.maintained_projects or person.represented_organizations):
        return False
    with reading(store.engine) as connection:
        return own(connection, person, *keys)


def own(connection: Connection, person: Person, *keys: UUID | None) -> bool:
    """In the caller's transaction: as `own_records`."""
    wanted = {key for key in keys if key is not None}
    if wanted & {*person.maintained_projects, *person.represented_organizations}:
        return True
    return bool(person.represented_organizations) and any(
        moderation_log.maintaining_organizations(connection, key) & set(person.represented_organizations)
        for key in sorted(wanted, key=str)
    )


def own_submission(connection: Connection, person: Person, submission: Submission) -> str:
    """In the caller's transaction: CONFLICT, OTHERS, DECIDED_BEFORE, or "" where they may decide on a submission."""
    sent = _sent_by(person, submission.person_id, submission.email)
    if sent or own(
        connection, person, submission.project_id, submission.organization_id, _stated_organization(submission)
    ):
        return CONFLICT
    if submission.kind != APPEAL:
        return ""
    # An appeal is about what its line decided, whatever the appeal itself names: it may name nothing.
    about = moderation_log.written(connection, appealed(submission))
    if about.submission_id is not None:
        if own_submission(connection, person, submission_rows.by_id(connection, about.submission_id)):
            return CONFLICT
    elif own(connection, person, about.line.subject_id, about.other):
        return CONFLICT
    if about.line.subject_kind == PEER and not permissions.may(person, "desk-peer-decide"):
        return OTHERS
    return DECIDED_BEFORE if about.person_id == person.id else ""


def _sent_by(person: Person, person_id: UUID | None, email: str | None) -> bool:
    return person_id == person.id or (email is not None and email == person.email)


def _stated_organization(submission: Submission) -> UUID | None:
    """The organization that its answers name, before it was published."""
    try:
        return UUID(str(submission.answers.get("organization")))
    except ValueError:
        return None


def appealed(submission: Submission) -> int:
    """The line of the log that an appeal is about."""
    return int(submission.answers.get("decision") or 0)


def refuse_own(connection: Connection, person: Person, *keys: UUID | None) -> None:
    """Raises NotAllowed(CONFLICT) where the person has a conflict of interest."""
    if own(connection, person, *keys):
        raise NotAllowed(CONFLICT)
