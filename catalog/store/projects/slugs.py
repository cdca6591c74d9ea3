"""Resolve a slug to its row, or to the error for it: not found, moved, removed, opted out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, Label, Row, and_, bindparam, select, union_all

from catalog.errors import Moved, NotFound, OptedOut, Removed
from catalog.tables.core import former_slug, mirror, organization, project, takedown
from catalog.tables.moderation import decision

GONE = "gone"  # the state of a mirror whose origin is no longer public

_COLUMNS = (project.c.id, project.c.slug, project.c.name, project.c.change, project.c.opted_out_at)
_OPEN = (  # made once: every page of a project and every sent form about a project runs it
    select(*_COLUMNS, (mirror.c.state == GONE).label("gone"), takedown.c.reason)
    .select_from(
        project.outerjoin(takedown, takedown.c.project_id == project.c.id).outerjoin(
            mirror, mirror.c.project_id == project.c.id
        )
    )
    .where(project.c.slug == bindparam("wanted"))
)


def open_project(
    connection: Connection, slug: str, *more: Column[Any] | Label[Any], unlisted: bool = False
) -> Row[*tuple[Any, ...]]:
    """`id`, `slug`, `name`, `change`, `opted_out_at`, `gone` and more columns of a project that may be shown.

    `unlisted`: also a project whose makers asked not to be listed, for callers that show no more of it than allowed.
    Raises NotFound, Moved for a former slug, Removed for a blocked project, OptedOut.
    """
    row = connection.execute(_OPEN.add_columns(*more) if more else _OPEN, {"wanted": slug}).first()
    if row is None:
        raise missing_slug_error(connection, "project", slug)
    if row.reason is not None:
        raise Removed("project", slug, row.reason)
    if row.opted_out_at is not None and not unlisted:
        raise OptedOut("project", row.slug, row.opted_out_at, bool(row.gone))
    return row


def present_slugs(connection: Connection, slugs: Sequence[str]) -> dict[str, str]:
    """The present slug for each of these slugs, former ones included, under which a project may be shown."""
    if not slugs:
        return {}
    source = project.outerjoin(takedown, takedown.c.project_id == project.c.id)
    had = and_(former_slug.c.record_id == project.c.id, former_slug.c.kind == "project")
    may_be = and_(takedown.c.project_id.is_(None), project.c.opted_out_at.is_(None))
    now = select(project.c.slug.label("asked"), project.c.slug).select_from(source).where(project.c.slug.in_(slugs))
    was = (
        select(former_slug.c.slug, project.c.slug)
        .select_from(source.join(former_slug, had))
        .where(former_slug.c.slug.in_(slugs))
    )
    rows = connection.execute(union_all(now.where(may_be), was.where(may_be))).all()
    return {row.asked: row.slug for row in sorted(rows, key=lambda row: bool(row.asked == row.slug))}


def missing_slug_error(connection: Connection, kind: str, slug: str) -> NotFound | Moved | Removed:
    """The error for a slug that no record has: it may be a former slug, or a present one in capitals."""
    table = project if kind == "project" else organization
    small = slug.lower()
    if kind == "organization" and (words := _hiding_words(connection, small)) is not None:
        return Removed(kind, slug, words)
    query = select(table.c.slug).where(*((organization.c.hidden.is_(None),) if table is organization else ()))
    was = query.join(former_slug, and_(former_slug.c.record_id == table.c.id, former_slug.c.kind == kind))
    now = connection.execute(was.where(former_slug.c.slug == small)).scalar()
    if now is None and small != slug:
        now = connection.execute(query.where(table.c.slug == small)).scalar()
    return Moved(kind, slug, now) if now else NotFound(kind, slug)


def _hiding_words(connection: Connection, slug: str) -> str | None:
    """The public words with which moderators hid an organization; None where they did not, or it withdrew itself."""
    query = select(decision.c.words).join(organization, organization.c.id == decision.c.subject_id)
    this = (organization.c.slug == slug) & (organization.c.hidden == "hidden") & (decision.c.kind == "hide")
    row = connection.execute(query.where(this).order_by(decision.c.number.desc()).limit(1)).first()
    return (row.words or "") if row else None
