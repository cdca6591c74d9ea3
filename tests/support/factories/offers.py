"""Who answers at the desk what other catalogues offered, and who corrects a text there."""

from datetime import datetime
from uuid import UUID

from support.factories.core import identity, later
from support.factories.people import a_person
from support.factories.rewriting import rewriting
from support.waiting_rows import waiting_submissions

from catalog import moderation
from catalog.moderation import DecisionRequest
from catalog.rules.decision import PUBLISH
from catalog.rules.submission import CORRECT, WAITING
from catalog.store.store import Store
from catalog.store.submissions import submission_rows

LATER = later(hours=1)


def answer(
    store: Store, number: int = 0, choice: str = PUBLISH, reason: str = "", when: datetime = LATER
) -> int | None:
    """A moderator answers what waits."""
    someone = a_person(store)
    submission = waiting_submissions(store)[number]
    return moderation.answer(
        store, someone, submission.id, DecisionRequest(choice, reason, "", moderation.stamp(submission)), now=when
    )


def correct(store: Store, language: str, text: str, now: datetime, key: UUID | None = None) -> None:
    """Somebody corrects the sentence of the project, and a moderator publishes it."""
    with rewriting(store.engine) as connection:
        answers = {"field": "summary", "language": language, "value": text}
        about = key or identity("galette")
        _, submission = submission_rows.begin(connection, CORRECT, "fr", project_id=about, answers=answers, now=now)
        submission_rows.change(connection, submission.id, state=WAITING, sent_at=now, expires_at=None)
    answer(store, [waiting.id for waiting in waiting_submissions(store)].index(submission.id), when=now)
