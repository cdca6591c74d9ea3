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
from catalog.store.core.read_models import OptOut
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
from catalog.store.federation.matching.record_origins import OURS, RecordOrigins
from catalog.store.federation.received.facts import VOICED
from catalog.store.federation.received.facts import facts_by_record as told_of_others
from catalog.store.mirrors.rows import mirror_of
from catalog.store.moderation.log import ModerationDecisions
from catalog.store.obstacles.rows import Obstacles
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
    found = {row.id: ProjectRows(row, mirror_of(row) if row.project_id is not None else None) for row in rows}
    if not found:
        return {}
    listed = [key for key, read in found.items() if read.row.opted_out_at is None]
    _read_facts(connection, found)
    for name, wanted in (("uses", _USES), ("maintenance", _MAINTENANCE), ("told", _TOLD)):
        for row in connection.execute(wanted, {KEYS: listed}):
            getattr(found[row.project_id], name).append(row)
    for wanted in _RELATIONS:
        for row in connection.execute(wanted, {KEYS: listed}):
            found[row.of].relations.append(row)
    for key, number in connection.execute(_LAST_LINES, {KEYS: listed}):
        found[key].line = number
    origins = RecordOrigins(connection.engine).projects(list(found))
    rare = _rare_parts(connection, listed)
    hosted = {slug for key in listed for slug in _hosted(found[key].row.record)}
    named = organizations_by_slug(connection, provider_slugs(use for key in listed for use in found[key].uses) | hosted)
    built = {}
    for key, read in found.items():
        read.rare = rare[key] | {"origin": origins.get(key, OURS)}
        is_listed = read.row.opted_out_at is None
        try:
            record = public_project(read, named) if is_listed else _unlisted_project(connection, read)
        except Invalid:  # no page can show what does not fit our shapes; the others are built all the same
            continue
        built[key] = BuiltRecord(record, {record.slug: key}, _mentions(read, record))
    return built


def _read_facts(connection: Connection, found: Mapping[UUID, ProjectRows]) -> None:
    """All current public facts of these projects, without what must not be shown of others."""
    ids = list(found)
    stored = stored_facts(connection, ids)
    voiced = [key for key, read in found.items() if read.row.voiced]
    others = told_of_others(connection, voiced) if voiced else {}
    every = {
        key: with_record_facts(read.row, [*stored.get(key, ()), *others.get(key, ())]) for key, read in found.items()
    }
    hidden = hidden_records(connection, [shown for facts in every.values() for shown in facts])
    for key, read in found.items():
        read.facts, read.short = facts_without(every[key], hidden), _is_short
        if read.row.opted_out_at is not None:
            read.facts = tuple(shown for shown in read.facts if shown.field in MINIMAL)


def _is_short(name: str) -> bool:
    return name not in LONG


def _unlisted_project(connection: Connection, read: ProjectRows) -> PublicProject:
    """A project whose makers asked not to be listed: name, address and licenses."""
    row, seen = read.row, (read.mirror and read.mirror.observation) or {}
    kept = {name: seen[name] for name in OF_OBSERVATION if name in seen} or None
    chosen, silent = chosen_facts(read.facts, _is_short)
    return PublicProject(
        id=row.id,
        record=page_record({"summary": {}} | {name: row.record[name] for name in _SHOWN_KEYS if name in row.record}),
        added_at=row.added_at,
        changed_at=row.changed_at,
        chosen=chosen,
        mirror=read.mirror and replace(read.mirror, **OF_VISITS, observation=kept),
        opted_out=opted_out(connection, row.id) or OptOut(row.opted_out_at),
        origin=read.rare["origin"],
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
    found: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
    for row in connection.execute(_RARE, {KEYS: ids}):
        if part := readers[row.name](row.id):
            found[row.id][row.name] = part
    return found


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


def _mentions(read: ProjectRows, record: PublicProject) -> frozenset[tuple[str, UUID]]:
    """The records that this record names: organizations that use, maintain or host it, and related projects."""
    named = {line.id for line in (*read.uses, *read.maintenance) if line.id is not None}
    relatives = {line.id for line in read.relations}
    return frozenset(
        {("organization", key) for key in named} | {("project", key) for key in relatives if key != record.id}
    )
