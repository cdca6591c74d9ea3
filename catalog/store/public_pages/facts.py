"""Read facts and their history for pages, feeds and exports. `projects.fact_history` writes them, `catalog.rules.fact`
chooses among them.

Left out everywhere: facts that are not public, those of blocked projects and the names of hidden organizations. Of a
project whose makers asked not to be listed only the facts in MINIMAL are returned.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, bindparam, select

from catalog.errors import NotFound, OptedOut
from catalog.rules.fact import CURATED, Fact
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.read_models import ChangesPage, FactsPage, HistoryLine, HistoryPage
from catalog.store.core.visibility import OPEN
from catalog.store.federation.received import facts as received_facts
from catalog.store.federation.received.facts import OF_RECORD
from catalog.store.organizations import facts as store_organization_facts
from catalog.store.projects.fact_rows import CURRENT, fact_from_row, with_record_facts
from catalog.store.projects.shown_facts import (
    MAINTENANCE,
    MINIMAL,
    RELATIONS,
    RUNS,
    facts_without,
    hidden_records,
)
from catalog.store.projects.slugs import open_project
from catalog.tables.core import (
    fact,
    fact_change,
    project,
)

BATCH = 500  # projects of an export in one read

_PROJECT_FACTS = select(fact).where(fact.c.project_id == bindparam("of", type_=fact.c.project_id.type), CURRENT)
_before, _after = fact.alias("before"), fact.alias("after")
_FACT_COLUMNS = tuple(Fact.__dataclass_fields__)


class Facts(DatabasePart):
    def page(self, slug: str) -> FactsPage:
        """Every current public fact of a project, in two queries; of an unlisted project, those in MINIMAL.

        Raises NotFound, Moved, Removed; OptedOut where nothing of it is shown.
        """
        with reading(self._engine) as connection:
            row = open_project(connection, slug, *OF_RECORD, unlisted=True)
            if row.opted_out_at is not None and row.gone:
                raise OptedOut("project", slug, row.opted_out_at, gone=True)
            facts = _current_facts(connection, row)
        return FactsPage(row.id, row.slug, row.name, row.change, facts)

    def organization(self, slug: str) -> FactsPage:
        """Every public fact of an organization. Raises NotFound, Moved."""
        with reading(self._engine) as connection:
            return store_organization_facts.page(connection, slug)

    def history(self, slug: str, before: int | None = None, limit: int = 50) -> HistoryPage:
        """The lines of a project's history below number `before`, newest first, in two queries. A number instead of an
        offset: new lines do not move the pages, and a page costs the same at any depth.

        `next` is the `before` of the following page; None at the end, where the last line tells since when the record
        is here. Raises NotFound, Moved, Removed.
        """
        with reading(self._engine) as connection:
            row = open_project(connection, slug, *OF_RECORD)
            lines, following = _history_lines(
                connection, _LINES.where(fact_change.c.project_id == row.id), before, limit
            )
        if following is None and row.curated:
            lines += (HistoryLine(0, row.added_at, "", None, None, "first", CURATED, 0, row.id, row.slug, row.name),)
        return HistoryPage(row.id, row.slug, row.name, row.change, lines, following)

    def changes(self, before: int | None = None, limit: int = 50) -> ChangesPage:
        """The lines of all projects that are news, newest first, each with `slug` and `name`; in pages as `history`.

        What an origin stated of a project for the first time is left out: a new project is news by itself.
        """
        with reading(self._engine) as connection:
            lines, following = _history_lines(connection, _LINES.where(fact_change.c.news.is_(True)), before, limit)
        return ChangesPage(lines, following)


def _current_facts(connection: Connection, record: Row[*tuple[Any, ...]]) -> tuple[Fact, ...]:
    """The current public facts of a project, in the order of FIELDS.

    `record` is a row of `project` with the columns OF_RECORD (whose VOICED says whether peers state facts of it) and
    `opted_out_at`.
    """
    rows = connection.execute(_PROJECT_FACTS, {"of": record.id}).all()
    others = received_facts.facts_by_record(connection, [record.id]).get(record.id, ()) if record.voiced else ()
    facts = _listed_facts(record, with_record_facts(record, [*(fact_from_row(row) for row in rows), *others]))
    return facts_without(facts, hidden_records(connection, facts))


def history_behind(connection: Connection, project_id: UUID, line: int, limit: int) -> tuple[HistoryLine, ...]:
    """The newest lines of a project's history above this number. Raises NotFound for a project that is not shown."""
    if connection.execute(select(project.c.id).where(project.c.id == project_id, OPEN)).first() is None:
        raise NotFound("project", str(project_id))
    query = _LINES.where(fact_change.c.project_id == project_id, fact_change.c.id > line)
    return _history_lines(connection, query, None, limit)[0]


def _listed_facts(record: Row[*tuple[Any, ...]], facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The facts of a project that may be shown: those in MINIMAL where its makers asked not to be listed."""
    return (
        facts
        if record.opted_out_at is None
        else tuple(shown_fact for shown_fact in facts if shown_fact.field in MINIMAL)
    )


_LINES = (
    select(
        fact_change,
        project.c.slug,
        project.c.name,
        *(side.c[name].label(f"{side.name}_{name}") for side in (_before, _after) for name in _FACT_COLUMNS),
    )
    .join(project, project.c.id == fact_change.c.project_id)
    .outerjoin(_before, _before.c.id == fact_change.c.before_id)
    .outerjoin(_after, _after.c.id == fact_change.c.after_id)
    .where(OPEN)
    .order_by(fact_change.c.id.desc())
)


def _history_lines(
    connection: Connection, query: Select[Any], before: int | None, limit: int
) -> tuple[tuple[HistoryLine, ...], int | None]:
    if before is not None:
        query = query.where(fact_change.c.id < before)
    rows = connection.execute(query.limit(limit + 1)).all()
    lines = [_history_line(row) for row in rows[:limit]]
    hidden = hidden_records(
        connection, [shown_fact for line in lines for shown_fact in (line.before, line.after) if shown_fact]
    )
    following = lines[-1].number if len(rows) > limit else None
    return tuple(_line_without(line, hidden) for line in lines), following


def _line_without(line: HistoryLine, hidden: frozenset[tuple[str, str]]) -> HistoryLine:
    """The line without hidden records in its facts; a fact of which nothing is left becomes None."""
    if not hidden or line.field not in (RELATIONS, MAINTENANCE, RUNS):
        return line
    before, after = (
        next(iter(facts_without([shown_fact] if shown_fact else (), hidden)), None)
        for shown_fact in (line.before, line.after)
    )
    return replace(line, before=before, after=after)


def _history_line(row: Row[Any]) -> HistoryLine:
    before, after = (
        Fact(*(getattr(row, f"{side}_{name}") for name in _FACT_COLUMNS)) if getattr(row, f"{side}_id") else None
        for side in ("before", "after")
    )
    return HistoryLine(
        number=row.id,
        at=row.at,
        field=row.field,
        before=before,
        after=after,
        kind=row.kind,
        origin=row.origin,
        facts=row.facts,
        project_id=row.project_id,
        slug=row.slug,
        name=row.name,
    )
