"""Submissions as tests begin them: a draft as a form leaves it."""

from typing import Any
from uuid import UUID

from catalog import submissions
from catalog.errors import Invalid
from catalog.rules.submission import Submission
from catalog.store.core.engine import writing
from catalog.store.store import Store
from catalog.store.submissions import submission_rows as rows


def begin_draft(store: Store, kind: str, language: str, **said: Any) -> tuple[str, Submission]:
    """A draft with the secret of its link."""
    with writing(store.engine) as connection:
        return rows.begin(connection, kind, language, **{"answers": {}, **said})


def send_draft(store: Store, key: UUID, **given: Any) -> Submission:
    """The draft as it stands after it was sent. Raises Invalid with all that is wrong."""
    submission, wrong = submissions.send(store, key, **given)
    if wrong:
        raise Invalid(wrong)
    return submission
