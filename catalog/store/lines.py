"""Statements that several pages read, and their rows as lines and cards. Which page shows what is `pages`' matter.

An adoption leaves the store only when its visibility is `public` (rules of trust, 3): every reader of adoptions comes
through PUBLIC.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Connection, Row, Select, bindparam, case, func, literal, select, union_all

from catalog.document import from_record
from catalog.model import Adoption, Maintenance, Project
from catalog.schema import adoption, block, maintenance, mirror, organization, project, relation
from catalog.store.views import AdoptionLine, Card, MaintenanceLine, OrganizationCard, RelationLine

FOUND = "found-in-public-source"  # the one verification that no organization confirmed
PUBLIC = adoption.c.visibility == "public"
OPEN = project.c.id.not_in(select(block.c.project_id))  # not blocked
INTEGER = adoption.c.position.type
PAST_STAGES = ("stopped", "not-retained")
# Of the lines of uses: confirmed before found, present before past, then by name.
USE_ORDER = (
    case((adoption.c.verification == FOUND, 1), else_=0),
    case((adoption.c.stage.in_(PAST_STAGES), 1), else_=0),
    organization.c.folded,
    project.c.folded,
    adoption.c.position,
)


def stated(record: Mapping[str, Any]) -> Project:
    """A project's record as a page may hold it: without adoptions and maintenance, which are lines of their own."""
    return from_record(Project, {key: record[key] for key in record if key not in ("adoptions", "maintenance")})


# What a line shows of the organization and the project that it joins.
NAMES = (
    organization.c.id,
    organization.c.slug,
    organization.c.name,
    organization.c.kind,
    organization.c.country,
    project.c.slug.label("project_slug"),
    project.c.name.label("project_name"),
)


def public_adoptions() -> Select[Any]:
    """The lines of uses that may be shown, in their order."""
    return use_lines().order_by(*USE_ORDER)


def use_lines() -> Select[Any]:
    return (
        select(adoption.c.record, adoption.c.origin, *NAMES)
        .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
        .join(project, project.c.id == adoption.c.project_id)
        .where(PUBLIC, OPEN)
    )


def maintenance_lines() -> Select[Any]:
    return (
        select(maintenance.c.record, maintenance.c.origin, *NAMES)
        .join_from(maintenance, project, project.c.id == maintenance.c.project_id)
        .outerjoin(organization, organization.c.id == maintenance.c.organization_id)
        .where(OPEN)
        .order_by(maintenance.c.position, project.c.folded)
    )


def relation_lines() -> CompoundSelect[Any]:
    """Relations that the project `project_id` states, then those that others state about it.

    Two halves, each with its index.
    """
    halves = []
    for inverse, mine, others in ((0, "project_id", "target_id"), (1, "target_id", "project_id")):
        halves.append(
            select(
                literal(inverse).label("inverse"),
                relation.c.type,
                relation.c.position,
                project.c.slug,
                project.c.name,
                project.c.record["summary"].label("summary"),
            )
            .join_from(relation, project, project.c.id == relation.c[others])
            .where(relation.c[mine] == bindparam("project_id", type_=project.c.id.type), OPEN)
        )
    return union_all(*halves).order_by("inverse", "position", "slug")


def organizations_by_slug(connection: Connection, slugs: Iterable[str]) -> dict[str, OrganizationCard]:
    wanted = sorted(slugs)
    if not wanted:
        return {}
    rows = connection.execute(_ORGANIZATIONS, {"slugs": wanted})
    return {row.slug: OrganizationCard(row.id, row.slug, row.name, row.kind, row.country) for row in rows}


def adoption_line(row: Row[Any], cards: dict[str, OrganizationCard]) -> AdoptionLine:
    adopted = from_record(Adoption, row.record)
    card = OrganizationCard(row.id, row.slug, row.name, row.kind, row.country)
    provider = cards.get(adopted.provider) if adopted.provider else None
    return AdoptionLine(adopted, row.origin, card, row.project_slug, row.project_name, provider)


def maintenance_line(row: Row[Any]) -> MaintenanceLine:
    card = OrganizationCard(row.id, row.slug, row.name, row.kind, row.country) if row.id is not None else None
    return MaintenanceLine(from_record(Maintenance, row.record), row.origin, card, row.project_slug, row.project_name)


def relation_line(row: Row[Any]) -> RelationLine:
    return RelationLine(row.type, bool(row.inverse), row.slug, row.name, row.summary or {})


_ORGANIZATIONS = select(organization).where(organization.c.slug.in_(bindparam("slugs", expanding=True)))
_CARDS = (
    select(project, mirror.c.state.label("mirror_state"), mirror.c.last_commit_at)
    .outerjoin(mirror, mirror.c.project_id == project.c.id)
    .where(project.c.id.in_(bindparam("ids", expanding=True)), OPEN)
)
_USES = (
    select(
        adoption.c.project_id,
        func.count().label("every"),
        func.sum((adoption.c.verification == FOUND).cast(INTEGER)).label("found"),
        func.count(organization.c.country.distinct()).label("countries"),
    )
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, adoption.c.project_id.in_(bindparam("ids", expanding=True)))
    .group_by(adoption.c.project_id)
)


def cards(connection: Connection, ids: Sequence[UUID]) -> tuple[Card, ...]:
    if not ids:
        return ()
    rows = connection.execute(_CARDS, {"ids": ids}).all()
    uses = connection.execute(_USES, {"ids": ids}).all()
    used = {row.project_id: row for row in uses}
    by_id = {row.id: _card(row, used.get(row.id)) for row in rows}
    return tuple(by_id[one] for one in ids if one in by_id)


def _card(row: Row[Any], uses: Row[Any] | None) -> Card:
    record = row.record
    runs = record.get("runs") or {}
    return Card(
        id=row.id,
        slug=row.slug,
        name=row.name,
        summary=record.get("summary", {}),
        domains=tuple(record.get("domains", ())),
        languages=tuple(one if isinstance(one, str) else one["term"] for one in record.get("languages", ())),
        license=row.license,
        context_only=row.context_only,
        runs_online=bool(runs.get("online")),
        runs_hosted=bool(runs.get("hosted")),
        self_hosted=runs.get("self_hosted"),
        confirmed_uses=uses.every - uses.found if uses else 0,
        found_uses=uses.found if uses else 0,
        countries=uses.countries if uses else 0,
        mirror_state=row.mirror_state,
        last_commit_at=row.last_commit_at,
        status=record.get("status"),
        added_at=row.added_at,
        changed_at=row.changed_at,
    )
