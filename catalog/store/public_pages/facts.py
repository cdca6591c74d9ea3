"""Facts and their history as pages, feeds and exports read them. They are written by `ledger`, chosen by
`catalog.rules.fact`.

What is not public, what belongs to a blocked project and the name of a hidden organization leave by none of these
readings; of a project whose makers asked not to be listed only the facts of MINIMAL do.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, Select, bindparam, literal, or_, select, union

from catalog.errors import NotFound, OptedOut
from catalog.rules.fact import CURATED, LICENSE, Fact
from catalog.store.core.engine import reading
from catalog.store.core.read_models import ChangesPage, FactsPage, HistoryPage, Line
from catalog.store.core.visibility import OPEN, UNBLOCKED
from catalog.store.federation.received import facts as received_facts
from catalog.store.organizations import facts as store_organization_facts
from catalog.store.projects.fact_rows import CURRENT, fact_of, facts_of, rows_of
from catalog.store.projects.slugs import GONE, open_project
from catalog.tables.core import (
    block,
    fact,
    fact_change,
    former,
    mirror,
    organization,
    project,
)

RELATIONS = "relations"  # the one field that names other projects
MAINTENANCE, RUNS, HOSTED = "maintenance", "runs", "hosted"  # the fields that name organizations; RUNS under HOSTED
BATCH = 500  # projects of an export in one read
# Facts that a project's own page does not show: long lists that stand on its page of facts.
LONG = ("license.file", "license.manifest", "dependencies", "problems", "unreadable")

_OF = select(fact).where(fact.c.project_id == bindparam("of", type_=fact.c.project_id.type), *CURRENT)
_SHORT = _OF.where(fact.c.field.not_in(LONG))
_before, _after = fact.alias("before"), fact.alias("after")
OF_RECORD = (project.c.record, project.c.document, project.c.curated, project.c.added_at, received_facts.VOICED)
MINIMAL = ("name", "repository", LICENSE)  # what is still told of a project whose makers asked not to be listed
_NAMED = (project.c.id, project.c.slug, project.c.name, project.c.change, project.c.opted_out_at)
_FACT_COLUMNS = tuple(Fact.__dataclass_fields__)


class Facts:
    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, slug: str) -> FactsPage:
        """Every public fact of a project as it is said now, in two queries; of an unlisted one, those of MINIMAL.

        Raises NotFound, Moved, Removed; OptedOut where nothing of it is shown.
        """
        with reading(self._engine) as connection:
            row = open_project(connection, slug, *OF_RECORD, unlisted=True)
            if row.opted_out_at is not None and row.gone:
                raise OptedOut("project", slug, row.opted_out_at, gone=True)
            facts = current_facts(connection, row, long=True)
        return FactsPage(row.id, row.slug, row.name, row.change, facts)

    def organization(self, slug: str) -> FactsPage:
        """Every public fact of an organization. Raises NotFound, Moved."""
        with reading(self._engine) as connection:
            return store_organization_facts.page(connection, slug)

    def history(self, slug: str, before: int | None = None, limit: int = 50) -> HistoryPage:
        """The lines of a project's history below number `before`, newest first, in two queries. A number and no offset:
        lines that come in meanwhile move nothing, and a page costs the same at any depth.

        `next` is the `before` of the page behind this one; None at the end, where the last line tells since when the
        record is here. Raises NotFound, Moved, Removed.
        """
        with reading(self._engine) as connection:
            row = open_project(connection, slug, *OF_RECORD)
            lines, following = _lines(connection, _LINES.where(fact_change.c.project_id == row.id), before, limit)
        if following is None and row.curated:
            lines += (Line(0, row.added_at, "", None, None, "first", CURATED, 0, row.id, row.slug, row.name),)
        return HistoryPage(row.id, row.slug, row.name, row.change, lines, following)

    def changes(self, before: int | None = None, limit: int = 50) -> ChangesPage:
        """The lines of all projects that are news, newest first, each with `slug` and `name`; as `history` does.

        What an origin said of a project for the first time is none: a new project is news by itself.
        """
        with reading(self._engine) as connection:
            lines, following = _lines(connection, _LINES.where(fact_change.c.news.is_(True)), before, limit)
        return ChangesPage(lines, following)

    def export(self) -> Iterator[FactsPage]:
        """Every project that may be shown, by slug, with its public facts as they are said now.

        Each batch is a consistent read of its own; what changes between two batches is in one of both states.
        """
        after = ""
        while True:
            with reading(self._engine) as connection:
                wanted = select(*_NAMED, *OF_RECORD)
                wanted = wanted.outerjoin(mirror, mirror.c.project_id == project.c.id)
                some = or_(project.c.opted_out_at.is_(None), mirror.c.state.is_(None), mirror.c.state != GONE)
                shown = wanted.where(project.c.slug > after, UNBLOCKED, some).order_by(project.c.slug).limit(BATCH)
                rows = connection.execute(shown).all()
                told = told_of(connection, rows)
            if not rows:
                return
            for row in rows:
                yield FactsPage(row.id, row.slug, row.name, row.change, told[row.id])
            after = rows[-1].slug


def told_of(connection: Connection, rows: Sequence[Any]) -> dict[UUID, tuple[Fact, ...]]:
    """The public facts of several projects (at most BATCH) as they are said now, by identity; the rows hold OF_RECORD,
    `id` and `opted_out_at`."""
    ids = [row.id for row in rows]
    said, others = rows_of(connection, ids), received_facts.told(connection, ids)
    found = {row.id: _told(row, facts_of(row, [*said.get(row.id, ()), *others.get(row.id, ())])) for row in rows}
    hidden = _hidden(connection, [one for facts in found.values() for one in facts])
    return {key: _without(facts, hidden) for key, facts in found.items()}


def current_facts(connection: Connection, record: Row[*tuple[Any, ...]], *, long: bool) -> tuple[Fact, ...]:
    """What is publicly said of a project now, in the order of FIELDS; `long`: with the lists of LONG.

    `record` is a row of `project` with the columns OF_RECORD (one tells whether others speak of it) and `opted_out_at`.
    """
    rows = connection.execute(_OF if long else _SHORT, {"of": record.id}).all()
    others = received_facts.told(connection, [record.id]).get(record.id, ()) if record.voiced else ()
    facts = _told(record, facts_of(record, [*(fact_of(row) for row in rows), *others]))
    # A project's own page takes its relations and what the record says of organizations from their rows.
    doubtful = facts if long else [one for one in facts if one.field == MAINTENANCE and one.origin != CURATED]
    return _without(facts, _hidden(connection, doubtful))


def history_behind(connection: Connection, project_id: UUID, line: int, limit: int) -> tuple[Line, ...]:
    """The newest lines of a project's history behind this number. Raises NotFound for a project that is not shown."""
    if connection.execute(select(project.c.id).where(project.c.id == project_id, OPEN)).first() is None:
        raise NotFound("project", str(project_id))
    wanted = _LINES.where(fact_change.c.project_id == project_id, fact_change.c.id > line)
    return _lines(connection, wanted, None, limit)[0]


def _told(record: Row[*tuple[Any, ...]], facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The facts of a project that may be told: of one whose makers asked not to be listed, very few."""
    return facts if record.opted_out_at is None else tuple(one for one in facts if one.field in MINIMAL)


def _named(one: Fact) -> set[tuple[str, str]]:
    """The projects and organizations that a fact names, each with its kind before its slug."""
    if one.field == RELATIONS:
        return {("project", slug) for slug in map(_slug("project"), _list(one.value)) if slug}
    if one.field == MAINTENANCE:
        return {("organization", slug) for slug in map(_slug("organization"), _list(one.value)) if slug}
    if one.field == RUNS and isinstance(one.value, dict):
        return {("organization", slug) for slug in _list(one.value.get(HOSTED)) if isinstance(slug, str)}
    return set()


def _hidden(connection: Connection, facts: Iterable[Fact]) -> frozenset[tuple[str, str]]:
    """Those of the projects that facts name that are in no list, and of the organizations that are hidden, under the
    slugs of now and of before; no query where they name none."""
    named: dict[str, list[str]] = {}
    for kind, slug in sorted({each for one in facts for each in _named(one)}):
        named.setdefault(kind, []).append(slug)
    wanted = []
    if slugs := named.get("project"):
        of = literal("project").label("kind")
        wanted += [
            select(of, project.c.slug).where(project.c.slug.in_(slugs), ~OPEN),
            select(of, block.c.slug).where(block.c.slug.in_(slugs)),
        ]
    if slugs := named.get("organization"):
        of, hidden = literal("organization").label("kind"), organization.c.hidden.is_not(None)
        then = select(of, former.c.slug).join(organization, organization.c.id == former.c.record_id)
        wanted += [
            select(of, organization.c.slug).where(organization.c.slug.in_(slugs), hidden),
            then.where(former.c.kind == "organization", former.c.slug.in_(slugs), hidden),
        ]
    if not wanted:
        return frozenset()
    return frozenset((row[0], row[1]) for row in connection.execute(union(*wanted)))


def _without(facts: Iterable[Fact], hidden: frozenset[tuple[str, str]]) -> tuple[Fact, ...]:
    """The facts without what they say of projects in no list and of hidden organizations."""
    if not hidden:
        return tuple(facts)
    kept = []
    for one in facts:
        if hidden.isdisjoint(_named(one)):
            kept.append(one)
        elif left := _left(one, hidden):
            kept.append(replace(one, value=left))
    return tuple(kept)


def _left(one: Fact, hidden: frozenset[tuple[str, str]]) -> Any:
    """The value of a fact without what names something hidden; empty where nothing is left."""
    if one.field == RUNS:
        left = [slug for slug in _list(one.value[HOSTED]) if ("organization", slug) not in hidden]
        return {name: value for name, value in one.value.items() if name != HOSTED} | ({HOSTED: left} if left else {})
    kind = "project" if one.field == RELATIONS else "organization"
    return [each for each in one.value if (kind, _slug(kind)(each)) not in hidden]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _slug(kind: str) -> Callable[[Any], str | None]:
    """What reads the slug of this kind in one part of a fact's list."""

    def read(each: Any) -> str | None:
        slug = each.get(kind) if isinstance(each, dict) else None
        return slug if isinstance(slug, str) else None

    return read


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


def _lines(
    connection: Connection, wanted: Select[Any], before: int | None, limit: int
) -> tuple[tuple[Line, ...], int | None]:
    if before is not None:
        wanted = wanted.where(fact_change.c.id < before)
    rows = connection.execute(wanted.limit(limit + 1)).all()
    lines = [_line(row) for row in rows[:limit]]
    hidden = _hidden(connection, [one for line in lines for one in (line.before, line.after) if one])
    following = lines[-1].number if len(rows) > limit else None
    return tuple(_line_without(line, hidden) for line in lines), following


def _line_without(line: Line, hidden: frozenset[tuple[str, str]]) -> Line:
    """The line with what is left of its facts, as none where nothing is."""
    if not hidden or line.field not in (RELATIONS, MAINTENANCE, RUNS):
        return line
    before, after = (next(iter(_without([one] if one else (), hidden)), None) for one in (line.before, line.after))
    return replace(line, before=before, after=after)


def _line(row: Row[Any]) -> Line:
    before, after = (
        Fact(*(getattr(row, f"{side}_{name}") for name in _FACT_COLUMNS)) if getattr(row, f"{side}_id") else None
        for side in ("before", "after")
    )
    return Line(
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
