"""Takes a project off the list, and puts it back, at one press of its maintainers, with a public reason or none.

What is still shown of it is decided in `catalog.store.ownership.unlisted`. Others ask for it by a submission:
`catalog.submissions.kinds.unlisting`.
"""

from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid
from catalog.rules import permissions
from catalog.rules.contact_details import AN_ADDRESS, has_email
from catalog.rules.person import Person
from catalog.store.core.public_changes import changing
from catalog.store.ownership import unlisted
from catalog.store.store import Store

MAX_REASON = 500  # characters

TOO_LONG = "Use 500 characters or fewer"
SENTENCES = (TOO_LONG, AN_ADDRESS)


def faults(reason: str) -> dict[str, str]:
    """What is wrong with a public reason, by field; none is needed."""
    if len(reason) > MAX_REASON:
        return {"reason": TOO_LONG}
    return {"reason": AN_ADDRESS} if has_email(reason) else {}


def opt_out(store: Store, person: Person, project_id: UUID, reason: str, language: str, *, now: datetime) -> None:
    """Take a project off the list; a second time changes the reason.

    Raises NotAllowed; Invalid("reason").
    """
    permissions.demand(person, "project-manage-change", project=project_id)
    if wrong := faults(reason):
        raise Invalid(wrong)
    with changing(store.engine) as (connection, change):
        change()
        why = reason.strip() or None
        if not unlisted.opt_out(connection, project_id, why, language, change=change, now=now):
            unlisted.say_why(connection, project_id, why, language, change=change)


def list_again(store: Store, person: Person, project_id: UUID, *, now: datetime) -> None:
    """List the project again: all that is known of it is shown; a second time changes nothing. Raises NotAllowed."""
    permissions.demand(person, "project-manage-change", project=project_id)
    with changing(store.engine) as (connection, change):
        if unlisted.opted_out(connection, project_id) is not None:
            unlisted.list_again(connection, project_id, change=change)
