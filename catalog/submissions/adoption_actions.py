"""What representatives of an organization, or senders of a use, do at one press: withdraw the use, show it or not.

Each is one transaction and at once; nobody asks for a reason, and no line of the log is written.
"""

from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid, NotFound
from catalog.rules import permissions
from catalog.rules.adoption import VISIBILITIES
from catalog.rules.person import Person
from catalog.rules.submission import ADOPT, PUBLISHED, WITHDRAWN, Submission
from catalog.store.adoptions import adoption_rows, published_statements
from catalog.store.core.engine import reading
from catalog.store.core.public_changes import changing
from catalog.store.store import Store
from catalog.store.submissions import submission_rows

NO_VISIBILITY = "Choose who may see it"
SENTENCES = (NO_VISIBILITY,)


def take_away(store: Store, person: Person, project_id: UUID, organization_id: UUID, *, now: datetime) -> None:
    """Withdraw a use; a second time changes nothing. Raises NotAllowed where the person does not represent it."""
    permissions.demand(person, "adoption-change", organization=organization_id)
    with changing(store.engine) as (connection, change):
        if adoption_rows.standing_adoption(connection, project_id, organization_id) is not None:
            adoption_rows.withdraw_adoption(connection, project_id, organization_id, change=change, now=now)
            published_statements.withdraw_for_good(connection, ADOPT, project_id, organization_id, now=now)


def show_to(store: Store, person: Person, project_id: UUID, organization_id: UUID, visibility: str) -> None:
    """Set who may see this use. Raises NotAllowed; NotFound where the organization said nothing itself;
    Invalid("visibility")."""
    permissions.demand(person, "adoption-change", organization=organization_id)
    if visibility not in VISIBILITIES:
        raise Invalid({"visibility": NO_VISIBILITY})
    with changing(store.engine) as (connection, change):
        if not adoption_rows.set_visibility(connection, project_id, organization_id, visibility, change=change):
            raise NotFound("adoption", str(project_id))


def may_take_back(store: Store, submission: Submission) -> bool:
    """Whether what this submission published still stands, so that its sender may take it away by its own page."""
    if (
        submission.kind != ADOPT
        or submission.state != PUBLISHED
        or submission.project_id is None
        or submission.organization_id is None
    ):
        return False
    with reading(store.engine) as connection:
        last = published_statements.last_published(connection, ADOPT, submission.project_id, submission.organization_id)
        is_used = adoption_rows.own_adoption(connection, submission.project_id, submission.organization_id) is not None
    return is_used and last is not None and last.id == submission.id


def take_back(store: Store, key: UUID, *, now: datetime) -> None:
    """Withdraw a use, by the sender of the submission that counts; a second time changes nothing.

    Raises NotFound when another submission of the organization stands since: then its representatives decide.
    """
    with changing(store.engine) as (connection, change):
        submission = submission_rows.by_id(connection, key, hold=True)
        if submission.kind != ADOPT or submission.project_id is None or submission.organization_id is None:
            raise NotFound("declaration", submission.reference)
        if submission.state == WITHDRAWN:
            return
        last = published_statements.last_published(connection, ADOPT, submission.project_id, submission.organization_id)
        if submission.state != PUBLISHED or last is None or last.id != submission.id:
            raise NotFound("declaration", submission.reference)
        adoption_rows.withdraw_adoption(
            connection, submission.project_id, submission.organization_id, change=change, now=now
        )
        published_statements.withdraw_for_good(
            connection, ADOPT, submission.project_id, submission.organization_id, now=now
        )
