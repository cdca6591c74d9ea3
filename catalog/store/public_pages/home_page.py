"""What the first page reads: counts, the curated lists, what came or changed last. Pages of records are the matter of
`pages`.

It stands apart since a start waits for the first page alone, which needs a third of what pages of records stand on.
"""

from dataclasses import replace

from sqlalchemy import Connection, Engine, exists, func, select

from catalog.document import from_record
from catalog.model import Collection
from catalog.store.core.cached_counts import Remembered
from catalog.store.core.engine import reading
from catalog.store.core.read_models import AdoptionLine, Card, Totals
from catalog.store.core.visibility import (
    CLOSED,
    COUNTED,
    OPEN,
    PRESENT,
    VISIBLE,
    adoption_line,
    number_of,
    use_lines,
    visible_uses,
)
from catalog.store.public_pages.cards import cards
from catalog.tables.core import (
    adoption,
    collection,
    hosting,
    maintenance,
    mirror,
    organization,
    project,
    project_term,
)

_LAST = 200  # of each; along the rows' numbers, whatever their number


class Front:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = Remembered(engine)

    def domain_counts(self) -> dict[str, int]:
        """How many projects name each domain term; a term's children are counted under their own names."""
        return dict(self._once("domain_counts", _domain_counts))

    def collections(self) -> tuple[Collection, ...]:
        """The curated lists in their order, each with those of its projects that are shown."""
        with reading(self._engine) as connection:
            records = connection.execute(select(collection.c.record).order_by(collection.c.position)).scalars().all()
            lists = [from_record(Collection, record) for record in records]
            named = {line.project for one in lists for line in one.projects}
            wanted = select(project.c.slug).where(project.c.slug.in_(named), OPEN)
            shown = set(connection.execute(wanted).scalars()) if named else set()
        return tuple(
            replace(one, projects=tuple(line for line in one.projects if line.project in shown)) for one in lists
        )

    def recent(self, limit: int) -> tuple[Card, ...]:
        """The free projects whose code changed last, as our mirrors saw; then those whose record did."""
        with reading(self._engine) as connection:
            free = select(project.c.id).where(OPEN, project.c.context_only.is_(False))
            seen = (
                free.join(mirror, mirror.c.project_id == project.c.id)
                .where(mirror.c.last_commit_at.is_not(None))
                .order_by(mirror.c.last_commit_at.desc(), project.c.slug)
            )
            ids = list(connection.execute(seen.limit(limit)).scalars())
            # A mirror that says nothing of a commit sorts nowhere: so the rest is asked for apart, along its index.
            rest = free.order_by(project.c.changed_at.desc(), project.c.slug.desc()).limit(limit * 2)
            ids += [one for one in connection.execute(rest).scalars() if one not in ids]
            return cards(connection, ids[:limit])

    def added(self, limit: int) -> tuple[Card, ...]:
        """The free projects that came last."""
        with reading(self._engine) as connection:
            newest = select(project.c.id).where(OPEN, project.c.context_only.is_(False))
            ids = connection.execute(newest.order_by(project.c.added_at.desc(), project.c.id.desc()).limit(limit))
            return cards(connection, list(ids.scalars()))

    def told_last(self) -> tuple[AdoptionLine, ...]:
        """The present uses of free software that were told last: those that count, then others; a few hundred.

        Those who make, keep up, pay for or host a project are left out: they tell nothing of a group that chose it."""
        return self._once("told last", _told_last)

    def totals(self) -> Totals:
        """Counts of what is public. Uses count confirmed, declared and found ones apart, and no past one; context is
        counted apart from projects."""
        return self._once("totals", _totals)


def _told_last(connection: Connection) -> tuple[AdoptionLine, ...]:
    own = [
        exists().where(one.c.project_id == adoption.c.project_id, one.c.organization_id == adoption.c.organization_id)
        for one in (maintenance, hosting)
    ]
    wanted = use_lines().where(PRESENT, project.c.context_only.is_(False), *(~one for one in own))
    wanted = wanted.order_by(adoption.c.id.desc()).limit(_LAST)
    found = [
        row
        for counts in (True, False)
        for row in connection.execute(wanted.where(adoption.c.confirmed.is_(counts))).all()
    ]
    return tuple(adoption_line(row, {}) for row in found)


def _domain_counts(connection: Connection) -> dict[str, int]:
    open_terms = project_term.c.project_id.not_in(CLOSED)
    rows = connection.execute(
        select(project_term.c.term, func.count())
        .where(project_term.c.vocabulary == "domain", open_terms)
        .group_by(project_term.c.term)
    ).all()
    return {term: number for term, number in rows}


def _totals(connection: Connection) -> Totals:
    counted = select(project.c.context_only, func.count()).where(OPEN).group_by(project.c.context_only)
    projects = {bool(context): number for context, number in connection.execute(counted).all()}
    organizations, countries = connection.execute(
        select(func.count(), func.count(organization.c.country.distinct())).where(VISIBLE)
    ).one()
    uses = visible_uses().with_only_columns(*(number_of(sort) for _, sort in COUNTED))
    confirmed, declared, found = tuple(connection.execute(uses).one())
    return Totals(projects.get(False, 0), projects.get(True, 0), organizations, confirmed, declared, found, countries)
