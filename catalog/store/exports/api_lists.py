"""Lists that programs read in parts. Each part begins after a key that is in the record itself, so that what is added
meanwhile neither skips nor repeats anything. Counts and pages for people are in `catalog.store.public_pages`.

No key reveals what is not public: numbers of rows and positions would, and are in none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, tuple_

from catalog.rules.call import OPEN as OPEN_CALL
from catalog.rules.call import STATES, WITHDRAWN, CallFilter
from catalog.store.adoptions.by_project import provider_slugs
from catalog.store.calls import queries as call_queries
from catalog.store.calls.read_models import CallLine
from catalog.store.core.engine import DatabasePart, is_among, reading
from catalog.store.core.read_models import AdoptionLine, OrganizationCard
from catalog.store.core.visibility import (
    CONFIRMED,
    IS_CONFIRMED,
    adoption_line,
    is_of_sort,
    organizations_by_slug,
    use_lines,
)
from catalog.store.organizations.search import OrganizationFilter
from catalog.store.public_records.public_record_rows import organization_cards
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call
from catalog.tables.core import organization, project

_MOST_OF_A_PAIR = 50  # an organization and a project have one line, or a few where the document states several

Key = tuple[str, str]


class ApiLists(DatabasePart):
    def organizations(
        self,
        *,
        text: str | None = None,
        kind: str | None = None,
        country: str | None = None,
        after: Key | None = None,
        limit: int,
    ) -> tuple[int, tuple[tuple[Key, OrganizationCard], ...]]:
        """How many match, and the next of them by name, each with the key after which the next part begins."""
        filters = OrganizationFilter(text or "", kind or "", country or "")
        key = (organization.c.folded, organization.c.slug)
        query = select(organization.c.id, *key).where(*filters.conditions())
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count(organization.c.id)).where(*filters.conditions())).scalar_one()
            rows = connection.execute(_after_key(query, key, after).order_by(*key).limit(limit)).all()
            cards = organization_cards(connection, [row.id for row in rows])
        return total, tuple(((row.folded, row.slug), cards[row.id]) for row in rows if row.id in cards)

    def adoptions(
        self,
        *,
        project_slug: str | None = None,
        organization_slug: str | None = None,
        kind: str | None = None,
        country: str | None = None,
        stage: str | None = None,
        confirmed: bool | None = None,
        after: Key | None = None,
        limit: int,
    ) -> tuple[tuple[Key, AdoptionLine], ...]:
        """Public uses by the slugs of project and organization. All lines of one pair are given together, so that a
        part may hold a few more than `limit`."""
        chosen = {
            project.c.slug: project_slug,
            organization.c.slug: organization_slug,
            organization.c.kind: kind,
            organization.c.country: country,
            adoption.c.stage: stage,
        }
        query = use_lines().where(*(column == value for column, value in chosen.items() if value is not None))
        if confirmed is not None:
            query = query.where(IS_CONFIRMED if confirmed else ~is_of_sort(CONFIRMED))
        key = (project.c.slug, organization.c.slug)
        ordered = _after_key(query, key, after).order_by(*key, adoption.c.position, adoption.c.id)
        with reading(self._engine) as connection:
            if project_slug is None and organization_slug is None and not confirmed:  # of these there are many
                # SQLite would put all of them in order. The first project may have none behind `after`.
                next_projects = connection.execute(_having(query, after).limit(limit + 1)).scalars().all()
                ordered = ordered.where(is_among(connection, project.c.id, next_projects))
            rows = connection.execute(ordered.limit(limit + _MOST_OF_A_PAIR)).all()
            end = limit
            while end < len(rows) and _key_of(rows[end]) == _key_of(rows[end - 1]):
                end += 1
            rows = rows[:end]
            cards = organizations_by_slug(connection, provider_slugs(rows))
        return tuple((_key_of(row), adoption_line(row, cards)) for row in rows)

    def calls(
        self, call_filter: CallFilter, *, after: tuple[datetime, str] | None = None, limit: int
    ) -> tuple[tuple[tuple[datetime, str], CallLine], ...]:
        """Open calls, the newest first, or those that are over."""
        time = call.c.ended_at if call_filter.ended else call.c.opened_at
        states = (
            tuple(name for name in STATES if name not in (OPEN_CALL, WITHDRAWN)) if call_filter.ended else (OPEN_CALL,)
        )
        matching = select(call.c.id, call.c.reference, time.label("at")).where(
            call_queries.SHOWN_CALLS, call.c.state.in_(states), time.is_not(None)
        )
        chosen = {
            call.c.kind: call_filter.kind,
            call.c.language: call_filter.language,
            call.c.country: call_filter.country,
        }
        matching = matching.where(*(column == value for column, value in chosen.items() if value is not None))
        if call_filter.project_slug is not None:
            project_id = select(project.c.id).where(project.c.slug == call_filter.project_slug)
            matching = matching.where(call.c.project_id == project_id.scalar_subquery())
        if after is not None:
            at, reference = after
            matching = matching.where(or_(time < at, and_(time == at, call.c.reference > reference)))
        with reading(self._engine) as connection:
            rows = connection.execute(matching.order_by(time.desc(), call.c.reference).limit(limit)).all()
            lines = {
                line.call.reference: line
                for line in call_queries.call_lines_by_id(connection, [row.id for row in rows])
            }
        return tuple(((row.at, row.reference), lines[row.reference]) for row in rows if row.reference in lines)


def _after_key(query: Select[Any], key: Sequence[Any], after: Sequence[str] | None) -> Select[Any]:
    if after is None:
        return query
    return query.where(tuple_(*key) > tuple_(*(literal(value) for value in after)))


def _having(lines: Select[Any], after: Key | None) -> Select[Any]:
    """The next projects that have any of these lines, by slug."""
    listed = project.alias("listed")
    some = lines.with_only_columns(literal(1)).where(adoption.c.project_id == listed.c.id)
    query = select(listed.c.id).where(some.correlate(listed).exists()).order_by(listed.c.slug)
    return query if after is None else query.where(listed.c.slug >= after[0])


def _key_of(row: Any) -> Key:
    return (row.project_slug, row.slug)
