"""Answers of a project's maintainers to obstacles and experiences, for everybody. The report itself is not changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.errors import Invalid
from catalog.rules import permissions
from catalog.rules.call import FIXED, NOT_FIXED, OBSTACLE_STATES, RECEIVED
from catalog.rules.person import Person
from catalog.store.adoptions import experiences
from catalog.store.core.public_changes import changing
from catalog.store.obstacles import obstacle_rows
from catalog.store.store import Store
from catalog.submissions.base import validation as base_validation

NO_STATE = "Choose its status"
NO_WHY = "Write why it stays as it is"
SENTENCES = (NO_STATE, NO_WHY)


def answer_obstacle(
    store: Store,
    person: Person,
    project_id: UUID,
    reference: str,
    *,
    state: str,
    words: str,
    version: str,
    language: str,
    now: datetime,
) -> None:
    """A maintainer says what is done about an obstacle. Raises NotAllowed, NotFound; Invalid: state, text, version."""
    permissions.demand(person, "obstacle-answer", project=project_id)
    wrong = base_validation.words({"text": words}, {}, "text") | base_validation.lines({"version": version}, "version")
    if state not in OBSTACLE_STATES or state == RECEIVED:
        wrong["state"] = NO_STATE
    elif state == NOT_FIXED and not words.strip():
        wrong["text"] = NO_WHY
    if wrong:
        raise Invalid(wrong)
    entry: dict[str, Any] = {"at": now.isoformat(timespec="seconds"), "language": language}
    entry |= base_validation.filled_answers(
        {"text": words, "version": version if state == FIXED else ""}, "text", "version"
    )
    with changing(store.engine) as (connection, change):
        change()
        if obstacle_rows.set_answer(connection, project_id, reference, state, entry, now=now):
            change.touch("project", project_id)


def answer_experience(
    store: Store, person: Person, project_id: UUID, reference: str, *, words: str, language: str, now: datetime
) -> None:
    """A maintainer answers an experience that an organization told; without words the answer is removed.

    Raises NotAllowed, NotFound; Invalid: text.
    """
    permissions.demand(person, "experience-answer", project=project_id)
    wrong = base_validation.words({"text": words}, {}, "text")
    if wrong:
        raise Invalid(wrong)
    entry = {"at": now.isoformat(timespec="seconds"), "language": language, "text": words.strip()}
    with changing(store.engine) as (connection, change):
        change()
        experiences.set_answer(connection, project_id, reference, entry if words.strip() else None)
        change.touch("project", project_id)
