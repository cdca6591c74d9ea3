"""What pages would show if a declaration were published: it is, for the moment of one page, and never kept."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from catalog import declare, rights
from catalog.decisions import ORGANIZATION, PROJECT, PUBLISH
from catalog.errors import NotAllowed, NotFound
from catalog.moderate.answers import corrected, possible, sender_of
from catalog.moderate.conflicts import own_declaration
from catalog.people import Person
from catalog.store import Store, decisions, declarations
from catalog.store.database import ChangeNumber, supposing


@contextmanager
def published(
    store: Store, person: Person, key: UUID, edits: Mapping[tuple[str, ...], str] | None = None, *, now: datetime
) -> Iterator[tuple[str, str]]:
    """Inside, this thread reads the catalogue as it would stand; the kind and the slug of the record that would change.
    `edits`: a moderator's corrections, as `catalog.moderate.Wish` has them.

    Raises NotFound where it cannot be published or changes the page of no record; NotAllowed for whoever may not decide
    on it; Invalid where the catalogue changed, or was corrected, so that it cannot be.
    """
    rights.demand(person, "desk-declaration-preview")
    with supposing(store.engine) as connection:
        one = declarations.one(connection, key, hold=True)
        if why := own_declaration(connection, person, one):
            raise NotAllowed(why)
        if PUBLISH not in possible(one):
            raise NotFound("preview", one.reference)
        answers, before = corrected(one, edits or {})
        if before:
            declarations.change(connection, key, answers=answers)
            one = replace(one, answers=answers)
        declare.publish(connection, one, sender_of(connection, one), ChangeNumber(connection), now=now)
        one = declarations.one(connection, key)
        for kind, record in ((PROJECT, one.project_id), (ORGANIZATION, one.organization_id)):
            if record is not None:
                yield kind, decisions.subject(connection, kind, key=record).slug
                return
        raise NotFound("preview", one.reference)
