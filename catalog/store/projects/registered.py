"""Add and remove the row of a project that somebody registered here. What is stated of it are facts of origin
`declared`; it is not in the document, so no export of the document holds it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, delete, func, select

from catalog import text_rules as rules
from catalog.model import Words
from catalog.rules.fact import DECLARED
from catalog.rules.submission import DRAFT, EXPIRED
from catalog.store.core.engine import insert
from catalog.store.core.folded import folded
from catalog.store.core.public_changes import PublicChange
from catalog.store.projects import fact_history
from catalog.tables.core import former_slug, maintenance, organization, project, removed_record, takedown
from catalog.tables.submissions import submission

SLUG_CHARACTERS = 60
KIND = "project"


def free_slug(connection: Connection, *names: str) -> str:
    """A slug made of the first of these names that has Latin letters or digits; no record has it now, or ever had.

    Raises ValueError when a thousand of them are taken.
    """
    base = next((slug for name in names if (slug := _slug(name))), KIND)
    for number in range(1, 1000):
        candidate = base if number == 1 else f"{base}-{number}"
        if rules.slug(candidate) is None and not _is_taken(connection, candidate):
            return candidate
    raise ValueError(f"no slug is free for {base!r}")


def add_project(
    connection: Connection,
    key: UUID,
    slug: str,
    name: str,
    summary: Words,
    *,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: add a project with this name and summary alone;
    `catalog.store.documents.overrides.rebuild_records` adds the rest."""
    record = {"slug": slug, "id": str(key), "name": name, "summary": dict(summary)}
    connection.execute(
        project.insert().values(
            id=key,
            slug=slug,
            name=name,
            folded=folded(name),
            context_only=False,
            curated=False,
            record=record,
            change=change(),
            added_at=now,
            changed_at=now,
        )
    )
    connection.execute(delete(removed_record).where(removed_record.c.kind == KIND, removed_record.c.record_id == key))


def add_maintainers(connection: Connection, key: UUID, slugs: Iterable[tuple[str, str]]) -> None:
    """In the caller's transaction: these organizations, each a slug with its role, maintain the project."""
    for position, (slug, role) in enumerate(slugs):
        organization_id = connection.execute(select(organization.c.id).where(organization.c.slug == slug)).scalar()
        if organization_id is not None:
            values = {"project_id": key, "organization_id": organization_id, "role": role, "origin": DECLARED}
            record = {"role": role, "organization": slug}
            connection.execute(maintenance.insert().values(**values, position=position, record=record))


def remove_project(connection: Connection, key: UUID, *, change: PublicChange, now: datetime) -> None:
    """In the caller's transaction: remove a project as if it had never been registered. Its mirror stays, and its slug
    is free again."""
    fact_history.close_facts(connection, DECLARED, [key], now=now)
    change.touch(KIND, key)
    connection.execute(delete(project).where(project.c.id == key))
    statement = insert(connection, removed_record).values(kind=KIND, record_id=key, change=change())
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["kind", "record_id"], set_={"change": statement.excluded.change}
        )
    )


def named_alike(connection: Connection, name: str, limit: int = 5) -> tuple[tuple[str, str], ...]:
    """Slug and name of the projects that are not blocked and whose name is the same but for case, accents and signs."""
    letters = _without_signs(folded(name))
    if not letters:
        return ()
    bare: ColumnElement[str] = project.c.folded
    for sign in (" ", "-", "_", "."):
        bare = func.replace(bare, sign, "")
    closed = select(takedown.c.project_id)
    query = select(project.c.slug, project.c.name).where(bare == letters, project.c.id.not_in(closed))
    return tuple((row.slug, row.name) for row in connection.execute(query.order_by(project.c.slug).limit(limit)))


def organizations_named(connection: Connection, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Slug and name of the organization for each of these names that exactly one visible organization has."""
    records: dict[str, tuple[str, str]] = {}
    for name in names:
        alike = select(organization.c.slug, organization.c.name).where(
            organization.c.folded == folded(name), organization.c.hidden.is_(None)
        )
        rows = connection.execute(alike.limit(2)).all()
        if len(rows) == 1:
            records[name] = (rows[0].slug, rows[0].name)
    return records


def earlier_submissions(connection: Connection, current: Any) -> int:
    """How many submissions the sender of this one sent before it; 0 where the sender is not known."""
    mine = [submission.c.person_id == current.person_id] if current.person_id else []
    mine += [submission.c.email == current.email] if current.email and not current.person_id else []
    if not mine:
        return 0
    others = submission.c.state.not_in((DRAFT, EXPIRED)) & (submission.c.id != current.id)
    query = select(func.count()).where(mine[0], others, submission.c.created_at <= current.created_at)
    return int(connection.execute(query).scalar_one())


def _is_taken(connection: Connection, slug: str) -> bool:
    places = (
        select(project.c.id).where(project.c.slug == slug),
        select(former_slug.c.record_id).where(former_slug.c.kind == KIND, former_slug.c.slug == slug),
        select(takedown.c.project_id).where(takedown.c.slug == slug),
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in places)


def _slug(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", folded(name).replace("'", "").replace("’", ""))
    return "-".join(words)[:SLUG_CHARACTERS].strip("-")


def _without_signs(text: str) -> str:
    return re.sub(r"[ \-_.]", "", text)
