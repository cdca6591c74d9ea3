"""What pages would show if a declaration were published: it is, for the moment of one page, and never kept.

So the page is drawn by the same code as for readers; a second way to draw what would be would differ from it one day.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from catalog import submissions
from catalog.errors import NotAllowed, NotFound
from catalog.moderation.conflict_of_interest import own_declaration
from catalog.moderation.review import corrected, possible, sender_of
from catalog.rules import permissions
from catalog.rules.decision import ORGANIZATION, PROJECT, PUBLISH
from catalog.rules.person import Person
from catalog.store import Store
from catalog.store.core.engine import ChangeNumber, trial_transaction
from catalog.store.moderation import log as moderation_log
from catalog.store.submissions import rows as submission_rows


@contextmanager
def published(
    store: Store, person: Person, key: UUID, edits: Mapping[tuple[str, ...], str] | None = None, *, now: datetime
) -> Iterator[tuple[str, str]]:
    """Inside, this thread reads the catalogue as it would stand; the kind and the slug of the record that would change.
    `edits`: a moderator's corrections, as `catalog.moderation.Wish` has them.

    Raises NotFound where it cannot be published or changes the page of no record; NotAllowed for whoever may not decide
    on it; Invalid where the catalogue changed, or was corrected, so that it cannot be.
    """
    permissions.demand(person, "desk-declaration-preview")
    with trial_transaction(store.engine) as connection:
        one = submission_rows.one(connection, key, hold=True)
        if why := own_declaration(connection, person, one):
            raise NotAllowed(why)
        if PUBLISH not in possible(one):
            raise NotFound("preview", one.reference)
        answers, before = corrected(one, edits or {})
        if before:
            submission_rows.change(connection, key, answers=answers)
            one = replace(one, answers=answers)
        submissions.publish(connection, one, sender_of(connection, one), ChangeNumber(connection), now=now)
        one = submission_rows.one(connection, key)
        for kind, record in ((PROJECT, one.project_id), (ORGANIZATION, one.organization_id)):
            if record is not None:
                yield kind, moderation_log.subject(connection, kind, key=record).slug
                return
        raise NotFound("preview", one.reference)
