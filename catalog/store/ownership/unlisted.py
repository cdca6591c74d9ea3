"""Rows of projects whose makers asked not to be listed: what is left of them to show, and what outlives every load.

What is said of such a project stays in its rows, so that its makers may come back: every reading leaves it out, lists
by `OPEN`, its own page by `catalog.store.projects.shown_facts.MINIMAL`. The tombstone holds when and why;
`project.opted_out_at` is its mark for readers. See docs/decisions/043-opt-outs-and-withdrawals.md.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from catalog.store.core.engine import DatabasePart, batches, insert, is_among, reading
from catalog.store.core.folded import folded
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.read_models import OptOut
from catalog.store.core.visibility import OPTED_OUT as UNLISTED
from catalog.store.projects.slugs import GONE
from catalog.tables.core import mirror, project, takedown
from catalog.tables.submissions import tombstone

OPTED_OUT = "opted-out"  # ground of a tombstone
OF_OBSERVATION = ("commit", "license_files", "unidentified_license_files", "license_doubts")
_MOST_NAMED = 5
_MINE = (tombstone.c.kind == "project", tombstone.c.ground == OPTED_OUT)
# Built once: each search asks it.
_NAMED = (
    select(project.c.slug, project.c.name)
    .outerjoin(mirror, mirror.c.project_id == project.c.id)
    .where(project.c.id.in_(UNLISTED), project.c.folded == bindparam("wanted"))
    .where(or_(mirror.c.state.is_(None), mirror.c.state != GONE))
    .where(project.c.id.not_in(select(takedown.c.project_id)))
)
_COLUMNS = (tombstone.c.at, tombstone.c.reason, tombstone.c.language)


class UnlistedRecords(DatabasePart):
    def opt_out_of(self, project_id: UUID) -> OptOut | None:
        """When and why the makers of a project asked not to be listed; None where it is listed."""
        with reading(self._engine) as connection:
            return opted_out(connection, project_id)

    def find_by_name(self, text: str) -> tuple[tuple[str, str], ...]:
        """Slug and name of the unlisted projects that are called exactly so, whatever case and accents."""
        letters = folded(text)
        if not letters:
            return ()
        with reading(self._engine) as connection:
            rows = connection.execute(_NAMED, {"wanted": letters}).all()
        # Asked for in order, SQLite reads every project by its slug: 300 ms of each search among 100,000.
        return tuple(sorted((row.slug, row.name) for row in rows)[:_MOST_NAMED])

    def all(self) -> frozenset[UUID]:
        """The projects whose makers asked not to be listed, known here or not."""
        with reading(self._engine) as connection:
            return frozenset(connection.execute(select(tombstone.c.record_id).where(*_MINE)).scalars())


def opted_out(connection: Connection, project_id: UUID) -> OptOut | None:
    """In the caller's transaction: as `opt_out_of`."""
    row = connection.execute(select(*_COLUMNS).where(*_MINE, tombstone.c.record_id == project_id)).first()
    return OptOut(*row) if row else None


def opt_out(
    connection: Connection,
    project_id: UUID,
    reason: str | None,
    language: str | None,
    *,
    change: PublicChange,
    now: datetime,
) -> bool:
    """In the caller's transaction: a project is listed nowhere any more; False where it is so already, and stays."""
    values: dict[str, Any] = {"reason": reason, "language": language if reason else None, "at": now, "change": change()}
    statement = insert(connection, tombstone).values(
        kind="project", record_id=project_id, project_id=project_id, ground=OPTED_OUT, **values
    )
    written = connection.execute(statement.on_conflict_do_nothing().returning(tombstone.c.id)).scalar()
    if written is None:
        return False
    _mark(connection, project_id, now, change)
    return True


def say_why(
    connection: Connection, project_id: UUID, reason: str | None, language: str | None, *, change: PublicChange
) -> None:
    """In the caller's transaction: its makers give another reason, or none."""
    change()
    mine = update(tombstone).where(*_MINE, tombstone.c.record_id == project_id)
    connection.execute(mine.values(reason=reason, language=language if reason else None, change=change()))
    change.touch("project", project_id)


def list_again(connection: Connection, project_id: UUID, *, change: PublicChange) -> None:
    """In the caller's transaction: its makers came back."""
    change()
    connection.execute(delete(tombstone).where(*_MINE, tombstone.c.record_id == project_id))
    _mark(connection, project_id, None, change)


def remember(connection: Connection, keys: Iterable[UUID]) -> None:
    """In the caller's transaction: rows that a load brought in are unlisted where their makers asked for it before.

    A load does not skip such a project: its name, address and license may change, and these are still shown.
    """
    for batch in batches(keys):
        rows = connection.execute(
            select(tombstone.c.record_id, tombstone.c.at).where(
                *_MINE, is_among(connection, tombstone.c.record_id, batch)
            )
        ).all()
        for row in rows:
            connection.execute(update(project).where(project.c.id == row.record_id).values(opted_out_at=row.at))


def _mark(connection: Connection, project_id: UUID, at: datetime | None, change: PublicChange) -> None:
    connection.execute(update(project).where(project.c.id == project_id).values(opted_out_at=at))
    change.touch("project", project_id)
