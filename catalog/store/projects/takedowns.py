"""Takedowns of projects: 410 with a public reason until it is lifted. They refer to the identity and outlive loads.

The rows of a blocked project stay; every reader leaves them out. Permissions are checked by the callers, and the line
of the public log is written there.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, or_, select, update

from catalog.errors import NotFound
from catalog.store.core.engine import DatabasePart, insert, reading, set_meta
from catalog.store.core.public_changes import changing
from catalog.tables.core import former_slug, organization, project, takedown
from catalog.tables.moderation import merged_record

HIDDEN = "hidden"  # what `organization.hidden` says where we hid it


@dataclass(frozen=True)
class Takedown:
    slug: str
    name: str
    reason: str
    at: datetime


class Takedowns(DatabasePart):
    def block(self, slug: str, reason: str, *, now: datetime) -> None:
        """Answer 410 for a project, with this public reason, until `unblock`. Raises NotFound."""
        with changing(self._engine) as (connection, change):
            project_id = connection.execute(select(project.c.id).where(project.c.slug == slug)).scalar()
            if project_id is None:
                raise NotFound("project", slug)
            change()
            block_project(connection, project_id, slug, reason, now=now)
            change.touch("project", project_id)

    def blocked(self) -> frozenset[UUID]:
        """The projects that are blocked here, whether or not they have a row."""
        with reading(self._engine) as connection:
            return frozenset(connection.execute(select(takedown.c.project_id)).scalars())

    def unblock(self, slug: str) -> None:
        """Lift a block. Raises NotFound when there is none under this slug.

        Loads have skipped the record meanwhile: the next start loads the document again although it did not change.
        """
        with changing(self._engine) as (connection, change):
            project_id = connection.execute(
                select(takedown.c.project_id).where(
                    or_(
                        takedown.c.slug == slug,
                        takedown.c.project_id.in_(select(project.c.id).where(project.c.slug == slug)),
                        takedown.c.project_id.in_(
                            select(former_slug.c.record_id).where(
                                former_slug.c.kind == "project", former_slug.c.slug == slug
                            )
                        ),
                    )
                )
            ).scalar()
            if project_id is None:
                raise NotFound("block", slug)
            change()
            unblock_project(connection, project_id)
            change.touch("project", project_id)

    def hidden(self, limit: int = 200) -> tuple[Takedown, ...]:
        """What is blocked now, the newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(project.c.slug, project.c.name, takedown.c.reason, takedown.c.at)
                .join(takedown, takedown.c.project_id == project.c.id)
                .where(project.c.id.not_in(select(merged_record.c.record_id).where(merged_record.c.kind == "project")))
                .order_by(takedown.c.at.desc(), project.c.slug)
                .limit(limit)
            ).all()
        return tuple(Takedown(*row) for row in rows)


def block_project(connection: Connection, project_id: UUID, slug: str, reason: str, *, now: datetime) -> None:
    """In the caller's transaction: answer 410 for a project, with this public reason."""
    statement = insert(connection, takedown).values(project_id=project_id, slug=slug, reason=reason, at=now)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["project_id"], set_={"reason": statement.excluded.reason})
    )


def clear_reason(connection: Connection, project_id: UUID, words: str) -> None:
    """In the caller's transaction: remove the public reason of a block where it is exactly these words."""
    this_block = (takedown.c.project_id == project_id) & (takedown.c.reason == words)
    connection.execute(update(takedown).where(this_block).values(reason=""))


def unblock_project(connection: Connection, project_id: UUID) -> None:
    """In the caller's transaction: lift a block, and let the next start load the document again."""
    connection.execute(delete(takedown).where(takedown.c.project_id == project_id))
    set_meta(connection, "digest", None)


def hide_organization(connection: Connection, organization_id: UUID, hidden: bool) -> None:
    """In the caller's transaction: hide an organization, or show it again; what it withdrew itself stays withdrawn."""
    now = organization.c.hidden.is_(None) if hidden else organization.c.hidden == HIDDEN
    statement = update(organization).where(organization.c.id == organization_id, now)
    connection.execute(statement.values(hidden=HIDDEN if hidden else None))
