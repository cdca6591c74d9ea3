"""Find projects of the same categories as a given project, with bounded index reads whatever the catalogue's size.

Only free software is proposed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, bindparam, exists, func, literal, select, union_all
from sqlalchemy.sql.selectable import Subquery

from catalog.rules.vitality import STOPPED_STATUSES
from catalog.store.core.engine import reading
from catalog.store.core.read_models import Card
from catalog.store.core.visibility import IS_CONFIRMED, OPEN, PUBLIC
from catalog.store.public_records.rows import first_cards
from catalog.tables.adoptions import adoption
from catalog.tables.core import project, project_term, relation

DOMAINS = 6  # categories of the project that are compared; with three, Galette was not similar to Paheko
LOOKED_AT = 100  # projects read for each category
NEAREST = 40  # of these, whose rows are read
COUNTED_USES = 20  # of a project: more do not make it more similar
SIMILAR_RELATIONS = (
    "related",
    "inspired-by",
    "fork-of",
    "derived-from",
    "successor-of",
    "moving-to",
)  # relations of similar purpose
# Weight of the project's first category where others weigh 1; one more where it is the first of both. By the number of
# categories alone, the two projects that manage members of associations were not similar to each other.
FIRST_WEIGHT = 2
RELATION_WEIGHT = FIRST_WEIGHT + DOMAINS  # a stated relation weighs as all categories in common


@dataclass(frozen=True)
class ComparedValues:
    """The values of a project that others are compared with; the most important of `domains` first."""

    domains: Sequence[str]
    made_for: Sequence[str] = ()
    languages: Sequence[str] = ()


class SimilarProjects:
    def __init__(self, engine: Engine):
        self._engine = engine

    def similar_to(self, project_id: UUID, mine: ComparedValues, limit: int) -> tuple[Card, ...]:
        """At most `limit` projects that share the most categories with this one, the first of which weighs most.

        Ties are ordered by: made for one of the same kinds of group, screens in one of its languages, number of
        confirmed uses, name. What has ended or stopped comes after the others.
        """
        terms = mine.domains[:DOMAINS]
        given = {
            "of": project_id,
            "kinds": list(mine.made_for),
            **{f"term_{at}": term for at, term in enumerate(terms)},
        }
        with reading(self._engine) as connection:
            near = connection.execute(_NEAREST[len(terms)], given).all()
            shared = {str(row.id): row.shared for row in near}
            ids = [row.id for row in near]  # in the order of their names
            return first_cards(connection, ids, lambda card: _rank(card, mine, shared[card["id"]]), limit)


def _rank(card: Mapping[str, Any], mine: ComparedValues, shared: int) -> tuple[int, ...]:
    """Sort key, the most similar first. A value that is unknown for either counts as not shared."""
    both = mine.domains and card["domains"][:1] == list(mine.domains[:1])
    pairs = ((card["made_for"], mine.made_for), (card["languages"], mine.languages))
    return (
        card["status"] in STOPPED_STATUSES,
        -shared - bool(both),
        *(set(theirs).isdisjoint(own) for theirs, own in pairs),
        -min(card["confirmed_uses"], COUNTED_USES),
    )


def _candidates(domains: int) -> Subquery:
    """Candidates, one row for each category in common and for each relation."""
    found: list[Select[Any]] = []
    for place in range(domains):
        wanted = select(project_term.c.project_id.label("id"), literal(1 if place else FIRST_WEIGHT).label("shared"))
        same = project_term.c.term == bindparam(f"term_{place}", type_=project_term.c.term.type)
        wanted = wanted.where(project_term.c.vocabulary == "domain", same).limit(LOOKED_AT)
        found.append(select(wanted.subquery()))
    for mine, other in (("project_id", "target_id"), ("target_id", "project_id")):
        stated = select(relation.c[other].label("id"), literal(RELATION_WEIGHT).label("shared"))
        stated = stated.where(relation.c[mine] == _PROJECT_ID, relation.c.type.in_(SIMILAR_RELATIONS)).limit(LOOKED_AT)
        found.append(select(stated.subquery()))
    return union_all(*found).subquery()


def _nearest(domains: int) -> Select[Any]:
    """Select the most similar candidates. The rows of projects are large: only those of NEAREST candidates are read."""
    near = _candidates(domains)
    counted = (
        select(literal(1).label("one"))
        .where(PUBLIC, IS_CONFIRMED, adoption.c.project_id == near.c.id)
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
        .where(near.c.id != _PROJECT_ID)
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


_PROJECT_ID = bindparam("of", type_=project.c.id.type)
# Built once for each number of categories: building a statement takes longer than running it.
_NEAREST = tuple(_nearest(domains) for domains in range(DOMAINS + 1))
