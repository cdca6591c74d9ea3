"""Which projects answer the needs that one answers: a bounded look along an index, whatever the catalogue's size.

It says nothing of what sets them apart: that is the page's matter. Only free software is proposed.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, bindparam, func, literal, select, union_all
from sqlalchemy.sql.selectable import Subquery

from catalog.schema import adoption, project, project_term, relation
from catalog.store.cards import cards
from catalog.store.database import reading
from catalog.store.lines import CONFIRMED, OPEN, PUBLIC, is_of
from catalog.store.views import Card

DOMAINS = 3  # needs of the project that are looked at
LOOKED_AT = 100  # projects of each need
NEAREST = 40  # of them, whose rows are read
COUNTED_USES = 20  # of a project: more do not make it nearer
KIN = ("related", "inspired-by", "fork-of", "derived-from", "successor-of", "moving-to")  # relations of a like purpose
RELATED = 3  # a stated relation counts as so many needs in common


class Alike:
    def __init__(self, engine: Engine):
        self._engine = engine

    def to(self, project_id: UUID, domains: Sequence[str], limit: int) -> tuple[Card, ...]:
        """At most `limit` projects that share the most needs with this one, then the most confirmed uses, then by name.

        `domains` are its terms, the most important first. Two statements.
        """
        terms = domains[:DOMAINS]
        given = {"of": project_id, "most": limit, **{f"term_{place}": term for place, term in enumerate(terms)}}
        with reading(self._engine) as connection:
            ids = connection.execute(_NEAREST[len(terms)], given).scalars().all()
            return cards(connection, ids)


def _near(domains: int) -> Subquery:
    """Candidates, once for each need in common and for each relation."""
    found: list[Select[Any]] = []
    for place in range(domains):
        wanted = select(project_term.c.project_id.label("id"), literal(1).label("shared"))
        same = project_term.c.term == bindparam(f"term_{place}", type_=project_term.c.term.type)
        wanted = wanted.where(project_term.c.vocabulary == "domain", same).limit(LOOKED_AT)
        found.append(select(wanted.subquery()))
    for mine, other in (("project_id", "target_id"), ("target_id", "project_id")):
        stated = select(relation.c[other].label("id"), literal(RELATED).label("shared"))
        stated = stated.where(relation.c[mine] == _OF, relation.c.type.in_(KIN)).limit(LOOKED_AT)
        found.append(select(stated.subquery()))
    return union_all(*found).subquery()


def _nearest(domains: int) -> Select[Any]:
    """The rows of projects are large: only those of the nearest candidates are read."""
    near = _near(domains)
    counted = (
        select(literal(1).label("one"))
        .where(PUBLIC, is_of(CONFIRMED), adoption.c.project_id == near.c.id)
        .limit(COUNTED_USES)
        .correlate(near)
        .subquery()
    )
    shared = func.sum(near.c.shared).label("shared")
    uses = select(func.count()).select_from(counted).scalar_subquery().label("uses")
    first = (
        select(near.c.id, shared, uses)
        .where(near.c.id != _OF)
        .group_by(near.c.id)
        .order_by(shared.desc(), uses.desc(), near.c.id)
        .limit(NEAREST)
        .subquery()
    )
    return (
        select(project.c.id)
        .join(first, first.c.id == project.c.id)
        .where(OPEN, project.c.context_only.is_(False))
        .order_by(first.c.shared.desc(), first.c.uses.desc(), project.c.folded, project.c.slug)
        .limit(bindparam("most"))
    )


_OF = bindparam("of", type_=project.c.id.type)
# Built once for each number of needs: building one takes longer than its answer.
_NEAREST = tuple(_nearest(domains) for domains in range(DOMAINS + 1))
