"""Whose own matter something is: nobody decides on what they sent, keep, or speak for."""

from uuid import UUID

from catalog.errors import NotAllowed
from catalog.rules import permissions
from catalog.rules.decision import PEER
from catalog.rules.person import Person
from catalog.rules.submission import APPEAL, Declaration
from catalog.store import Store
from catalog.store.core.engine import Connection, reading
from catalog.store.moderation import log as moderation_log
from catalog.store.moderation.log import Subject
from catalog.store.submissions import rows as submission_rows

CONFLICT = "conflict"  # what NotAllowed says of one's own matters
OTHERS = "others"  # what it says to whoever decides nothing of that kind
DECIDED_BEFORE = "decided-before"  # what it says to whoever decided what is appealed against, or to be confirmed


def conflict(store: Store, person: Person, about: Subject | Declaration) -> bool:
    """Whether it is their own matter: they sent it, keep the project, or speak for an organization that it is about or
    that looks after the project; of an appeal, also whether they decided what it is about."""
    with reading(store.engine) as connection:
        if isinstance(about, Declaration):
            return bool(own_declaration(connection, person, about))
        return own(connection, person, about.id)


def own_records(store: Store, person: Person, *keys: UUID | None) -> bool:
    """Whether one of these records, or a project that their organization looks after, is theirs."""
    if not (person.keeps or person.speaks_for):
        return False
    with reading(store.engine) as connection:
        return own(connection, person, *keys)


def own(connection: Connection, person: Person, *keys: UUID | None) -> bool:
    """In the caller's transaction: whether one of these records, or a project that their organization looks after, is
    theirs."""
    wanted = {key for key in keys if key is not None}
    if wanted & {*person.keeps, *person.speaks_for}:
        return True
    return bool(person.speaks_for) and any(
        moderation_log.maintaining_organizations(connection, key) & set(person.speaks_for)
        for key in sorted(wanted, key=str)
    )


def own_declaration(connection: Connection, person: Person, submission: Declaration) -> str:
    """In the caller's transaction: CONFLICT, OTHERS, DECIDED_BEFORE, or "" where they may decide on a declaration."""
    sent = submission.person_id == person.id or (submission.email is not None and submission.email == person.email)
    if sent or own(connection, person, submission.project_id, submission.organization_id, _named(submission)):
        return CONFLICT
    if submission.kind != APPEAL:
        return ""
    # An appeal is about what its line decided, whatever the appeal itself names: it may name nothing.
    about = moderation_log.written(connection, appealed(submission))
    if about.declaration_id is not None:
        if own_declaration(connection, person, submission_rows.by_id(connection, about.declaration_id)):
            return CONFLICT
    elif own(connection, person, about.line.subject_id):
        return CONFLICT
    if about.line.subject_kind == PEER and not permissions.may(person, "desk-peer-decide"):
        return OTHERS
    return DECIDED_BEFORE if about.person_id == person.id else ""


def _named(submission: Declaration) -> UUID | None:
    """The organization that its answers name, before it was published."""
    try:
        return UUID(str(submission.answers.get("organization")))
    except ValueError:
        return None


def appealed(submission: Declaration) -> int:
    """The line of the log that an appeal is about."""
    return int(submission.answers.get("decision") or 0)


def refuse_own(connection: Connection, person: Person, *keys: UUID | None) -> None:
    """Raises NotAllowed(CONFLICT) for their own matters."""
    if own(connection, person, *keys):
        raise NotAllowed(CONFLICT)
