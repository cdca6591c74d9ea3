"""Who answers at the desk what other catalogues offered."""

from datetime import datetime

from support.factories.core import later
from support.factories.people import a_person

from catalog import moderation
from catalog.moderation import Wish
from catalog.rules.decision import PUBLISH
from catalog.store import Store

LATER = later(hours=1)


def answer(
    store: Store, number: int = 0, choice: str = PUBLISH, reason: str = "", when: datetime = LATER
) -> int | None:
    """A moderator answers what waits."""
    someone = a_person(store)
    submission = store.submissions.queue()[number]
    return moderation.answer(
        store, someone, submission.id, Wish(choice, reason, "", moderation.stamp(submission)), now=when
    )
