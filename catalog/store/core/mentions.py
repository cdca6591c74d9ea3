"""Which records show lines of which others on their pages, read from the rows: who helps with a use, by the slug that
it states, and the members of a family. All mentions of records are rows of `public_mention`.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Integer, Select, bindparam, case, literal, select, true, union_all

from catalog.record_kind import ORGANIZATION
from catalog.rules.forks import DEPTH, FAMILY_RELATIONS
from catalog.store.core.engine import batches, is_among
from catalog.tables.adoptions import adoption
from catalog.tables.core import (
    fork_comparison,
    former_slug,
    organization,
    project,
    relation,
)

_PROVIDER = adoption.c.record["provider"].as_string()


def providers_of(connection: Connection, where: ColumnElement[bool]) -> set[UUID]:
    """In the caller's transaction: the organizations named as host or helper by public uses under this condition."""
    wanted = select(_PROVIDER).where(where, adoption.c.visibility == "public", _PROVIDER.is_not(None)).distinct()
    return organizations_called(connection, connection.execute(wanted).scalars())


def organizations_called(connection: Connection, slugs: Iterable[str | None]) -> set[UUID]:
    """In the caller's transaction: the organizations that these slugs name now or named before."""
    found: set[UUID] = set()
    for batch in batches({slug for slug in slugs if slug}):
        now = select(organization.c.id).where(is_among(connection, organization.c.slug, batch))
        before = select(former_slug.c.record_id).where(
            former_slug.c.kind == ORGANIZATION, is_among(connection, former_slug.c.slug, batch)
        )
        found.update(connection.execute(union_all(now, before)).scalars())
    return found


def family(connection: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """In the caller's transaction: the projects whose pages show one of these as a member of their family."""
    found: set[UUID] = set()
    for batch in batches(set(ids)):
        for key in _related(connection, batch):
            found.update(connection.execute(_FAMILY, {"of": key}).scalars())
    return found


def _related(connection: Connection, batch: Sequence[UUID]) -> set[UUID]:
    """Those of these projects that have a relative at all: few have, and each costs a query of its own."""
    stated = relation.c.type.in_(FAMILY_RELATIONS)
    return {
        key
        for column, condition in (
            (relation.c.project_id, stated),
            (relation.c.target_id, stated),
            (fork_comparison.c.project_id, true()),
        )
        for key in connection.execute(select(column).where(is_among(connection, column, batch), condition)).scalars()
    }


def _family() -> Select[Any]:
    """Those that relations of a family connect with a project in a few steps, and those that share history with it."""
    of = bindparam("of", type_=project.c.id.type)
    start = select(of.label("id"), literal(0, Integer).label("steps")).cte("around", recursive=True)
    here = (relation.c.project_id == start.c.id) | (relation.c.target_id == start.c.id)
    there = case((relation.c.project_id == start.c.id, relation.c.target_id), else_=relation.c.project_id)
    around = start.union(
        select(there.label("id"), start.c.steps + 1)
        .join_from(start, relation, here)
        .where(relation.c.type.in_(FAMILY_RELATIONS), start.c.steps < DEPTH)
    )
    kin = select(fork_comparison.c.other_id).where(fork_comparison.c.project_id == of)  # kept once for each of the two
    every = union_all(select(around.c.id), kin).subquery()
    return select(every.c.id).distinct().where(every.c.id != of)


_FAMILY = _family()
