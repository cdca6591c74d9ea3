"""Queries of `forge doctor` over all mirrors: which were made, and which had a fault at their last visit.

Few have a fault, so the database looks for them. Blocked ones are left out.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, func, or_, select

from catalog.store.core.engine import reading
from catalog.store.core.read_models import Mirror
from catalog.store.mirrors.mirror_rows import mirror_of
from catalog.tables.core import mirror, project, takedown

_UNBLOCKED = project.c.id.not_in(select(takedown.c.project_id))


@dataclass(frozen=True)
class MadeMirror:
    """A mirror that was made once."""

    slug: str
    project_id: UUID
    state: str


def made_mirrors(engine: Engine) -> tuple[MadeMirror, ...]:
    """The mirrors that were made once, the smallest first."""
    query = (
        select(project.c.slug, mirror.c.project_id, mirror.c.state)
        .join(mirror, mirror.c.project_id == project.c.id)
        .where(or_(mirror.c.first_mirrored_at.is_not(None), mirror.c.state == "mirrored"), _UNBLOCKED)
        .order_by(func.coalesce(mirror.c.size_bytes, 0), project.c.slug)
    )
    with reading(engine) as connection:
        return tuple(MadeMirror(*row) for row in connection.execute(query))


def with_faults(engine: Engine) -> tuple[tuple[str, Mirror], ...]:
    """Slug and mirror of those with observers that failed or files that the copy lacks."""
    faults, lost = (mirror.c.observation[key].as_string() for key in ("faults", "lost"))
    return _mirrors_where(engine, or_(faults.is_not(None) & faults.not_in(("[]", "null")), lost.is_not(None)))


def failed_for(engine: Engine, word: str) -> tuple[tuple[str, Mirror], ...]:
    """Slug and mirror of those whose last visit gives a reason with this word."""
    return _mirrors_where(engine, func.lower(mirror.c.reason).contains(word, autoescape=True))


def _mirrors_where(engine: Engine, condition: ColumnElement[bool]) -> tuple[tuple[str, Mirror], ...]:
    query: Any = select(project.c.slug, mirror).join(mirror, mirror.c.project_id == project.c.id)
    with reading(engine) as connection:
        rows = connection.execute(query.where(condition, _UNBLOCKED)).all()
    # In order here: SQLite would walk along the slugs of all projects for it.
    return tuple(sorted(((row.slug, mirror_of(row)) for row in rows), key=lambda pair: pair[0]))
