"""What the catalogue holds, in numbers: of what everybody may see, by the same rules as lists and pages.

Groups that are not named are in none of these numbers (decision 067, rule 3), not even where there are many; readers
are not counted. Totals and places are in `catalog.store.public_pages`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Column, Connection, Engine, Select, case, func, select

from catalog.rules.call import ANSWERED
from catalog.rules.call import OPEN as ASKED
from catalog.rules.fact import DECLARED, OBSERVED
from catalog.store.calls.queries import SHOWN_CALLS
from catalog.store.core.engine import reading
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.visibility import (
    CLOSED,
    CONFIRMED,
    COUNTED,
    NOT_FREE,
    OF_FREE_SOFTWARE,
    OPEN,
    PRESENT,
    PRESENT_SORTS,
    PUBLIC,
    count_of_sort,
    is_of_sort,
)
from catalog.store.projects.counts_by_category import count_by_category, project_categories
from catalog.store.projects.fact_rows import CURRENT
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call
from catalog.tables.core import fact, mirror, organization, project

# How long ago a mirror was last brought up to date, at most; beyond them there are OLDER, and NEVER.
AGES = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
OLDER, NEVER = "older", "never"
Counts = Mapping[str | None, int]  # by term; None: not known


@dataclass(frozen=True)
class CatalogNumbers:
    """Counts for free software: its uses, and organizations that have to do with it or with none. `domains`: projects
    by category, a wider one with those below it. `licenses`: of free projects, by the expression that their record
    states. `stages`: present uses by stage: the confirmed, the declared and the found ones. `shared`: projects that two
    or more organizations confirm to use. `facts`: present facts by origin, without what records hold from the start.
    `free_copies`: mirrors in whose files a free license was found."""

    domains: Mapping[str, int]
    licenses: Counts
    kinds: Counts
    countries: Counts
    stages: Mapping[str | None, tuple[int, ...]]
    verifications: Counts
    shared: int
    facts: Counts
    free_copies: int
    calls: Counts


class Statistics:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = QueryCache(engine)

    def held(self, above: Mapping[str, str]) -> CatalogNumbers:
        """All numbers, counted once a public change. `above`: of each narrower category the wider one."""
        return self._once.numbers("held", partial(_count_all, above=above))

    def copies(self, now: datetime) -> Mapping[str, int]:
        """How many mirrors were last brought up to date how long ago. A visit that finds nothing new is no public
        change, so that this is counted each time."""
        ages = [(mirror.c.last_success_at >= now - age, name) for name, age in AGES.items()]
        age = case((mirror.c.last_success_at.is_(None), NEVER), *ages, else_=OLDER).label("age")
        ages_of_mirrors = select(age).where(mirror.c.project_id.not_in(CLOSED)).subquery()
        with reading(self._engine) as connection:
            rows = connection.execute(select(ages_of_mirrors.c.age, func.count()).group_by(ages_of_mirrors.c.age)).all()
        return {name: number for name, number in rows}


def _count_all(connection: Connection, above: Mapping[str, str]) -> CatalogNumbers:
    present = (PUBLIC, PRESENT, OF_FREE_SOFTWARE, adoption.c.project_id.not_in(CLOSED))
    stages = select(adoption.c.stage, *(count_of_sort(sort) for _, sort in PRESENT_SORTS)).where(*present)
    shared = select(adoption.c.project_id).where(*present, is_of_sort(CONFIRMED)).group_by(adoption.c.project_id)
    mirrored = select(mirror.c.project_id).join_from(mirror, project, project.c.id == mirror.c.project_id)
    current = (CURRENT, fact.c.origin.in_((DECLARED, OBSERVED)), fact.c.project_id.not_in(CLOSED))
    conditions = (SHOWN_CALLS, call.c.state.in_((ASKED, ANSWERED)))
    categories = project_categories().subquery()
    ours = select(categories.c.project_id.label("id"), categories.c.term).where(
        categories.c.project_id.not_in(CLOSED), categories.c.project_id.not_in(NOT_FREE)
    )
    return CatalogNumbers(
        domains=count_by_category(connection, ours, above),
        licenses=_counts_by_column(connection, project.c.license, OPEN, project.c.context_only.is_(False)),
        kinds=_counts_by_column(connection, organization.c.kind, COUNTED),
        countries=_counts_by_column(connection, organization.c.country, COUNTED),
        stages={row[0]: tuple(row[1:]) for row in connection.execute(stages.group_by(adoption.c.stage))},
        verifications=_counts_by_column(connection, adoption.c.verification, *present),
        shared=_count_rows(connection, shared.having(func.count() > 1)),
        facts=_counts_by_column(connection, fact.c.origin, *current),
        free_copies=_count_rows(
            connection, mirrored.where(OPEN, mirror.c.free.is_(True), mirror.c.last_success_at.is_not(None))
        ),
        calls=_counts_by_column(connection, call.c.state, *conditions),
    )


def _counts_by_column(connection: Connection, column: Column[Any], *conditions: Any) -> dict[str | None, int]:
    rows = connection.execute(select(column, func.count()).where(*conditions).group_by(column))
    return {key: number for key, number in rows}


def _count_rows(connection: Connection, rows: Select[Any]) -> int:
    return int(connection.execute(select(func.count()).select_from(rows.subquery())).scalar_one())
