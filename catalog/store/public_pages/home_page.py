"""Reads for the home page: counts, the curated lists, what was added last."""

from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, Engine, exists, func, select

from catalog.document import from_record
from catalog.model import Collection as EditorsList
from catalog.store.core.engine import reading
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.read_models import AdoptionLine, Card, Totals
from catalog.store.core.visibility import (
    CLOSED,
    COUNTED,
    IS_CONFIRMED,
    NOT_FREE,
    OPEN,
    PRESENT,
    PRESENT_SORTS,
    PUBLIC,
    STOPPED,
    adoption_line,
    count_of_sort,
    use_lines,
    visible_uses,
)
from catalog.store.documents import collections
from catalog.store.projects.slugs import present_slugs
from catalog.store.public_records.public_record_rows import cards, cards_by_slug
from catalog.tables.adoptions import adoption
from catalog.tables.core import collection, hosting, maintenance, organization, project, project_term

_NEWEST_USES = 200  # of confirmed ones; read by index, so that the number of rows does not matter


class HomePage:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = QueryCache(engine)

    def domain_counts(self) -> dict[str, int]:
        """How many projects of free software name each domain term; narrower terms are counted on their own."""
        return dict(self._once.numbers("domain_counts", _domain_counts))

    def collections(self) -> tuple[EditorsList, ...]:
        """The curated lists in their order, each with the projects in it that may be shown."""
        with reading(self._engine) as connection:
            records = (
                connection.execute(
                    select(collection.c.record).where(~collection.c.hidden).order_by(collection.c.position)
                )
                .scalars()
                .all()
            )
            present = present_slugs(connection, collections.projects_of(records))
        return tuple(from_record(EditorsList, collections.with_projects(record, present)) for record in records)

    def added(self, limit: int) -> tuple[Card, ...]:
        """The free projects that were added last."""
        with reading(self._engine) as connection:
            newest = select(project.c.id).where(OPEN, project.c.context_only.is_(False))
            ids = connection.execute(newest.order_by(project.c.added_at.desc(), project.c.id.desc()).limit(limit))
            return cards(connection, list(ids.scalars()))

    def listed_cards(self, slugs: Collection[str], *, quoted: bool = False) -> dict[str, Card]:
        """The cards of the projects of these slugs that may be shown, by slug; `quoted` as in `PublicRecords.cards`."""
        with reading(self._engine) as connection:
            return cards_by_slug(connection, slugs, quoted)

    def in_areas(self, area: str, terms: Sequence[str]) -> int:
        """How many projects of free software name any of these domain terms; `area` names the sum."""
        return int(self._once.numbers(f"in {area}", partial(_naming_any, terms=terms)))

    def most_used(self, area: str, terms: Sequence[str], limit: int) -> tuple[Card, ...]:
        """The projects that are not said to have stopped and name any of these domain terms, those that most
        organizations confirmed to use first; none without a confirmed use, none that is shown as context only."""
        ids = self._once(f"most used of {area}, {limit}", partial(_most_used, terms=terms, limit=limit))
        with reading(self._engine) as connection:
            return cards(connection, ids)

    def told_last(self) -> tuple[AdoptionLine, ...]:
        """The newest present adoptions of free software that goes on, confirmed by the organizations: up to 200.

        Adoptions by those who make, maintain, pay for or host the project are left out: they did not choose it as
        users do."""
        return self._once("told last", _newest_uses)

    def totals(self) -> Totals:
        """Counts of what is public. Confirmed, declared and found uses are counted separately, past ones not at all;
        context is counted apart from projects, and neither its uses nor organizations that have to do with it alone are
        counted."""
        return self._once.numbers("totals", _totals)


def _newest_uses(connection: Connection) -> tuple[AdoptionLine, ...]:
    makers = [
        exists().where(
            table.c.project_id == adoption.c.project_id, table.c.organization_id == adoption.c.organization_id
        )
        for table in (maintenance, hosting)
    ]
    # Nothing unconfirmed stands here: "uses" would be said of organizations that told us nothing.
    chosen = (PRESENT, adoption.c.confirmed.is_(True), project.c.context_only.is_(False), ~STOPPED)
    query = use_lines().where(*chosen, *(~is_maker for is_maker in makers))
    query = query.order_by(adoption.c.id.desc()).limit(_NEWEST_USES)
    return tuple(adoption_line(row, {}) for row in connection.execute(query).all())


def _domain_counts(connection: Connection) -> dict[str, int]:
    open_terms = project_term.c.project_id.not_in(CLOSED)
    rows = connection.execute(
        select(project_term.c.term, func.count())
        .where(project_term.c.vocabulary == "domain", open_terms, project_term.c.project_id.not_in(NOT_FREE))
        .group_by(project_term.c.term)
    ).all()
    return {term: number for term, number in rows}


def _naming_any(connection: Connection, terms: Sequence[str]) -> int:
    query = select(func.count(project_term.c.project_id.distinct())).where(
        project_term.c.vocabulary == "domain",
        project_term.c.term.in_(terms),
        project_term.c.project_id.not_in(CLOSED),
        project_term.c.project_id.not_in(NOT_FREE),
    )
    return int(connection.execute(query).scalar_one())


def _most_used(connection: Connection, terms: Sequence[str], limit: int) -> tuple[UUID, ...]:
    naming = select(project_term.c.project_id).where(
        project_term.c.vocabulary == "domain", project_term.c.term.in_(terms)
    )
    uses = func.count()
    used = (
        select(project.c.id)
        .join(adoption, adoption.c.project_id == project.c.id)
        .where(PUBLIC, IS_CONFIRMED, project.c.id.in_(naming))
        .where(OPEN, project.c.context_only.is_(False), ~STOPPED)
        .group_by(project.c.id, project.c.slug)
        .order_by(uses.desc(), project.c.slug)
        .limit(limit)
    )
    return tuple(connection.execute(used).scalars())


def _totals(connection: Connection) -> Totals:
    every = connection.execute(select(func.count()).select_from(project)).scalar_one()
    context = connection.execute(NOT_FREE.with_only_columns(func.count())).scalar_one()
    # Few are closed: these are looked at, where an index alone says how many there are.
    closed = project.c.id.in_(CLOSED)
    hidden = select(project.c.context_only, func.count()).where(closed).group_by(project.c.context_only)
    away = {bool(context_only): number for context_only, number in connection.execute(hidden).all()}
    free, context = every - context - away.get(False, 0), context - away.get(True, 0)
    organizations, countries = connection.execute(
        select(func.count(), func.count(organization.c.country.distinct())).where(COUNTED)
    ).one()
    uses = visible_uses().with_only_columns(*(count_of_sort(sort) for _, sort in PRESENT_SORTS))
    confirmed, declared, in_sources = tuple(connection.execute(uses).one())
    return Totals(free, context, organizations, confirmed, declared, in_sources, countries)
