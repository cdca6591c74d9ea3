"""Statements that several pages read, and their rows as lines and cards. Which page shows what is `pages`' matter.

An adoption leaves the store only when its visibility is `public`, nobody who speaks for the organization said otherwise
and the organization is not hidden (rules of trust, 3): every reader of adoptions comes through PUBLIC, every reader of
organizations through VISIBLE, and every list of projects through OPEN: blocked ones and those whose makers asked not to
be listed are in none.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)

from catalog.document import from_record
from catalog.model import Adoption, Maintenance, Project
from catalog.schema import adoption, block, hosting, maintenance, mirror, organization, project, relation
from catalog.store.views import AdoptionLine, Card, MaintenanceLine, OrganizationCard, RelationLine, Told

FOUND = "found-in-public-source"
VISIBLE = organization.c.hidden.is_(None)
UNNAMED = "unnamed"  # why an organization is hidden: all that it said here is not public
KNOWN = or_(VISIBLE, organization.c.hidden == UNNAMED)  # for those who may see more than everybody
# Asked by identity, so that it holds also where no row of the organization is joined; `ix_organization_hidden` answers.
_HIDDEN = select(organization.c.id).where(organization.c.hidden.is_not(None))
UNBLOCKED = project.c.id.not_in(select(block.c.project_id))  # for those who tend what is listed and what is not
_opted = project.alias("opted")
OPTED_OUT = select(_opted.c.id).where(_opted.c.opted_out_at.is_not(None))  # their makers asked not to be listed
CLOSED = union_all(select(block.c.project_id), OPTED_OUT)  # what no list, count or feed may hold
OPEN = project.c.id.not_in(CLOSED)
PUBLIC = and_(
    adoption.c.visibility == "public",
    adoption.c.stands,
    adoption.c.organization_id.not_in(_HIDDEN),
    adoption.c.project_id.not_in(OPTED_OUT),
)
PAST_STAGES = ("stopped", "not-retained")
# What a use is told as: confirmed by the organization, declared without that, found in a public source, over.
SORT = case(
    (adoption.c.stage.in_(PAST_STAGES), 3), (adoption.c.confirmed, 0), (adoption.c.verification == FOUND, 2), else_=1
)
CONFIRMED, DECLARED, FOUND_ONLY, PAST = range(4)
# Of the lines of uses: by sort, then by name.
USE_ORDER = (
    SORT,
    organization.c.folded,
    project.c.folded,
    adoption.c.position,
)


# Past uses are told apart and count for nothing that is about the present; a stage that nobody stated is no past one.
PRESENT = SORT != PAST
COUNTED = (("confirmed", CONFIRMED), ("declared", DECLARED), ("found", FOUND_ONLY))


def is_of(sort: int) -> ColumnElement[bool]:
    """Whether a row of adoptions is of this sort."""
    return SORT.in_((sort,))


def number_of(sort: int) -> ColumnElement[int]:
    """How many of the rows that a statement counts are of this sort."""
    return func.coalesce(func.sum(case((is_of(sort), 1), else_=0)), 0)


def sort_of(line: AdoptionLine) -> int:
    """Which SORT a line is of."""
    said = line.adoption
    if said.stage in PAST_STAGES:
        return PAST
    return CONFIRMED if line.confirmed else FOUND_ONLY if said.verification == FOUND else DECLARED


def stated(record: Mapping[str, Any]) -> Project:
    """A project's record as a page may hold it: without adoptions and maintenance, which are lines of their own.

    Another catalogue's may have its sentence in none of our languages.
    """
    kept = {key: record[key] for key in record if key not in ("adoptions", "maintenance")}
    return from_record(Project, {"summary": {}} | kept)


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


def use_lines() -> Select[Any]:
    """The lines of uses that anybody may see."""
    return use_columns().where(PUBLIC, OPEN)


def use_columns() -> Select[Any]:
    """The lines of all uses: whoever reads them by another rule than PUBLIC says by which."""
    return (
        select(adoption.c.record, adoption.c.origin, adoption.c.confirmed, adoption.c.confirmed_at, *NAMES)
        .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
        .join(project, project.c.id == adoption.c.project_id)
    )


def visible_uses() -> Select[Any]:
    """The organizations behind uses that may be shown, once for each use: to be counted."""
    return select(adoption.c.organization_id).where(PUBLIC, adoption.c.project_id.not_in(CLOSED))


def visible_care() -> Select[Any]:
    """The organizations that keep up what may be shown, once for each project and role."""
    shown = maintenance.c.organization_id.not_in(_HIDDEN)
    return select(maintenance.c.organization_id).where(shown, maintenance.c.project_id.not_in(CLOSED))


def visible_hosting() -> Select[Any]:
    """The organizations that host what may be shown, once for each project."""
    shown = hosting.c.organization_id.not_in(_HIDDEN)
    return select(hosting.c.organization_id).where(shown, hosting.c.project_id.not_in(CLOSED))


def maintenance_lines() -> Select[Any]:
    return (
        select(maintenance.c.record, maintenance.c.origin, maintenance.c.said_by, maintenance.c.said_at, *NAMES)
        .join_from(maintenance, project, project.c.id == maintenance.c.project_id)
        .outerjoin(organization, organization.c.id == maintenance.c.organization_id)
        .where(OPEN, or_(maintenance.c.organization_id.is_(None), VISIBLE))
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
    said = (row.confirmed, row.confirmed_at)
    return AdoptionLine(adopted, row.origin, card, row.project_slug, row.project_name, provider, *said)


def maintenance_line(row: Row[Any]) -> MaintenanceLine:
    card = OrganizationCard(row.id, row.slug, row.name, row.kind, row.country) if row.id is not None else None
    said = (row.project_slug, row.project_name, row.said_by, row.said_at)
    return MaintenanceLine(from_record(Maintenance, row.record), row.origin, card, *said)


def relation_line(row: Row[Any]) -> RelationLine:
    return RelationLine(row.type, bool(row.inverse), row.slug, row.name, row.summary or {})


_ORGANIZATIONS = select(organization).where(organization.c.slug.in_(bindparam("slugs", expanding=True)), VISIBLE)
_USES = (
    select(
        adoption.c.project_id,
        *(number_of(sort).label(name) for name, sort in COUNTED),
        func.count(organization.c.country.distinct()).label("countries"),
    )
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, PRESENT, adoption.c.project_id.in_(bindparam("ids", expanding=True)))
    .group_by(adoption.c.project_id)
    .subquery()
)


def _cards(shown: ColumnElement[Any]) -> Select[Any]:
    """Cards of the projects `ids`; `shown` are the values of SHOWN, so that a long record is not read as a whole."""
    row = (project.c.id, project.c.slug, project.c.name, shown, project.c.license, project.c.context_only)
    counted = (_USES.c[name] for name in (*(name for name, _ in COUNTED), "countries"))
    return (
        select(*row, *counted, mirror.c.state, mirror.c.last_commit_at, project.c.added_at, project.c.changed_at)
        .outerjoin(mirror, mirror.c.project_id == project.c.id)
        .outerjoin(_USES, _USES.c.project_id == project.c.id)
        .where(project.c.id.in_(bindparam("ids", expanding=True)), OPEN)
    )


SHOWN = ("summary", "domains", "languages", "runs", "status", "made_for")  # what a card shows of a record
TOLD = ("description", "features", "replaces")  # what a result may be quoted for, beside that


def _of_record(keys: Sequence[str]) -> dict[str, ColumnElement[Any]]:
    return {
        "sqlite": func.json_extract(project.c.record, *(f"$.{key}" for key in keys), type_=JSON),
        "postgresql": func.json_build_array(*(project.c.record[key] for key in keys), type_=JSON),
    }


_CARDS = {
    (name, told): _cards(shown)
    for told, keys in ((False, SHOWN), (True, (*SHOWN, *TOLD)))
    for name, shown in _of_record(keys).items()
}


def cards(connection: Connection, ids: Sequence[UUID], told: bool = False) -> tuple[Card, ...]:
    """The cards of these projects, in this order; `told`: with what their records say beside that."""
    if not ids:
        return ()
    rows = connection.execute(_CARDS[connection.dialect.name, told], {"ids": ids}).all()
    by_id = {row[0]: _card(*row) for row in rows}
    return tuple(by_id[one] for one in ids if one in by_id)


def _card(
    id: UUID,
    slug: str,
    name: str,
    shown: Sequence[Any],
    license: str | None,
    context_only: bool,
    confirmed: int | None,
    declared: int | None,
    found: int | None,
    countries: int | None,
    mirror_state: str | None,
    last_commit_at: datetime | None,
    added_at: datetime,
    changed_at: datetime,
) -> Card:
    summary, domains, languages, runs, status, made_for, *told = shown
    runs = runs or {}
    return Card(
        id=id,
        slug=slug,
        name=name,
        summary=summary or {},
        domains=tuple(domains or ()),
        languages=tuple(one if isinstance(one, str) else one["term"] for one in languages or ()),
        license=license,
        context_only=context_only,
        runs_online=bool(runs.get("online")),
        runs_hosted=bool(runs.get("hosted")),
        self_hosted=runs.get("self_hosted"),
        confirmed_uses=confirmed or 0,
        declared_uses=declared or 0,
        found_uses=found or 0,
        countries=countries or 0,
        mirror_state=mirror_state,
        last_commit_at=last_commit_at,
        status=status,
        made_for=tuple(made_for or ()),
        added_at=added_at,
        changed_at=changed_at,
        told=Told(told[0] or {}, told[1] or {}, told[2] or ()) if told else None,
    )
