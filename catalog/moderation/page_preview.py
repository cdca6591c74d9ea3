"""Shows what pages would show if a submission were published: it is published in a transaction that is rolled back once
the page is drawn.

So the same code draws the preview and the page; a second way to draw it would differ from the page one day.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from catalog import submissions
from catalog.errors import NotAllowed, NotFound
from catalog.moderation.conflict_of_interest import CONFLICT, own_submission
from catalog.moderation.outcomes.sender import corrected, sender_of
from catalog.moderation.review import possible
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules import permissions
from catalog.rules.decision import PUBLISH
from catalog.rules.person import Person
from catalog.store.core.engine import trial_transaction
from catalog.store.core.public_changes import PublicChange
from catalog.store.moderation import log as moderation_log
from catalog.store.store import Store
from catalog.store.submissions import rows as submission_rows


@contextmanager
def published(
    store: Store, person: Person, key: UUID, edits: Mapping[tuple[str, ...], str] | None = None, *, now: datetime
) -> Iterator[tuple[str, str]]:
    """Inside, this thread reads the catalogue as it would stand; the kind and the slug of the record that would change.
    `edits`: a moderator's corrections, as `catalog.moderation.DecisionRequest` has them.

    Raises NotFound where it cannot be published or changes the page of no record; NotAllowed where the person may not
    decide on it; Invalid where the catalogue changed, or was corrected, so that it cannot be.
    """
    permissions.demand(person, "desk-submission-preview")
    with trial_transaction(store.engine) as connection:
        submission = submission_rows.by_id(connection, key, hold=True)
        if own_submission(connection, person, submission):
            raise NotAllowed(CONFLICT)
        if PUBLISH not in possible(submission):
            raise NotFound("preview", submission.reference)
        answers, before = corrected(submission, edits or {})
        if before:
            submission_rows.change(connection, key, answers=answers)
            submission = replace(submission, answers=answers)
        change = PublicChange(connection)
        submissions.publish(connection, submission, sender_of(connection, submission), change, now=now)
        change.publish()
        submission = submission_rows.by_id(connection, key)
        for kind, record in ((PROJECT, submission.project_id), (ORGANIZATION, submission.organization_id)):
            if record is not None:
                yield kind, moderation_log.subject(connection, kind, key=record).slug
                return
        raise NotFound("preview", submission.reference)
