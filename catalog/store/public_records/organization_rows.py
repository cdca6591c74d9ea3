"""Reads everything that the public records of organizations are built of, many at once, as `project_rows` does."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, literal, select, union

from catalog.document import from_record
from catalog.errors import Invalid
from catalog.model import Organization
from catalog.publication.model import BuiltRecord, PublicOrganization
from catalog.publication.projects import digest_of, first_of_each_sort
from catalog.record_kind import ORGANIZATION
from catalog.store.adoptions.by_organization import (
    FORMER_SLUGS,
    MAINTENANCE_ORDER,
    SHOWN_MAINTENANCE,
    STATED_AS_MAINTENANCE,
    slugs_of,
)
from catalog.store.adoptions.by_project import provider_slugs
from catalog.store.adoptions.questions import Questions
from catalog.store.calls.queries import Calls
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.read_models import NamedProject, OrganizationCard, UseCounts
from catalog.store.core.visibility import (
    CONFIRMED,
    DECLARED_SORT,
    FOUND_ONLY,
    OPEN,
    PAST,
    PUBLIC,
    USE_ORDER,
    VISIBLE,
    adoption_line,
    maintenance_line,
    maintenance_lines,
    organizations_by_slug,
    use_columns,
)
from catalog.store.federation.matching.record_origins import origin_told_by
from catalog.store.federation.received.records import statements
from catalog.store.ownership.uploads import Uploads
from catalog.store.ownership.verifications import Verifications
from catalog.tables.adoptions import adoption, stated_provider
from catalog.tables.calls import call, question_consent
from catalog.tables.core import hosting, maintenance, organization, project
from catalog.tables.ownership import membership, upload

_ORGANIZATIONS = select(organization, FORMER_SLUGS).where(VISIBLE, among_keys(organization.c.id))
_LINES = use_columns().add_columns(adoption.c.project_id, adoption.c.verification)
_USES = _LINES.where(PUBLIC, OPEN, among_keys(adoption.c.organization_id)).order_by(
    adoption.c.organization_id, *USE_ORDER
)
_helped = adoption.alias("helped")
_HELPED = _LINES.where(
    PUBLIC, OPEN, adoption.c.id.in_(select(_helped.c.id).where(among_keys(stated_provider())))
).order_by(project.c.folded, *USE_ORDER)
_MAINTENANCE = (
    maintenance_lines()
    .add_columns(maintenance.c.project_id)
    .where(among_keys(maintenance.c.organization_id))
    .order_by(None)
    .order_by(*MAINTENANCE_ORDER)
)
_HOSTING = (
    select(hosting.c.organization_id, hosting.c.project_id, project.c.slug, project.c.name)
    .join_from(hosting, project, project.c.id == hosting.c.project_id)
    .where(OPEN, ~STATED_AS_MAINTENANCE, among_keys(hosting.c.organization_id))
    .order_by(project.c.folded, project.c.slug)
)
# Rows by which one sees that an organization has a part that few have.
_HAVING: Mapping[str, tuple[Any, ...]] = {
    "verifications": (membership.c.record_id,),
    "calls": (call.c.organization_id,),
    "askable": (question_consent.c.organization_id,),
    "uploads": (upload.c.record_id,),
}
_RARE = union(
    *(
        select(literal(name).label("name"), column.label("id")).where(among_keys(column), *conditions)
        for name, (column, *conditions) in _HAVING.items()
    )
)


@dataclass
class _OrganizationRows:
    row: Any
    uses: list[Any] = field(default_factory=list)
    maintenance: list[Any] = field(default_factory=list)
    hosting: list[Any] = field(default_factory=list)
    helped: list[Any] = field(default_factory=list)  # uses of others that name it as host or helper
    stated: list[Any] = field(default_factory=list)  # what other catalogues state of it
    told_by: tuple[Any, ...] = ()
    rare: Mapping[str, Any] = field(default_factory=dict)


def build_organizations(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, BuiltRecord]:
    """In the caller's transaction, whose view all readers of this thread share: those of these organizations (at most
    BATCH) that have a public record."""
    rows_by_id = {row.id: _OrganizationRows(row) for row in connection.execute(_ORGANIZATIONS, {KEYS: ids})}
    if not rows_by_id:
        return {}
    keys = list(rows_by_id)
    for row in connection.execute(_USES, {KEYS: keys}):
        rows_by_id[row.id].uses.append(row)
    for row in connection.execute(_MAINTENANCE, {KEYS: keys}):
        rows_by_id[row.id].maintenance.append(row)
    for row in connection.execute(_HOSTING, {KEYS: keys}):
        rows_by_id[row.organization_id].hosting.append(row)
    for key, row in _helped_uses(connection, rows_by_id):
        rows_by_id[key].helped.append(row)
    for statement in statements(connection, ORGANIZATION, keys):
        rows_by_id[statement.local_id].told_by += (statement.catalogue(),)
        rows_by_id[statement.local_id].stated.append([str(statement.home.id), statement.record])
    rare = _rare_parts(connection, keys)
    cards = organizations_by_slug(
        connection, provider_slugs(use for organization_rows in rows_by_id.values() for use in organization_rows.uses)
    )
    for key, organization_rows in rows_by_id.items():
        told_by = organization_rows.told_by
        organization_rows.rare = rare[key] | {"origin": origin_told_by(told_by), "told_by": told_by}
    built = {}
    for key, organization_rows in rows_by_id.items():
        try:
            built[key] = _built(connection, organization_rows, cards)
        except Invalid:  # no page can show what does not fit our shapes; the others are built all the same
            continue
    return built


def _helped_uses(connection: Connection, rows_by_id: Mapping[UUID, _OrganizationRows]) -> list[tuple[UUID, Any]]:
    """Uses of others that name these organizations as host or helper, by their slugs and former ones."""
    called = {slug: key for key, organization_rows in rows_by_id.items() for slug in slugs_of(organization_rows.row)}
    lines: list[tuple[UUID, Any]] = []
    slugs = sorted(called)
    for start in range(0, len(slugs), 500):
        for row in connection.execute(_HELPED, {KEYS: slugs[start : start + 500]}):
            key = called[row.record["provider"]]
            if row.id != key:
                lines.append((key, row))
    return lines


def _rare_parts(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """What few organizations have, by organization and name of the field."""
    readers = _readers(connection)
    parts: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in connection.execute(_RARE, {KEYS: ids}):
        if part := readers[row.name](row.id):
            parts[row.id][row.name] = part
    return parts


def _readers(connection: Connection) -> Mapping[str, Callable[[UUID], Any]]:
    engine = connection.engine
    return {
        "verifications": lambda key: Verifications(engine).ever(key, ORGANIZATION),
        "calls": Calls(engine).of_organization,
        "uploads": lambda key: Uploads(engine).of_record(ORGANIZATION, key),
        "askable": lambda key: tuple(
            (line.project_slug, line.project_name) for line in Questions(engine).askable_of(key)
        ),
    }


def _public_organization(
    organization_rows: _OrganizationRows, cards: dict[str, OrganizationCard]
) -> PublicOrganization:
    row = organization_rows.row
    first, others = first_of_each_sort(organization_rows.uses, lambda use: PAST + 1 if use.context_only else use.sort)
    lines = [adoption_line(use, cards) for use in first]
    helped = [use for use in organization_rows.helped if not use.context_only]
    provided = [use for use in helped if use.sort != PAST]
    sorts = [use.sort for use in organization_rows.uses if not use.context_only]
    return PublicOrganization(
        id=row.id,
        record=from_record(Organization, row.record),
        added_at=row.added_at,
        changed_at=row.changed_at,
        adoptions=tuple(line for line in lines if not line.context_only),
        uses=UseCounts(
            confirmed=sorts.count(CONFIRMED),
            declared=sorts.count(DECLARED_SORT),
            found=sorts.count(FOUND_ONLY),
            past=sorts.count(PAST),
            countries=0,
        ),
        maintenance=tuple(maintenance_line(line) for line in organization_rows.maintenance[:SHOWN_MAINTENANCE]),
        maintained=len(organization_rows.maintenance),
        maintains=sum(not line.context_only for line in organization_rows.maintenance),
        hosting=tuple(NamedProject(line.slug, line.name) for line in organization_rows.hosting[:SHOWN_MAINTENANCE]),
        hosted=len(organization_rows.hosting),
        provided=tuple(adoption_line(line, {}) for line in provided[:SHOWN_MAINTENANCE]),
        provided_in_all=len(provided),
        provided_before=len(helped) - len(provided),
        not_free=tuple(line for line in lines if line.context_only),
        lines=len(organization_rows.uses),
        curated=row.curated,
        beyond=digest_of(
            [organization_rows.stated, row.declared, row.document]
            if organization_rows.stated or row.declared or row.document
            else [],
            [*others, *provided[SHOWN_MAINTENANCE:]],
            [
                [line.project_slug, line.project_name, line.record]
                for line in organization_rows.maintenance[SHOWN_MAINTENANCE:]
            ],
            [[line.slug, line.name] for line in organization_rows.hosting[SHOWN_MAINTENANCE:]],
        ),
        **organization_rows.rare,
    )


def _built(
    connection: Connection, organization_rows: _OrganizationRows, cards: dict[str, OrganizationCard]
) -> BuiltRecord:
    record = _public_organization(organization_rows, cards)
    lines = [*organization_rows.uses, *organization_rows.maintenance, *organization_rows.helped]
    projects = {line.project_slug: line.project_id for line in lines}
    projects |= {line.slug: line.project_id for line in organization_rows.hosting}
    projects |= {line.project_slug: line.call.project_id for line in record.calls if line.call.project_id}
    mentions = {("project", key) for key in projects.values()} | {
        ("organization", line.id) for line in organization_rows.helped
    }
    return BuiltRecord(record, projects, frozenset(mentions))
