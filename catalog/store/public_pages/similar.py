"""Find projects for the same categories as a given project."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, case, func, select

from catalog.publication.cards import card_of
from catalog.record_kind import PROJECT
from catalog.rules.today import STOPPED_STATUSES
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.read_models import Card
from catalog.store.public_records.public_record_rows import CARD_ROW, card_values
from catalog.tables.core import project_term
from catalog.tables.public_records import public_record

DOMAINS = 6  # categories of the project that are compared; with three, Galette was not similar to Paheko
NEAREST = 40  # projects whose cards are compared
# Weight of the project's first category where others weigh 1, and where it is the first of both. By the number of
# categories alone, the two projects that manage members of associations were not similar to each other.
FIRST_WEIGHT, FIRST_OF_BOTH_WEIGHT = 2, 3

_weight = case(
    (project_term.c.term != bindparam("first"), 1), (project_term.c.position == 0, FIRST_OF_BOTH_WEIGHT),
    else_=FIRST_WEIGHT,
)  # fmt: skip
_near = (
    select(project_term.c.project_id.label("id"), func.sum(_weight).label("shared"))
    .where(project_term.c.vocabulary == "domain", among_keys(project_term.c.term))
    .where(project_term.c.project_id != bindparam("of", type_=project_term.c.project_id.type))
    .group_by(project_term.c.project_id)
    .having(func.count() >= bindparam("least", type_=Integer))
    .order_by(func.sum(_weight).desc(), project_term.c.project_id)
    .limit(NEAREST)
    .subquery()
)
# An outer join, and a condition that says nothing of rows that are missing: else SQLite begins with all records.
_SIMILAR = (
    select(*CARD_ROW)
    .outerjoin_from(_near, public_record, and_(public_record.c.kind == PROJECT, public_record.c.id == _near.c.id))
    .where(func.coalesce(public_record.c.card["context_only"].as_boolean(), True).is_(False))
    .order_by(
        func.coalesce(public_record.c.card["status"].as_string(), "").in_(sorted(STOPPED_STATUSES)),
        _near.c.shared.desc(),
        func.coalesce(public_record.c.card["confirmed_uses"].as_integer(), 0).desc(),
        public_record.c.slug,
    )
    .limit(bindparam("most", type_=Integer))
)


class SimilarProjects(DatabasePart):
    def similar_to(self, project_id: UUID, domains: Sequence[str], limit: int, least: int = 1) -> tuple[Card, ...]:
        """At most `limit` projects that share the most of these categories, `least` of them or more; the first weighs
        most.

        Ties are ordered by number of confirmed uses, then by slug; what has ended or stopped comes last.
        """
        compared = list(domains[:DOMAINS])
        if len(compared) < max(least, 1):
            return ()
        with reading(self._engine) as connection:
            parameters = {KEYS: compared, "first": compared[0], "of": project_id, "most": limit, "least": least}
            cards = card_values(connection, PROJECT, connection.execute(_SIMILAR, parameters).all())
        return tuple(card_of(card, quoted=False) for card in cards.values())
