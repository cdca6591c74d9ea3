"""The makers' word on what people report and tell: an answer beside it, for everybody. It changes nothing of theirs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from catalog import rights
from catalog.calls import FIXED, NOT_FIXED, OBSTACLE_STATES, RECEIVED
from catalog.declare import typed
from catalog.errors import Invalid
from catalog.people import Person
from catalog.store import Store, experiences, obstacles, records
from catalog.store.database import ChangeNumber, writing

NO_STATE = "Choose where it stands"
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
    """Whoever keeps the project says where it stands. Raises NotAllowed, NotFound; Invalid: state, text, version."""
    rights.demand(person, "obstacle-answer", project=project_id)
    wrong = typed.words({"text": words}, {}, "text") | typed.lines({"version": version}, "version")
    if state not in OBSTACLE_STATES or state == RECEIVED:
        wrong["state"] = NO_STATE
    elif state == NOT_FIXED and not words.strip():
        wrong["text"] = NO_WHY
    if wrong:
        raise Invalid(wrong)
    said: dict[str, Any] = {"at": now.isoformat(timespec="seconds"), "language": language}
    said |= typed.kept({"text": words, "version": version if state == FIXED else ""}, "text", "version")
    with writing(store.engine) as connection:
        change = ChangeNumber(connection)
        change()
        if obstacles.answered(connection, project_id, reference, state, said, now=now):
            records.touch(connection, project_id, change())


def answer_experience(
    store: Store, person: Person, project_id: UUID, reference: str, *, words: str, language: str, now: datetime
) -> None:
    """Whoever keeps the project answers what an organization told; without words nothing is answered any more.

    Raises NotAllowed, NotFound; Invalid: text.
    """
    rights.demand(person, "experience-answer", project=project_id)
    wrong = typed.words({"text": words}, {}, "text")
    if wrong:
        raise Invalid(wrong)
    said = {"at": now.isoformat(timespec="seconds"), "language": language, "text": words.strip()}
    with writing(store.engine) as connection:
        change = ChangeNumber(connection)
        change()
        experiences.answered(connection, project_id, reference, said if words.strip() else None)
        records.touch(connection, project_id, change())
