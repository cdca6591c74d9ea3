"""What exports read: whole projects, organizations and uses, in batches, so that memory stays bounded at any number.

Only what everybody may see is exported: projects by OPEN, adoptions by PUBLIC, organizations by VISIBLE. A project
whose maintainers asked not to be listed is in no list, and refused by its own name. What layers and other catalogues
state is left out: it is under licenses of its own, which would spread to the rest (facts and API give it
separately), and a catalogue publishes only records that it is home of. Counts of uses alone are those of the page, with
what other catalogues state.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, not_, select

from catalog.errors import NotFound
from catalog.publication.model import PublicOrganization, PublicProject
from catalog.publication.own_project import own_project
from catalog.rules.fact import PEER
from catalog.rules.person import SELF_EMPLOYED
from catalog.store.adoptions.by_project import provider_slugs
from catalog.store.core.bulk import garbage_collected_later
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.read_models import AdoptionLine
from catalog.store.core.visibility import (
    CONFIRMED,
    OPEN,
    PUBLIC,
    USE_ORDER,
    VISIBLE,
    adoption_line,
    is_of_sort,
    organizations_by_slug,
    use_lines,
)
from catalog.store.public_records.public_record_rows import organizations, projects, read_listed_project
from catalog.tables.adoptions import adoption
from catalog.tables.core import maintenance, organization, project, relation

BATCH = 200  # records read at once
Rows = Sequence[Any]  # rows of a statement


@dataclass(frozen=True)
class NamedBeside:
    """What a publiccode.yml names of others, which no page of the project does."""

    users: tuple[str, ...] = ()  # names of organizations that confirmed a present, public use
    forked: tuple[str, ...] = ()  # repositories of the projects that it was forked from
    homepages: Mapping[str, str] = field(default_factory=dict)  # of organizations that have to do with it, by slug


OWN_PROJECT = project.c.peer_id.is_(None)
OWN_ORGANIZATION = and_(VISIBLE, organization.c.peer_id.is_(None))
_NOT_SELF_EMPLOYED = organization.c.kind.is_distinct_from(SELF_EMPLOYED)
_OWN_USE = and_(PUBLIC, not_(adoption.c.origin.startswith(PEER)))
_FORKED = (
    select(relation.c.project_id, project.c.repository)
    .join(project, project.c.id == relation.c.target_id)
    .where(OPEN, OWN_PROJECT, relation.c.type == "fork-of", project.c.repository.is_not(None))
    .order_by(relation.c.position, project.c.slug)
)
_HOMEPAGES = (
    select(maintenance.c.project_id, organization.c.slug, organization.c.homepage)
    .join(organization, organization.c.id == maintenance.c.organization_id)
    .where(VISIBLE, organization.c.homepage.is_not(None))
)
_USERS = (
    select(adoption.c.project_id, organization.c.name)
    .distinct()
    .add_columns(organization.c.folded, organization.c.slug)
    .join(organization, organization.c.id == adoption.c.organization_id)
    .join(project, project.c.id == adoption.c.project_id)
    .where(_OWN_USE, is_of_sort(CONFIRMED), _NOT_SELF_EMPLOYED, project.c.context_only.is_(False))
    .order_by(organization.c.folded, organization.c.slug)
)
# What exports read of a public record.
_PARTS = (
    *("id", "record", "added_at", "changed_at", "chosen", "uses", "maintenance", "relations", "hosts", "mirror"),
    *("looked_at", "opted_out", "origin"),
)


_PARTS_OF_ORGANIZATIONS = ("id", "record", "added_at", "changed_at", "curated")


class ExportedRecords(DatabasePart):
    def project(self, slug: str) -> PublicProject:
        """Raises NotFound, also for a project that only other catalogues state; Moved, Removed; OptedOut where its
        maintainers asked not to be listed."""
        with reading(self._engine) as connection:
            exported = own_project(read_listed_project(connection, slug))
        if exported is None:
            raise NotFound("project", slug)
        return exported

    def projects(self) -> Iterator[PublicProject]:
        """Every project that may be shown, by slug. Each batch is a consistent read of its own."""
        after = ""
        while True:
            with reading(self._engine) as connection, garbage_collected_later():
                query = select(project.c.id, project.c.slug).where(OPEN, OWN_PROJECT, project.c.slug > after)
                rows = connection.execute(query.order_by(project.c.slug).limit(BATCH)).all()
                batch = _own_projects(connection, [row.id for row in rows])
            if not rows:
                return
            yield from batch
            after = rows[-1].slug

    def some(self, ids: Sequence[UUID]) -> list[PublicProject]:
        """The projects of `ids` (at most BATCH) that may be shown, by slug."""
        with reading(self._engine) as connection:
            return _own_projects(connection, ids)

    def named_beside(self, ids: Sequence[UUID]) -> defaultdict[UUID, NamedBeside]:
        """What the publiccode.yml of these projects (at most BATCH) names of others."""
        with reading(self._engine) as connection:
            users, forked, sites = (
                _rows_by_project(connection.execute(names.where(column.in_(ids))).all())
                for names, column in (
                    (_USERS, adoption.c.project_id),
                    (_FORKED, relation.c.project_id),
                    (_HOMEPAGES, maintenance.c.project_id),
                )
            )
        beside: defaultdict[UUID, NamedBeside] = defaultdict(NamedBeside)
        for key in ids:
            beside[key] = NamedBeside(
                tuple(dict.fromkeys(row.name for row in users[key])),
                tuple(row.repository for row in forked[key]),
                {row.slug: row.homepage for row in sites[key]},
            )
        return beside

    def organizations(self) -> Iterator[PublicOrganization]:
        """Every organization that may be shown, by slug; in batches."""
        after = ""
        while True:
            with reading(self._engine) as connection, garbage_collected_later():
                query = select(organization.c.id, organization.c.slug).where(
                    OWN_ORGANIZATION, _NOT_SELF_EMPLOYED, organization.c.slug > after
                )
                rows = connection.execute(query.order_by(organization.c.slug).limit(BATCH)).all()
                batch = organizations(connection, [row.id for row in rows], _PARTS_OF_ORGANIZATIONS) if rows else ()
            if not rows:
                return
            yield from batch
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
                cards = organizations_by_slug(connection, provider_slugs(rows))
                bodies = {slug: card for slug, card in cards.items() if card.kind != SELF_EMPLOYED}
                batch = [_without_unnamed_provider(adoption_line(row, bodies)) for row in rows]
            if not slugs:
                return
            yield from batch
            after = slugs[-1]


def _own_projects(connection: Connection, ids: Sequence[UUID]) -> list[PublicProject]:
    return [own for public in projects(connection, ids, _PARTS) if (own := own_project(public))] if ids else []


def _without_unnamed_provider(line: AdoptionLine) -> AdoptionLine:
    """A use whose provider works for herself, or is not shown, does not name it by its slug either."""
    return line if line.provider else replace(line, adoption=replace(line.adoption, provider=None))


def _rows_by_project(rows: Rows) -> defaultdict[UUID, list[Any]]:
    by_project: defaultdict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by_project[row.project_id].append(row)
    return by_project
