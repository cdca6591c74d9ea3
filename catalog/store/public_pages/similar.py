"""Which projects answer the needs that one answers: a bounded look along an index, whatever the catalogue's size.

It says nothing of what sets them apart: that is the page's matter. Only free software is proposed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, bindparam, exists, func, literal, select, union_all
from sqlalchemy.sql.selectable import Subquery

from catalog.store.core.engine import reading
from catalog.store.core.read_models import Card
from catalog.store.core.visibility import CONFIRMED, OPEN, PUBLIC, is_of
from catalog.store.public_pages.cards import cards
from catalog.tables.core import adoption, project, project_term, relation

DOMAINS = 3  # needs of the project that are looked at
LOOKED_AT = 100  # projects of each need
NEAREST = 40  # of them, whose rows are read
COUNTED_USES = 20  # of a project: more do not make it nearer
KIN = ("related", "inspired-by", "fork-of", "derived-from", "successor-of", "moving-to")  # relations of a like purpose
# What the first need in common counts, where others count one; one more where it is the first of both. By numbers of
# needs alone, the two projects that keep associations' members did not name each other.
FIRST = 2
RELATED = FIRST + DOMAINS  # a stated relation counts as all needs in common


@dataclass(frozen=True)
class Mine:
    """What of a project others are like; `domains` the most important first."""

    domains: Sequence[str]
    made_for: Sequence[str] = ()
    languages: Sequence[str] = ()


class Alike:
    def __init__(self, engine: Engine):
        self._engine = engine

    def to(self, project_id: UUID, mine: Mine, limit: int) -> tuple[Card, ...]:
        """At most `limit` projects that share the most needs with this one, the first of which counts most.

        Among equals come those made for one of the same kinds of group, then those with screens in a language of it,
        then those with the most confirmed uses, then all by name.
        """
        terms = mine.domains[:DOMAINS]
        given = {
            "of": project_id,
            "kinds": list(mine.made_for),
            **{f"term_{at}": term for at, term in enumerate(terms)},
        }
        with reading(self._engine) as connection:
            near = connection.execute(_NEAREST[len(terms)], given).all()
            found = cards(connection, [one.id for one in near])  # in the order of their names
        shared = {one.id: one.shared for one in near}
        return tuple(sorted(found, key=lambda one: _rank(one, mine, shared[one.id]))[:limit])


def _rank(one: Card, mine: Mine, shared: int) -> tuple[int, ...]:
    """The nearest comes first. What is not known of either is not shared."""
    both = mine.domains and one.domains[:1] == tuple(mine.domains[:1])
    pairs = ((one.made_for, mine.made_for), (one.languages, mine.languages))
    return (
        -shared - bool(both),
        *(set(theirs).isdisjoint(own) for theirs, own in pairs),
        -min(one.confirmed_uses, COUNTED_USES),
    )


def _near(domains: int) -> Subquery:
    """Candidates, once for each need in common and for each relation."""
    found: list[Select[Any]] = []
    for place in range(domains):
        wanted = select(project_term.c.project_id.label("id"), literal(1 if place else FIRST).label("shared"))
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
    uses = select(func.count()).select_from(counted).scalar_subquery()
    theirs = (project_term.c.project_id == near.c.id, project_term.c.vocabulary == "made-for")
    kinds = exists().where(*theirs, project_term.c.term.in_(bindparam("kinds", expanding=True))).correlate(near)
    first = (
        select(near.c.id, shared)
        .where(near.c.id != _OF)
        .group_by(near.c.id)
        .order_by(shared.desc(), kinds.desc(), uses.desc(), near.c.id)
        .limit(NEAREST)
        .subquery()
    )
    return (
        select(project.c.id, first.c.shared)
        .join(first, first.c.id == project.c.id)
        .where(OPEN, project.c.context_only.is_(False))
        .order_by(project.c.folded, project.c.slug)
    )


_OF = bindparam("of", type_=project.c.id.type)
# Built once for each number of needs: building one takes longer than its answer.
_NEAREST = tuple(_nearest(domains) for domains in range(DOMAINS + 1))
