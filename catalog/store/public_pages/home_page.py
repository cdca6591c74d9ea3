"""Reads for the home page: counts, the curated lists, what was added or changed last."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, exists, func, select

from catalog.document import from_record
from catalog.model import Collection, LastChange
from catalog.rules.facts.last_change import last_change_at
from catalog.store.core.engine import reading
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.read_models import AdoptionLine, Card, Totals
from catalog.store.core.visibility import (
    CLOSED,
    COUNTED,
    NOT_FREE,
    OPEN,
    PRESENT,
    PRESENT_SORTS,
    STOPPED,
    adoption_line,
    count_of_sort,
    use_lines,
    visible_uses,
)
from catalog.store.public_records.rows import cards
from catalog.tables.adoptions import adoption
from catalog.tables.core import collection, hosting, maintenance, mirror, organization, project, project_term

_NEWEST_RECORDS = 300  # read by index; a catalogue of this size is read whole
_NEWEST_USES = 200  # of confirmed ones; read by index, so that the number of rows does not matter


class HomePage:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = QueryCache(engine)

    def domain_counts(self) -> dict[str, int]:
        """How many projects of free software name each domain term; narrower terms are counted on their own."""
        return dict(self._once("domain_counts", _domain_counts))

    def collections(self) -> tuple[Collection, ...]:
        """The curated lists in their order, each with the projects in it that may be shown."""
        with reading(self._engine) as connection:
            records = (
                connection.execute(
                    select(collection.c.record).where(~collection.c.hidden).order_by(collection.c.position)
                )
                .scalars()
                .all()
            )
            lists = [from_record(Collection, record) for record in records]
            named = {line.project for curated_list in lists for line in curated_list.projects}
            wanted = select(project.c.slug).where(project.c.slug.in_(named), OPEN)
            shown = set(connection.execute(wanted).scalars()) if named else set()
        return tuple(
            replace(curated_list, projects=tuple(line for line in curated_list.projects if line.project in shown))
            for curated_list in lists
        )

    def recent(self, limit: int) -> tuple[Card, ...]:
        """The free projects whose code changed last, by our mirrors, and before a first good visit as the editors saw;
        then those whose record changed last."""
        stated = self._once("stated changes", _stated_changes)
        with reading(self._engine) as connection:
            free = select(project.c.id).where(OPEN, project.c.context_only.is_(False))
            seen = (
                free.add_columns(mirror.c.last_commit_at)
                .join(mirror, mirror.c.project_id == project.c.id)
                .where(mirror.c.last_commit_at.is_not(None))
                .order_by(mirror.c.last_commit_at.desc(), project.c.slug)
            )
            changes = [(row.id, row.last_commit_at) for row in connection.execute(seen.limit(limit))]
            # A visit of ours replaces what the editors saw, so each of them may be one that does not count any more.
            visited = select(mirror.c.project_id).where(mirror.c.last_commit_at.is_not(None))
            known = set(
                connection.execute(visited.where(mirror.c.project_id.in_([key for key, _ in stated]))).scalars()
            )
            changes += [change for change in stated if change[0] not in known]
            changes.sort(key=lambda change: change[1], reverse=True)
            ids = [key for key, _ in changes[:limit]]
            # Mirrors without a date of a commit have no place in this order: the rest is a query of its own, by index.
            rest = free.order_by(project.c.changed_at.desc(), project.c.slug.desc()).limit(limit * 2)
            ids += [project_id for project_id in connection.execute(rest).scalars() if project_id not in ids]
            return cards(connection, ids[:limit])

    def added(self, limit: int) -> tuple[Card, ...]:
        """The free projects that were added last."""
        with reading(self._engine) as connection:
            newest = select(project.c.id).where(OPEN, project.c.context_only.is_(False))
            ids = connection.execute(newest.order_by(project.c.added_at.desc(), project.c.id.desc()).limit(limit))
            return cards(connection, list(ids.scalars()))

    def told_last(self) -> tuple[AdoptionLine, ...]:
        """The newest present adoptions of free software that goes on, confirmed by the organizations: up to 200.

        Adoptions by those who make, maintain, pay for or host the project are left out: they did not choose it as
        users do."""
        return self._once("told last", _newest_uses)

    def totals(self) -> Totals:
        """Counts of what is public. Confirmed, declared and found uses are counted separately, past ones not at all;
        context is counted apart from projects, and neither its uses nor organizations that have to do with it alone are
        counted."""
        return self._once("totals", _totals)


def _stated_changes(connection: Connection) -> tuple[tuple[UUID, datetime], ...]:
    """When the editors saw the code of free projects change last, the latest first: of the records that changed last,
    which an index gives."""
    newest = select(project.c.id, project.c.record["last_change"].label("change"))
    newest = newest.where(OPEN, project.c.context_only.is_(False)).order_by(project.c.changed_at.desc())
    changes = (
        (row.id, last_change_at(LastChange(**row.change), None))
        for row in connection.execute(newest.limit(_NEWEST_RECORDS)).all()
        if row.change
    )
    dated = [(key, changed_at) for key, changed_at in changes if changed_at is not None]
    return tuple(sorted(dated, key=lambda change: change[1], reverse=True))


def _newest_uses(connection: Connection) -> tuple[AdoptionLine, ...]:
    makers = [
        exists().where(
            table.c.project_id == adoption.c.project_id, table.c.organization_id == adoption.c.organization_id
        )
        for table in (maintenance, hosting)
    ]
    # Nothing unconfirmed stands here: "uses" would be said of organizations that told us nothing.
    chosen = (PRESENT, adoption.c.confirmed.is_(True), project.c.context_only.is_(False), ~STOPPED)
    wanted = use_lines().where(*chosen, *(~is_maker for is_maker in makers))
    wanted = wanted.order_by(adoption.c.id.desc()).limit(_NEWEST_USES)
    return tuple(adoption_line(row, {}) for row in connection.execute(wanted).all())


def _domain_counts(connection: Connection) -> dict[str, int]:
    open_terms = project_term.c.project_id.not_in(CLOSED)
    rows = connection.execute(
        select(project_term.c.term, func.count())
        .where(project_term.c.vocabulary == "domain", open_terms, project_term.c.project_id.not_in(NOT_FREE))
        .group_by(project_term.c.term)
    ).all()
    return {term: number for term, number in rows}


def _totals(connection: Connection) -> Totals:
    counted = select(project.c.context_only, func.count()).where(OPEN).group_by(project.c.context_only)
    projects = {bool(context): number for context, number in connection.execute(counted).all()}
    organizations, countries = connection.execute(
        select(func.count(), func.count(organization.c.country.distinct())).where(COUNTED)
    ).one()
    uses = visible_uses().with_only_columns(*(count_of_sort(sort) for _, sort in PRESENT_SORTS))
    confirmed, declared, found = tuple(connection.execute(uses).one())
    return Totals(projects.get(False, 0), projects.get(True, 0), organizations, confirmed, declared, found, countries)
