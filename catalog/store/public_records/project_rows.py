"""Reads everything that the public records of projects are built of, many at once: a statement for each kind of rows.

Only what everybody may see is read, by the conditions of `core.visibility`. What few projects have is read one by one,
for those that have it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, Select, func, literal, select, union

from catalog.errors import Invalid
from catalog.publication.model import BuiltRecord, PublicProject
from catalog.publication.projects import (
    OF_VISITS,
    SHOWN_EXPERIENCES,
    ProjectRows,
    chosen_facts,
    digest_of,
    public_project,
)
from catalog.record_kind import PROJECT
from catalog.store.adoptions.by_project import provider_slugs
from catalog.store.adoptions.experiences import Experiences
from catalog.store.adoptions.questions import Questions
from catalog.store.calls.queries import Calls
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.read_models import OURS, OptOut
from catalog.store.core.visibility import (
    OPEN,
    PUBLIC,
    UNBLOCKED,
    USE_ORDER,
    maintenance_lines,
    organizations_by_slug,
    page_record,
    use_columns,
)
from catalog.store.federation.matching.record_origins import origins_of_projects
from catalog.store.federation.received.facts import VOICED, facts_of
from catalog.store.federation.received.records import PeerStatement, statements
from catalog.store.mirrors.mirror_rows import mirror_of
from catalog.store.moderation.log import ModerationDecisions
from catalog.store.obstacles.obstacle_rows import Obstacles
from catalog.store.ownership.inbox import MaintainerInboxes
from catalog.store.ownership.unlisted import OF_OBSERVATION, opted_out
from catalog.store.ownership.uploads import Uploads
from catalog.store.ownership.verifications import Verifications
from catalog.store.projects.fact_rows import stored_facts, with_record_facts
from catalog.store.projects.shown_facts import LONG, MINIMAL, facts_without, hidden_records
from catalog.store.submissions.maintainer_replies import MaintainerReplies
from catalog.tables.adoptions import adoption
from catalog.tables.calls import call, experience, obstacle, question_consent
from catalog.tables.core import fact_change, maintenance, mirror, organization, project, relation
from catalog.tables.moderation import decision
from catalog.tables.ownership import maintainer_reply, membership, upload

DECISIONS = 5  # that a project's page shows, and as many obstacles
OBSTACLES = 5
_SHOWN_KEYS = ("slug", "id", "name", "repository", "license", "context_only")  # of a project that is not listed
_PROJECTS = (
    select(project, mirror, VOICED)
    .outerjoin(mirror, mirror.c.project_id == project.c.id)
    .where(UNBLOCKED, among_keys(project.c.id))
)
_USES = (
    use_columns()
    .add_columns(
        adoption.c.project_id,
        adoption.c.verification,
        organization.c.region,
    )
    .where(PUBLIC, OPEN, among_keys(adoption.c.project_id))
    .order_by(adoption.c.project_id, *USE_ORDER)
)
_MAINTENANCE = maintenance_lines().add_columns(maintenance.c.project_id).where(among_keys(maintenance.c.project_id))
_TOLD = select(
    *(experience.c[name] for name in ("project_id", "organization_id", "language", "record", "answer", "at"))
).where(among_keys(experience.c.project_id))
_LAST_LINES = (
    select(fact_change.c.project_id, func.max(fact_change.c.id))
    .where(among_keys(fact_change.c.project_id))
    .group_by(fact_change.c.project_id)
)


def build_projects(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, BuiltRecord]:
    """In the caller's transaction, whose view all readers of this thread share: those of these projects (at most BATCH)
    that have a public record."""
    rows = connection.execute(_PROJECTS, {KEYS: ids}).all()
    rows_by_id = {row.id: ProjectRows(row, mirror_of(row) if row.project_id is not None else None) for row in rows}
    if not rows_by_id:
        return {}
    listed = [key for key, project_rows in rows_by_id.items() if project_rows.row.opted_out_at is None]
    voiced = [key for key, project_rows in rows_by_id.items() if project_rows.row.voiced]
    stated = statements(connection, PROJECT, voiced) if voiced else []
    _read_facts(connection, rows_by_id, stated)
    for name, query in (("uses", _USES), ("maintenance", _MAINTENANCE), ("told", _TOLD)):
        for row in connection.execute(query, {KEYS: listed}):
            getattr(rows_by_id[row.project_id], name).append(row)
    for query in _RELATIONS:
        for row in connection.execute(query, {KEYS: listed}):
            rows_by_id[row.of].relations.append(row)
    for key, number in connection.execute(_LAST_LINES, {KEYS: listed}):
        rows_by_id[key].line = number
    origins = origins_of_projects(connection, list(rows_by_id), stated)
    rare = _rare_parts(connection, listed)
    hosted = {slug for key in listed for slug in _hosted(rows_by_id[key].row.record)}
    cards = organizations_by_slug(
        connection, provider_slugs(use for key in listed for use in rows_by_id[key].uses) | hosted
    )
    built = {}
    for key, project_rows in rows_by_id.items():
        project_rows.rare = rare[key] | {"origin": origins.get(key, OURS)}
        is_listed = project_rows.row.opted_out_at is None
        try:
            record = public_project(project_rows, cards) if is_listed else _unlisted_project(connection, project_rows)
        except Invalid:  # no page can show what does not fit our shapes; the others are built all the same
            continue
        built[key] = BuiltRecord(record, {record.slug: key}, _mentions(project_rows, record))
    return built


def _read_facts(
    connection: Connection, rows_by_id: Mapping[UUID, ProjectRows], stated: Iterable[PeerStatement]
) -> None:
    """All current public facts of these projects, without what must not be shown of others. `stated`: what other
    catalogues state."""
    stored, others = stored_facts(connection, list(rows_by_id)), facts_of(stated)
    every = {
        key: with_record_facts(project_rows.row, [*stored.get(key, ()), *others.get(key, ())])
        for key, project_rows in rows_by_id.items()
    }
    hidden = hidden_records(connection, [fact for facts in every.values() for fact in facts])
    for key, project_rows in rows_by_id.items():
        project_rows.facts, project_rows.short = facts_without(every[key], hidden), _is_short
        if project_rows.row.opted_out_at is not None:
            project_rows.facts = tuple(fact for fact in project_rows.facts if fact.field in MINIMAL)


def _is_short(name: str) -> bool:
    return name not in LONG


def _unlisted_project(connection: Connection, project_rows: ProjectRows) -> PublicProject:
    """A project whose makers asked not to be listed: name, address and licenses."""
    row, observation = project_rows.row, (project_rows.mirror and project_rows.mirror.observation) or {}
    values = {name: observation[name] for name in OF_OBSERVATION if name in observation} or None
    chosen, silent = chosen_facts(project_rows.facts, _is_short)
    return PublicProject(
        id=row.id,
        record=page_record({"summary": {}} | {name: row.record[name] for name in _SHOWN_KEYS if name in row.record}),
        added_at=row.added_at,
        changed_at=row.changed_at,
        chosen=chosen,
        mirror=project_rows.mirror and replace(project_rows.mirror, **OF_VISITS, observation=values),
        opted_out=opted_out(connection, row.id) or OptOut(row.opted_out_at),
        origin=project_rows.rare["origin"],
        beyond=digest_of(silent, ()),
    )


def _hosted(record: Mapping[str, Any]) -> Iterable[str]:
    return (record.get("runs") or {}).get("hosted") or ()


def _relations(inverse: int, mine: str, other: str) -> Select[Any]:
    """Relations that projects state, or that others state about them, each with `of`."""
    return (
        select(
            literal(inverse).label("inverse"),
            relation.c[mine].label("of"),
            relation.c.type,
            relation.c.position,
            project.c.id,
            project.c.slug,
            project.c.name,
            project.c.record["summary"].label("summary"),
        )
        .join_from(relation, project, project.c.id == relation.c[other])
        .where(among_keys(relation.c[mine]), OPEN)
        .order_by(relation.c.position, project.c.slug)
    )


_RELATIONS = (_relations(0, "project_id", "target_id"), _relations(1, "target_id", "project_id"))


def _has(name: str, column: Column[Any], *conditions: ColumnElement[bool]) -> tuple[str, Any, tuple[Any, ...]]:
    return name, column, conditions


# Rows by which one sees that a project has a part that few have.
_HAVING = (
    _has("verifications", membership.c.record_id, membership.c.kind == PROJECT),
    _has("takes_messages", membership.c.record_id, membership.c.kind == PROJECT),
    _has("answers", maintainer_reply.c.project_id),
    _has("decisions", decision.c.subject_id),
    _has("experiences", experience.c.project_id),
    _has("obstacles", obstacle.c.project_id),
    _has("calls", call.c.project_id),
    _has("askable", question_consent.c.project_id),
    _has("uploads", upload.c.record_id, upload.c.kind == "project", upload.c.ended_at.is_(None)),
)
_RARE = union(
    *(
        select(literal(name).label("name"), column.label("id")).where(among_keys(column), *conditions)
        for name, column, conditions in _HAVING
    )
)


def _rare_parts(connection: Connection, ids: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """What few projects have, by project and name of the field."""
    readers = _readers(connection)
    parts: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in connection.execute(_RARE, {KEYS: ids}):
        if part := readers[row.name](row.id):
            parts[row.id][row.name] = part
    return parts


def _readers(connection: Connection) -> Mapping[str, Callable[[UUID], Any]]:
    engine = connection.engine
    obstacles = Obstacles(engine)
    return {
        "verifications": Verifications(engine).ever,
        "takes_messages": MaintainerInboxes(engine).takes_messages,
        "answers": MaintainerReplies(engine).of_project,
        "decisions": lambda key: ModerationDecisions(engine).of_project(key, DECISIONS),
        "experiences": lambda key: Experiences(engine).of_project(key, per_page=SHOWN_EXPERIENCES),
        "obstacles": lambda key: obstacles.of_project(key, OBSTACLES),
        "calls": Calls(engine).of_project,
        "uploads": lambda key: Uploads(engine).of_record("project", key),
        "askable": lambda key: tuple(line.organization for line in Questions(engine).askable(key)),
    }


def _mentions(project_rows: ProjectRows, record: PublicProject) -> frozenset[tuple[str, UUID]]:
    """The records that this record names: organizations that use, maintain or host it, and related projects."""
    ids = {line.id for line in (*project_rows.uses, *project_rows.maintenance) if line.id is not None}
    relatives = {line.id for line in project_rows.relations}
    return frozenset(
        {("organization", key) for key in ids} | {("project", key) for key in relatives if key != record.id}
    )
