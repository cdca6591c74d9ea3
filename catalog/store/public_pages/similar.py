"""Find projects for the same categories as a given project."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from catalog.rules.today import STOPPED_STATUSES
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.read_models import Card
from catalog.store.core.visibility import OPEN
from catalog.store.public_records.rows import first_cards
from catalog.tables.core import project, project_term

DOMAINS = 6  # categories of the project that are compared; with three, Galette was not similar to Paheko
NEAREST = 40  # projects whose rows are read
COUNTED_USES = 20  # of a project: more do not make it more similar
# Weight of the project's first category where others weigh 1; one more where it is the first of both. By the number of
# categories alone, the two projects that manage members of associations were not similar to each other.
FIRST_WEIGHT = 2


class SimilarProjects(DatabasePart):
    def similar_to(self, project_id: UUID, domains: Sequence[str], limit: int) -> tuple[Card, ...]:
        """At most `limit` projects that share the most of these categories, the first of which weighs most.

        Ties are ordered by number of confirmed uses, then name; what has ended or stopped comes last.
        """
        compared = list(domains[:DOMAINS])
        if not compared:
            return ()
        shared = func.sum(case((project_term.c.term == compared[0], FIRST_WEIGHT), else_=1)).label("shared")
        near = (
            select(project_term.c.project_id.label("id"), shared)
            .join(project, project.c.id == project_term.c.project_id)
            .where(project_term.c.vocabulary == "domain", project_term.c.term.in_(compared))
            .where(OPEN, project.c.context_only.is_(False), project.c.id != project_id)
            .group_by(project_term.c.project_id, project.c.folded, project.c.slug)
            .order_by(shared.desc(), project.c.folded, project.c.slug)
            .limit(NEAREST)
        )
        with reading(self._engine) as connection:
            weights = {str(row.id): row.shared for row in connection.execute(near)}
            ids = [UUID(key) for key in weights]
            return first_cards(connection, ids, lambda card: _rank(card, compared, weights[card["id"]]), limit)


def _rank(card: Mapping[str, Any], domains: Sequence[str], shared: int) -> tuple[int, ...]:
    """Sort key, the most similar first."""
    both = card["domains"][:1] == list(domains[:1])
    return (card["status"] in STOPPED_STATUSES, -shared - both, -min(card["confirmed_uses"], COUNTED_USES))
