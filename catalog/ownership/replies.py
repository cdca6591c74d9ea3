"""What a project's maintainers answer beside a fact: public at once."""

from datetime import datetime
from uuid import UUID

from catalog.errors import Invalid
from catalog.record_kind import PROJECT
from catalog.rules import permissions
from catalog.rules.contact_details import AN_ADDRESS, has_email
from catalog.rules.person import Person
from catalog.store.core.public_changes import changing
from catalog.store.store import Store
from catalog.store.submissions import maintainer_replies

MAX_REPLY = 500  # characters

NO_FIELD = "Choose what you answer to"
NO_TEXT = "Write your answer"
TOO_LONG = "Use 500 characters or fewer"
SENTENCES = (NO_FIELD, NO_TEXT, TOO_LONG, AN_ADDRESS)


def reply(
    store: Store, person: Person, project_id: UUID, field: str, text: str, language: str, *, now: datetime
) -> None:
    """Add a reply of the makers beside a fact; it replaces the one before.

    Raises NotAllowed; Invalid("field", "text").
    """
    permissions.demand(person, "project-manage-change", project=project_id)
    wrong = {}
    if not field:
        wrong["field"] = NO_FIELD
    if not text.strip():
        wrong["text"] = NO_TEXT
    elif len(text) > MAX_REPLY:
        wrong["text"] = TOO_LONG
    elif has_email(text):
        wrong["text"] = AN_ADDRESS
    if wrong:
        raise Invalid(wrong)
    with changing(store.engine) as (connection, change):
        change()
        maintainer_replies.add_reply(
            connection, project_id, person_id=person.id, field=field, language=language, text=text, now=now
        )
        change.touch(PROJECT, project_id)


def end_reply(store: Store, person: Person, project_id: UUID, field: str, *, now: datetime) -> None:
    """Take a reply back, as its makers or as a moderator. Raises NotAllowed."""
    permissions.demand(person, "maintainer-reply-end", project=project_id)
    with changing(store.engine) as (connection, change):
        change()
        if maintainer_replies.retract(connection, project_id, field, now):
            change.touch(PROJECT, project_id)
