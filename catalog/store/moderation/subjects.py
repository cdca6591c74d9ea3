"""Rows of what is decided about, projects and organizations, hidden or not; and what a decision changes of them.

`catalog.moderation` decides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from catalog.errors import NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.decision import HIDE, DecisionState
from catalog.store.core.jobs import run_sooner
from catalog.store.core.public_changes import PublicChange
from catalog.store.projects import takedowns
from catalog.store.projects.slugs import missing_slug_error
from catalog.tables.core import maintenance, mirror, organization, project, takedown
from catalog.tables.moderation import curation, decision

NOTHING = DecisionState(False, None, None, False)  # of what has no code and is shown
_IS_LOCKED = func.coalesce(curation.c.locked, False).label("locked")


@dataclass(frozen=True)
class Subject:
    """The subject of a decision, hidden or not: a project, an organization, or a submission that is no record, whose
    slug is its reference and whose name is empty."""

    id: UUID
    slug: str
    name: str
    state: DecisionState
    observation: Mapping[str, Any] | None = None
    takedown: tuple[str, datetime] | None = None  # the public reason, and since when
    kind: str = PROJECT


def subject(
    connection: Connection, kind: str = PROJECT, *, slug: str | None = None, key: UUID | None = None
) -> Subject:
    """In the caller's transaction: a project or an organization as it is decided on. Raises NotFound, Moved for a
    former slug."""
    table = project if kind == PROJECT else organization
    this = table.c.slug == slug if key is None else table.c.id == key
    subject_of_kind = (_project if kind == PROJECT else _organization)(connection, this)
    if subject_of_kind is None:
        raise missing_slug_error(connection, kind, slug) if slug else NotFound(kind, str(key))
    return subject_of_kind


def _project(connection: Connection, this: Any) -> Subject | None:
    query = (
        select(
            project.c.id,
            project.c.slug,
            project.c.name,
            mirror.c.observation,
            mirror.c.observed_at,
            mirror.c.free,
            mirror.c.decided,
            takedown.c.reason,
            takedown.c.at,
            _IS_LOCKED,
        )
        .outerjoin_from(project, mirror, mirror.c.project_id == project.c.id)
        .outerjoin(takedown, takedown.c.project_id == project.c.id)
        .outerjoin(curation, curation.c.record_id == project.c.id)
    )
    row = connection.execute(query.where(this)).first()
    if row is None:
        return None
    state = DecisionState(row.observed_at is not None, row.free, row.decided, row.reason is not None, row.locked)
    blocked = (row.reason, row.at) if row.reason is not None else None
    return Subject(row.id, row.slug, row.name, state, row.observation, blocked)


def _organization(connection: Connection, this: Any) -> Subject | None:
    """An organization that withdrew itself counts as hidden without a reason: nobody else may show it again."""
    columns = organization.c.id, organization.c.slug, organization.c.name, organization.c.hidden
    query = select(*columns, _IS_LOCKED).outerjoin_from(
        organization, curation, curation.c.record_id == organization.c.id
    )
    row = connection.execute(query.where(this)).first()
    if row is None:
        return None
    hiding_reason = hiding(connection, row.id) if row.hidden == takedowns.HIDDEN else None
    state = DecisionState(False, None, None, row.hidden is not None, row.locked)
    return Subject(row.id, row.slug, row.name, state, takedown=hiding_reason, kind=ORGANIZATION)


def hiding(connection: Connection, key: UUID) -> tuple[str, datetime] | None:
    """In the caller's transaction: the words with which a hidden record was hidden last, and when."""
    query = select(decision.c.words, decision.c.at).where(decision.c.subject_id == key, decision.c.kind == HIDE)
    row = connection.execute(query.order_by(decision.c.number.desc()).limit(1)).first()
    return (row.words or "", row.at) if row else None


def hidden_organizations(connection: Connection, limit: int = 200) -> tuple[Subject, ...]:
    """In the caller's transaction: the organizations that moderators hid, the newest first."""
    keys = select(organization.c.id).where(organization.c.hidden == takedowns.HIDDEN).limit(limit)
    subjects = [_organization(connection, organization.c.id == key) for key in connection.execute(keys).scalars().all()]
    rows = [about for about in subjects if about is not None and about.takedown is not None]
    return tuple(sorted(rows, key=lambda about: about.takedown[1] if about.takedown else 0, reverse=True))


def hold(connection: Connection, project_id: UUID) -> None:
    """In the caller's transaction: what is decided about this project waits for visits that end just now, and they for
    it. Always before the change counter is counted, as visits do."""
    connection.execute(select(mirror.c.project_id).where(mirror.c.project_id == project_id).with_for_update()).all()


def serve(connection: Connection, project_id: UUID, decided: bool | None, *, now: datetime) -> None:
    """In the caller's transaction: what was decided about serving the source of a mirror, and a visit is due now: where
    some branches may not be served, it makes ready what may."""
    connection.execute(update(mirror).where(mirror.c.project_id == project_id).values(decided=decided))
    run_sooner(connection, f"visit:{project_id}", run_at=now)


def accept(connection: Connection, project_id: UUID, digest: str | None, *, now: datetime) -> None:
    """In the caller's transaction: the deletions at an origin of this digest are accepted, and a visit is due now;
    None: they are not."""
    connection.execute(update(mirror).where(mirror.c.project_id == project_id).values(accepted=digest))
    if digest is not None:
        run_sooner(connection, f"visit:{project_id}", run_at=now)


def accepted(connection: Connection, project_id: UUID) -> str | None:
    """In the caller's transaction: the digest that `accept` kept and no visit took over yet."""
    query = select(mirror.c.accepted).where(mirror.c.project_id == project_id)
    slug: str | None = connection.execute(query).scalar()
    return slug


def touch(about: Subject, change: PublicChange) -> None:
    """In the caller's transaction: the page of what was decided about tells the decision."""
    if about.kind in (PROJECT, ORGANIZATION):
        change.touch(about.kind, about.id)


def projects_of_organizations(connection: Connection, organizations: Collection[UUID]) -> frozenset[UUID]:
    """The projects that these organizations maintain."""
    query = select(maintenance.c.project_id).where(maintenance.c.organization_id.in_(organizations))
    return frozenset(connection.execute(query).scalars())


def maintaining_organizations(connection: Connection, project_id: UUID) -> frozenset[UUID]:
    """The organizations that maintain a project."""
    query = select(maintenance.c.organization_id).where(maintenance.c.project_id == project_id)
    return frozenset(connection.execute(query.where(maintenance.c.organization_id.is_not(None))).scalars())
