"""Conditions for what everybody may see, and the statements for adoptions, maintenance and relations that several pages
share.

An adoption is shown only when its visibility is `public`, no representative of the organization declared otherwise and
the organization is not hidden (decision 067, rule 3). Every query of adoptions uses PUBLIC, every query of
organizations VISIBLE, and every list of projects OPEN, which leaves out blocked projects and those whose makers asked
not to be listed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)

from catalog.document import from_record
from catalog.model import Adoption, Maintenance, Project
from catalog.rules.today import STOPPED_STATUSES
from catalog.store.core.read_models import (
    AdoptionLine,
    MaintenanceLine,
    OrganizationCard,
    RelationLine,
)
from catalog.tables.adoptions import adoption
from catalog.tables.core import former_slug, hosting, maintenance, meta, organization, project, takedown

FOUND_IN_PUBLIC_SOURCE = "found-in-public-source"
VISIBLE = organization.c.hidden.is_(None)
UNNAMED = "unnamed"  # why an organization is hidden: nothing that was stated of it here is public
VISIBLE_OR_UNNAMED = or_(VISIBLE, organization.c.hidden == UNNAMED)  # for readers with more rights than the public
CARD_COLUMNS = tuple(
    organization.c[name] for name in ("id", "slug", "name", "kind", "country")
)  # of an OrganizationCard
# By identity, so that it works where the organization is not joined; uses the index `ix_organization_hidden`.
_HIDDEN = select(organization.c.id).where(organization.c.hidden.is_not(None))
UNBLOCKED = project.c.id.not_in(select(takedown.c.project_id))  # for readers that also need unlisted projects
_opted = project.alias("opted")
OPTED_OUT = select(_opted.c.id).where(_opted.c.opted_out_at.is_not(None))  # their makers asked not to be listed
CLOSED = union_all(select(takedown.c.project_id), OPTED_OUT)  # what no list, count or feed may hold
OPEN = project.c.id.not_in(CLOSED)
PUBLIC = and_(
    adoption.c.visibility == "public",
    adoption.c.stands,
    adoption.c.organization_id.not_in(_HIDDEN),
    adoption.c.project_id.not_in(OPTED_OUT),
)
# Software that is not free is shown as context: its uses are counted on its own page and nowhere else. By identity, so
# that it works where the project is not joined; uses the index `ix_project_context_only`.
_context = project.alias("context")
NOT_FREE = select(_context.c.id).where(_context.c.context_only.is_(True))
OF_FREE_SOFTWARE = adoption.c.project_id.not_in(NOT_FREE)
# Ended or stopped software, behind the rest of short lists; on its record, which not every project's row is read for.
STOPPED = func.coalesce(project.c.record["status"].as_string(), "").in_(sorted(STOPPED_STATUSES))
PAST_STAGES = ("stopped", "not-retained")
# The day before which a last sign of use is too old, as `{"day": ...}`; `store.adoptions.reconfirmation` moves it.
USES_SINCE = "uses_since"
_USES_SINCE = select(meta.c.value["day"].as_string()).where(meta.c.key == USES_SINCE).scalar_subquery()
# The sort of an adoption: confirmed by the organization, declared without that, found in a public source, past.
CONFIRMED, DECLARED_SORT, FOUND_ONLY, PAST = range(4)
SORT = case(
    (adoption.c.stage.in_(PAST_STAGES), PAST),
    (adoption.c.last_sign < _USES_SINCE, PAST),
    (adoption.c.confirmed, CONFIRMED),
    (adoption.c.verification == FOUND_IN_PUBLIC_SOURCE, FOUND_ONLY),
    else_=DECLARED_SORT,
)
# Order of adoptions: by sort, those of which there is something to read first, then by name.
USE_ORDER = (
    SORT,
    case((adoption.c.record["lesson"].as_string().is_(None), 1), else_=0),
    organization.c.folded,
    project.c.folded,
    adoption.c.position,
)

# Past adoptions are shown apart and are in no count of the present; an unknown stage is not past.
PRESENT = SORT != PAST
PRESENT_SORTS = (("confirmed", CONFIRMED), ("declared", DECLARED_SORT), ("found", FOUND_ONLY))


def is_of_sort(sort: int) -> ColumnElement[bool]:
    """Condition: an adoption is of this sort."""
    return SORT.in_((sort,))


# As `is_of_sort(CONFIRMED)`, in words that the index `ix_adoption_confirmed_project` has too.
IS_CONFIRMED = and_(adoption.c.confirmed.is_(True), is_of_sort(CONFIRMED))


def count_of_sort(sort: int) -> ColumnElement[int]:
    """Aggregate: how many of a statement's adoptions are of this sort."""
    return func.coalesce(func.sum(case((is_of_sort(sort), 1), else_=0)), 0)


def page_record(record: Mapping[str, Any]) -> Project:
    """A project's record for its page: without adoptions and maintenance, which are read as lines of their own.

    A record of another catalogue may have no summary in our languages.
    """
    fields = {key: record[key] for key in record if key not in ("adoptions", "maintenance")}
    return from_record(Project, {"summary": {}} | fields)


# Columns of the organization and the project that a line shows.
NAME_COLUMNS = (
    organization.c.id,
    organization.c.slug,
    organization.c.name,
    organization.c.kind,
    organization.c.country,
    project.c.slug.label("project_slug"),
    project.c.name.label("project_name"),
    project.c.context_only,
)


def use_lines() -> Select[Any]:
    """The lines of adoptions that everybody may see."""
    return use_columns().where(PUBLIC, OPEN)


def use_columns() -> Select[Any]:
    """The lines of all adoptions: a caller must add a visibility condition."""
    return (
        select(
            *(adoption.c[name] for name in ("record", "origin", "confirmed", "confirmed_at")),
            SORT.label("sort"),
            *NAME_COLUMNS,
        )
        .join_from(adoption, organization, organization.c.id == adoption.c.organization_id)
        .join(project, project.c.id == adoption.c.project_id)
    )


def visible_uses() -> Select[Any]:
    """The organizations of adoptions of free software that may be shown, one row for each adoption, for counting."""
    return select(adoption.c.organization_id).where(PUBLIC, OF_FREE_SOFTWARE, adoption.c.project_id.not_in(CLOSED))


def visible_maintenance() -> Select[Any]:
    """The organizations that maintain projects that may be shown, one row for each project and role."""
    condition = maintenance.c.organization_id.not_in(_HIDDEN)
    return select(maintenance.c.organization_id).where(condition, maintenance.c.project_id.not_in(CLOSED))


def visible_hosting() -> Select[Any]:
    """The organizations that host projects that may be shown, one row for each project."""
    condition = hosting.c.organization_id.not_in(_HIDDEN)
    return select(hosting.c.organization_id).where(condition, hosting.c.project_id.not_in(CLOSED))


_ties = union_all(
    select(adoption.c.organization_id, adoption.c.project_id).where(PUBLIC),
    *(select(table.c.organization_id, table.c.project_id) for table in (maintenance, hosting)),
).subquery("ties")
_other_ties = _ties.alias("other_ties")
_ONLY_NOT_FREE = select(_ties.c.organization_id).where(
    _ties.c.project_id.in_(NOT_FREE),
    _ties.c.organization_id.is_not(None),
    ~exists().where(
        _other_ties.c.organization_id == _ties.c.organization_id, _other_ties.c.project_id.not_in(NOT_FREE)
    ),
)
# Organizations in totals: not those that are known for software alone that is not free.
COUNTED = and_(VISIBLE, organization.c.id.not_in(_ONLY_NOT_FREE))


def maintenance_lines() -> Select[Any]:
    return (
        select(
            maintenance.c.record, maintenance.c.origin, maintenance.c.stated_by, maintenance.c.stated_at, *NAME_COLUMNS
        )
        .join_from(maintenance, project, project.c.id == maintenance.c.project_id)
        .outerjoin(organization, organization.c.id == maintenance.c.organization_id)
        .where(OPEN, or_(maintenance.c.organization_id.is_(None), VISIBLE))
        .order_by(maintenance.c.position, project.c.folded)
    )


def organizations_by_slug(connection: Connection, slugs: Iterable[str]) -> dict[str, OrganizationCard]:
    """The organizations that these slugs name, present ones before former ones; what is not shown is left out."""
    sorted_slugs = sorted(slugs)
    if not sorted_slugs:
        return {}
    rows = connection.execute(_ORGANIZATIONS, {"slugs": sorted_slugs}).all()
    rows = sorted(rows, key=lambda row: row.called == row.slug)  # of two rows for a slug the later one stays
    return {row.called: OrganizationCard(row.id, row.slug, row.name, row.kind, row.country) for row in rows}


def adoption_line(row: Row[Any], cards: dict[str, OrganizationCard]) -> AdoptionLine:
    adopted = from_record(Adoption, row.record)
    card = OrganizationCard(row.id, row.slug, row.name, row.kind, row.country)
    provider = cards.get(adopted.provider) if adopted.provider else None
    confirmation = (row.confirmed, row.confirmed_at)
    names = (row.project_slug, row.project_name)
    return AdoptionLine(adopted, row.origin, card, *names, provider, *confirmation, row.context_only, row.sort)


def maintenance_line(row: Row[Any]) -> MaintenanceLine:
    card = OrganizationCard(row.id, row.slug, row.name, row.kind, row.country) if row.id is not None else None
    names_and_source = (row.project_slug, row.project_name, row.stated_by, row.stated_at)
    return MaintenanceLine(from_record(Maintenance, row.record), row.origin, card, *names_and_source)


def relation_line(row: Row[Any]) -> RelationLine:
    return RelationLine(row.type, bool(row.inverse), row.slug, row.name, row.summary or {})


_CARD = (organization.c.id, organization.c.slug, organization.c.name, organization.c.kind, organization.c.country)
# A merge or another name leaves statements that still name the former slug.
_ORGANIZATIONS = union_all(
    select(organization.c.slug.label("called"), *_CARD).where(
        organization.c.slug.in_(bindparam("slugs", expanding=True)), VISIBLE
    ),
    select(former_slug.c.slug, *_CARD)
    .join_from(former_slug, organization, organization.c.id == former_slug.c.record_id)
    .where(former_slug.c.kind == "organization", former_slug.c.slug.in_(bindparam("slugs", expanding=True)), VISIBLE),
)
