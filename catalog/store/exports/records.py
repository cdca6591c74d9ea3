"""What exports read: whole projects, organizations and uses, in batches, so that memory stays bounded at any number.

Only what everybody may see is exported: projects by OPEN, adoptions by PUBLIC, organizations by VISIBLE. A project
whose maintainers asked not to be listed is in no list, and refused by its own name. What layers and other catalogues
state is left out: it is under licenses of its own, which would spread to the rest (facts and API give it
separately), and a catalogue publishes only records that it is home of. So they are no view of the public record, which
holds the strongest value of any origin, and of others what a page names of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, and_, not_, select

from catalog.document import from_record
from catalog.errors import NotFound
from catalog.model import Organization, Project
from catalog.publication.projects import count_uses
from catalog.rules.fact import DECLARED, NAMING_FIELDS, PEER, Fact, choose_facts
from catalog.rules.person import SELF_EMPLOYED
from catalog.rules.today import Activity, activity_of, kept_look
from catalog.store.adoptions.by_project import provider_slugs
from catalog.store.core.bulk import garbage_collected_later
from catalog.store.core.engine import reading
from catalog.store.core.read_models import AdoptionLine, OrganizationCard
from catalog.store.core.visibility import (
    CONFIRMED,
    OPEN,
    PRESENT,
    PUBLIC,
    SORT,
    USE_ORDER,
    VISIBLE,
    adoption_line,
    organizations_by_slug,
    page_record,
    use_lines,
)
from catalog.store.federation.received.facts import OF_RECORD
from catalog.store.projects.slugs import open_project
from catalog.store.public_pages.facts import facts_by_project
from catalog.tables.adoptions import adoption
from catalog.tables.core import maintenance, mirror, organization, project, relation

BATCH = 200  # records read at once
Rows = Sequence[Any]  # rows of a statement


@dataclass(frozen=True)
class ExportedMaintainer:
    """An organization that maintains a project; persons are in no export."""

    role: str
    slug: str
    name: str
    homepage: str | None


@dataclass(frozen=True)
class RelatedProject:
    """A project that this one states a relation with; `type` is a relation term."""

    type: str
    slug: str
    repository: str | None


@dataclass(frozen=True)
class ExportedProject:
    """A project as exports give it. `record` is without adoptions, maintenance and hidden hosts."""

    id: UUID
    record: Project
    added_at: datetime
    changed_at: datetime
    facts: tuple[Fact, ...]  # public ones, as stated now
    maintainers: tuple[ExportedMaintainer, ...]
    hosts: tuple[OrganizationCard, ...]
    relations: tuple[RelatedProject, ...]
    users: tuple[str, ...]  # names of organizations that confirmed a present, public use
    confirmed_uses: int
    declared_uses: int
    found_uses: int
    countries: int  # of those that confirmed
    activity: Activity


@dataclass(frozen=True)
class ExportedOrganization:
    """An organization as exports give it. `origin`: curated, or declared where no document states it."""

    id: UUID
    record: Organization
    origin: str
    added_at: datetime
    changed_at: datetime


OWN_PROJECT = project.c.peer_id.is_(None)
OWN_ORGANIZATION = and_(VISIBLE, organization.c.peer_id.is_(None))
_NOT_SELF_EMPLOYED = organization.c.kind.is_distinct_from(SELF_EMPLOYED)
_OWN_USE = and_(PUBLIC, not_(adoption.c.origin.startswith(PEER)))
_PROJECTS = select(
    project.c.id,
    project.c.slug,
    project.c.name,
    project.c.change,
    project.c.opted_out_at,
    project.c.changed_at,
    *OF_RECORD,
    mirror.c.last_commit_at,
    mirror.c.last_success_at,
).outerjoin(mirror, mirror.c.project_id == project.c.id)
_MAINTAINERS = (
    select(
        maintenance.c.project_id,
        maintenance.c.role,
        organization.c.slug,
        organization.c.name,
        organization.c.homepage,
    )
    .join(organization, organization.c.id == maintenance.c.organization_id)
    .where(VISIBLE, _NOT_SELF_EMPLOYED, not_(maintenance.c.origin.startswith(PEER)))
    .order_by(maintenance.c.position, organization.c.slug)
)
_RELATED = (
    select(relation.c.project_id, relation.c.type, project.c.slug, project.c.repository)
    .join(project, project.c.id == relation.c.target_id)
    .where(OPEN, OWN_PROJECT)
    .order_by(relation.c.position, project.c.slug)
)
_USERS = (
    select(adoption.c.project_id, organization.c.name, organization.c.country)
    .add_columns(SORT.label("sort"), _NOT_SELF_EMPLOYED.label("named"))
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(_OWN_USE, PRESENT)
    .order_by(organization.c.folded, organization.c.slug)
)


class ExportedRecords:
    def __init__(self, engine: Engine):
        self._engine = engine

    def project(self, slug: str) -> ExportedProject:
        """Raises NotFound, also for a project that only other catalogues state; Moved, Removed; OptedOut where its
        maintainers asked not to be listed."""
        with reading(self._engine) as connection:
            open_row = open_project(connection, slug)
            rows = connection.execute(_PROJECTS.where(project.c.id == open_row.id, OWN_PROJECT)).all()
            exported = _exported_projects(connection, rows)
        if not exported:
            raise NotFound("project", slug)
        return exported[0]

    def projects(self) -> Iterator[ExportedProject]:
        """Every project that may be shown, by slug. Each batch is a consistent read of its own."""
        after = ""
        while True:
            with reading(self._engine) as connection, garbage_collected_later():
                wanted = (
                    _PROJECTS.where(OPEN, OWN_PROJECT, project.c.slug > after).order_by(project.c.slug).limit(BATCH)
                )
                rows = connection.execute(wanted).all()
                batch = _exported_projects(connection, rows)
            if not rows:
                return
            yield from batch
            after = rows[-1].slug

    def some(self, ids: Sequence[UUID]) -> tuple[ExportedProject, ...]:
        """The projects of `ids` (at most BATCH) that may be shown, in any order."""
        with reading(self._engine) as connection:
            return tuple(
                _exported_projects(
                    connection, connection.execute(_PROJECTS.where(project.c.id.in_(ids), OPEN, OWN_PROJECT)).all()
                )
            )

    def organizations(self) -> Iterator[ExportedOrganization]:
        """Every organization that may be shown, by slug; in batches."""
        after = ""
        while True:
            with reading(self._engine) as connection, garbage_collected_later():
                wanted = select(organization).where(OWN_ORGANIZATION, _NOT_SELF_EMPLOYED, organization.c.slug > after)
                rows = connection.execute(wanted.order_by(organization.c.slug).limit(BATCH)).all()
            if not rows:
                return
            yield from map(_exported_organization, rows)
            after = rows[-1].slug

    def adoptions(self) -> Iterator[AdoptionLine]:
        """Every use that everybody may see, past ones too, by project; in batches of projects."""
        after = ""
        while True:
            with reading(self._engine) as connection, garbage_collected_later():
                some = select(project.c.slug).where(OPEN, OWN_PROJECT, project.c.slug > after).order_by(project.c.slug)
                slugs = connection.execute(some.limit(BATCH)).scalars().all()
                lines = use_lines().where(project.c.slug.in_(slugs), _OWN_USE, _NOT_SELF_EMPLOYED)
                lines = lines.order_by(project.c.slug, *USE_ORDER)
                rows = connection.execute(lines).all() if slugs else []
                named = organizations_by_slug(connection, provider_slugs(rows))
                batch = [adoption_line(row, named) for row in rows]
            if not slugs:
                return
            yield from batch
            after = slugs[-1]


def _exported_projects(connection: Connection, rows: Rows) -> list[ExportedProject]:
    ids = [row.id for row in rows]
    all_facts = facts_by_project(connection, rows)
    facts = {
        key: tuple(fact for fact in project_facts if not fact.origin.startswith(PEER))
        for key, project_facts in all_facts.items()
    }
    rows = [row for row in rows if row.curated or (facts[row.id] and not _named_by_peers(all_facts[row.id]))]
    maintainers, relations, users = (
        _rows_by_project(connection.execute(statement.where(project_id.in_(ids))).all())
        for statement, project_id in (
            (_MAINTAINERS, maintenance.c.project_id),
            (_RELATED, relation.c.project_id),
            (_USERS, adoption.c.project_id),
        )
    )
    records = {row.id: _own_record(row, all_facts[row.id]) for row in rows}
    hosted = {slug for record in records.values() if record.runs for slug in record.runs.hosted}
    named = organizations_by_slug(connection, hosted)
    hosts = {key: host for key, host in named.items() if host.kind != SELF_EMPLOYED}
    return [
        _exported_project(
            row, records[row.id], facts[row.id], maintainers[row.id], relations[row.id], users[row.id], hosts
        )
        for row in rows
    ]


def _exported_project(
    row: Row[Any],
    record: Project,
    facts: tuple[Fact, ...],
    maintainers: Rows,
    relations: Rows,
    users: Rows,
    hosts: dict[str, OrganizationCard],
) -> ExportedProject:
    users = () if record.context_only else users  # counted on its own page alone
    counts = count_uses(users)
    shown = tuple(slug for slug in record.runs.hosted if slug in hosts) if record.runs else ()
    if record.runs:
        record = replace(record, runs=replace(record.runs, hosted=shown))
    return ExportedProject(
        id=row.id,
        record=record,
        added_at=row.added_at,
        changed_at=row.changed_at,
        facts=facts,
        maintainers=tuple(
            ExportedMaintainer(maintainer.role, maintainer.slug, maintainer.name, maintainer.homepage)
            for maintainer in maintainers
        ),
        hosts=tuple(hosts[slug] for slug in shown),
        relations=tuple(RelatedProject(related.type, related.slug, related.repository) for related in relations),
        users=tuple(dict.fromkeys(use.name for use in users if use.sort == CONFIRMED and use.named)),
        confirmed_uses=counts.confirmed,
        declared_uses=counts.declared,
        found_uses=counts.found,
        countries=counts.countries,
        activity=activity_of(
            record.status,
            record.last_change,
            row.last_commit_at,
            kept_look(row.last_success_at, row.id.int),
        ),
    )


def _named_by_peers(facts: Iterable[Fact]) -> bool:
    """Whether the name or summary is only another catalogue's: then, whatever our mirror saw, it is not ours to
    publish."""
    fields: dict[bool, set[str]] = {True: set(), False: set()}
    for fact in facts:
        if fact.field in NAMING_FIELDS and (fact.origin == DECLARED or fact.origin.startswith(PEER)):
            fields[fact.origin == DECLARED].add(fact.field)
    return bool(fields[False] - fields[True])


def _own_record(row: Any, facts: Iterable[Fact]) -> Project:
    """The record without values of layers; a record that no document states takes values over from others."""
    from_others: set[str] = set()
    if not row.curated:
        from_others = {name for name, choice in choose_facts(facts).items() if choice.fact.origin.startswith(PEER)} - {
            "name",
            "summary",
        }
    return page_record({name: value for name, value in row.record.items() if name not in from_others})


def _rows_by_project(rows: Rows) -> defaultdict[UUID, list[Any]]:
    by_project: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by_project[row.project_id].append(row)
    return by_project


def _exported_organization(row: Row[Any]) -> ExportedOrganization:
    record = from_record(Organization, row.record)
    return ExportedOrganization(row.id, record, "curated" if row.curated else "declared", row.added_at, row.changed_at)
