"""This catalogue's own terms: those of the document's manifest, and those that moderators added here, or locked."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, func, select

from catalog.document import from_record
from catalog.model import Manifest, OwnTerm
from catalog.store.core.engine import get_meta, insert, reading
from catalog.store.core.public_changes import PublicChange
from catalog.store.documents import curation
from catalog.tables.core import organization, project_term
from catalog.tables.moderation import term


class OwnTermRows:
    def __init__(self, engine: Engine):
        self._engine = engine

    def all(self) -> tuple[OwnTerm, ...]:
        """The terms of the document, then those that were added here; a term that is both is given as a moderator
        locked it."""
        with reading(self._engine) as connection:
            return all_terms(connection)

    def locked(self) -> frozenset[UUID]:
        """The identities of those that a moderator locked."""
        with reading(self._engine) as connection:
            return frozenset(curation.locked(connection, curation.TERM))


def all_terms(connection: Connection) -> tuple[OwnTerm, ...]:
    """In the caller's transaction: `OwnTermRows.all`."""
    kept = get_meta(connection, "manifest")
    stated = from_record(Manifest, kept).terms if kept is not None else ()
    return with_added(stated, added_terms(connection))


def with_added(stated: Iterable[OwnTerm], added: Iterable[OwnTerm]) -> tuple[OwnTerm, ...]:
    """The terms of a document and those added here; where both have a term, the one added here counts."""
    return tuple({(own.vocabulary, own.slug): own for own in (*stated, *added)}.values())


def find_term(connection: Connection, vocabulary: str, slug: str) -> OwnTerm | None:
    """In the caller's transaction: a term of this catalogue's own; None where there is none."""
    found = (own for own in all_terms(connection) if (own.vocabulary, own.slug) == (vocabulary, slug))
    return next(found, None)


def added_terms(connection: Connection) -> tuple[OwnTerm, ...]:
    """In the caller's transaction: those that were added here, and are in no document yet."""
    rows = connection.execute(select(term).order_by(term.c.vocabulary, term.c.at, term.c.slug))
    return tuple(OwnTerm(row.vocabulary, row.slug, row.label, row.parent) for row in rows)


def add(connection: Connection, added: OwnTerm, *, change: PublicChange, now: datetime) -> None:
    """In the caller's transaction: add a term."""
    change()
    values: dict[str, Any] = {"vocabulary": added.vocabulary, "slug": added.slug, "parent": added.parent}
    connection.execute(term.insert().values(**values, label=dict(added.label), at=now))


def keep_as_is(connection: Connection, own: OwnTerm, *, now: datetime) -> None:
    """In the caller's transaction: a term that only the document states is kept here too, as it is now."""
    values: dict[str, Any] = {"vocabulary": own.vocabulary, "slug": own.slug, "parent": own.parent}
    statement = insert(connection, term).values(**values, label=dict(own.label), at=now)
    connection.execute(statement.on_conflict_do_nothing())


def remove(connection: Connection, vocabulary: str, slug: str, *, change: PublicChange) -> bool:
    """In the caller's transaction: delete a term; False where a record or another term uses it, or where it
    was not added here."""
    used = select(func.count()).select_from(project_term)
    used = used.where(project_term.c.vocabulary == vocabulary, project_term.c.term == slug)
    below = select(func.count()).select_from(term).where(term.c.vocabulary == vocabulary, term.c.parent == slug)
    does = select(func.count()).select_from(organization)
    does = does.where(organization.c.record["function"].as_string() == slug)
    wanted = [used, below, *([does] if vocabulary == "organization-function" else [])]
    if any(connection.execute(count).scalar_one() for count in wanted):
        return False
    change()
    gone = delete(term).where(term.c.vocabulary == vocabulary, term.c.slug == slug)
    return bool(connection.execute(gone).rowcount)


def forget_stated(connection: Connection, manifest: Manifest) -> bool:
    """In the caller's transaction: the document states these now; whether it stated any that was kept here. Those that
    are locked stay."""
    locked, gone = curation.locked(connection, curation.TERM), 0
    for stated in manifest.terms:
        if curation.term_id(stated.vocabulary, stated.slug) not in locked:
            same = (term.c.vocabulary == stated.vocabulary, term.c.slug == stated.slug)
            gone += connection.execute(delete(term).where(*same)).rowcount
    return gone > 0
