"""The public log of decisions as rows, and what a decision depends on. It decides nothing: `moderate` does.

A line is added in the transaction of what it tells of, after the change counter was counted: who writes it waits for
whoever wrote the line before, so that numbers have no gap and each line follows the one before it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, Select, bindparam, exists, func, select, update

from catalog.decisions import BLANK, FIRST, UNDO, Decision, State, faults, line_digest, text_digest
from catalog.errors import NotFound
from catalog.schema import block, maintenance, mirror, project
from catalog.schema_decisions import decision
from catalog.store import blocks
from catalog.store.database import note, noted, reading
from catalog.store.slugs import absent

HEAD = "log"  # in `meta`: number and digest of the last line

_undoing = decision.alias("undoing")
_UNDONE_BY = (
    select(_undoing.c.number)
    .where(_undoing.c.kind == UNDO, _undoing.c.concerns == decision.c.number)
    .scalar_subquery()
    .label("undone_by")
)
_PUBLIC = [one for one in decision.c if one.name not in ("person_id", "finding_id", "before")]
_LINES: Select[Any] = select(*_PUBLIC, _UNDONE_BY)
# Built once: every page of a project reads it, and building took longer than asking.
_OF_PROJECT = (
    _LINES.where(
        decision.c.subject_id == bindparam("of", type_=decision.c.subject_id.type),
        decision.c.kind.not_in((UNDO, BLANK)),
        ~exists().where(_undoing.c.kind == UNDO, _undoing.c.concerns == decision.c.number),
    )
    .order_by(decision.c.number.desc())
    .limit(bindparam("most", type_=decision.c.number.type))
)


@dataclass(frozen=True)
class Subject:
    """A project as `moderate` sees it, hidden or not."""

    id: UUID
    slug: str
    name: str
    state: State
    observation: Mapping[str, Any] | None
    block: tuple[str, datetime] | None  # the public reason, and since when


@dataclass(frozen=True)
class Written:
    """A line with what no page shows: whom it came from, which finding it closed, what stood before."""

    line: Decision
    person_id: UUID | None
    finding_id: int | None
    before: Mapping[str, Any]


class Decisions:
    def __init__(self, engine: Engine):
        self._engine = engine

    def lines(self, before: int | None = None, limit: int = 50) -> tuple[Decision, ...]:
        """Lines of the log, newest first, below number `before`."""
        wanted = _LINES if before is None else _LINES.where(decision.c.number < before)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(decision.c.number.desc()).limit(limit)).all()
        return tuple(_line(row) for row in rows)

    def one(self, number: int) -> Decision:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return written(connection, number).line

    def of_project(self, project_id: UUID, limit: int = 3) -> tuple[Decision, ...]:
        """What was decided about a project and not taken back, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(_OF_PROJECT, {"of": project_id, "most": limit}).all()
        return tuple(_line(row) for row in rows)

    def on(self, finding: int) -> Decision | None:
        """The last decision on a finding, also one that was taken back."""
        with reading(self._engine) as connection:
            wanted = _LINES.where(decision.c.finding_id == finding).order_by(decision.c.number.desc())
            row = connection.execute(wanted.limit(1)).first()
        return _line(row) if row else None

    def by(self, number: int, person_id: UUID) -> bool:
        """Whether this person decided so: for themselves to know, and for nobody else."""
        mine = (decision.c.number == number) & (decision.c.person_id == person_id)
        with reading(self._engine) as connection:
            return connection.execute(select(decision.c.number).where(mine)).first() is not None

    def subject(self, slug: str) -> Subject:
        """A project that may be decided on, also a hidden one. Raises NotFound, Moved for a former slug."""
        with reading(self._engine) as connection:
            return subject(connection, slug=slug)

    def faults(self) -> tuple[str, ...]:
        """Each line of the log that is missing or was changed, as a sentence."""
        with reading(self._engine) as connection:
            rows = connection.execute(_LINES.order_by(decision.c.number), execution_options={"yield_per": 1000})
            head = noted(connection, HEAD)
            return tuple(faults((_line(row) for row in rows), (head["number"], head["digest"]) if head else None))

    def count(self) -> int:
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.count()).select_from(decision)).scalar_one())


def subject(connection: Connection, *, slug: str | None = None, key: UUID | None = None) -> Subject:
    """In the caller's transaction: a project as it is decided on. Raises NotFound, Moved for a former slug."""
    wanted = (
        select(
            project.c.id,
            project.c.slug,
            project.c.name,
            mirror.c.observation,
            mirror.c.observed_at,
            mirror.c.free,
            mirror.c.decided,
            block.c.reason,
            block.c.at,
        )
        .outerjoin_from(project, mirror, mirror.c.project_id == project.c.id)
        .outerjoin(block, block.c.project_id == project.c.id)
    )
    row = connection.execute(wanted.where(project.c.slug == slug if key is None else project.c.id == key)).first()
    if row is None:
        raise absent(connection, "project", slug) if slug else NotFound("project", str(key))
    state = State(row.observed_at is not None, row.free, row.decided, row.reason is not None)
    blocked = (row.reason, row.at) if row.reason is not None else None
    return Subject(row.id, row.slug, row.name, state, row.observation, blocked)


def hold(connection: Connection, project_id: UUID) -> None:
    """In the caller's transaction: what is decided about this project waits for visits that end just now, and they for
    it. Always before the change counter is counted, as visits do."""
    connection.execute(select(mirror.c.project_id).where(mirror.c.project_id == project_id).with_for_update()).all()


def serve(connection: Connection, project_id: UUID, decided: bool | None) -> None:
    """In the caller's transaction: what was decided about serving the source of a mirror."""
    connection.execute(update(mirror).where(mirror.c.project_id == project_id).values(decided=decided))


def touch(connection: Connection, project_id: UUID, change: int) -> None:
    connection.execute(update(project).where(project.c.id == project_id).values(change=change))


def keepers(connection: Connection, project_id: UUID) -> frozenset[UUID]:
    """The organizations that look after a project."""
    wanted = select(maintenance.c.organization_id).where(maintenance.c.project_id == project_id)
    return frozenset(connection.execute(wanted.where(maintenance.c.organization_id.is_not(None))).scalars())


def append(
    connection: Connection,
    kind: str,
    about: Subject,
    *,
    finding: str | None = None,
    finding_id: int | None = None,
    reason: str,
    words: str,
    role: str,
    person_id: UUID | None,
    concerns: int | None = None,
    before: Mapping[str, Any],
    now: datetime,
) -> int:
    """In the caller's transaction, after the change was counted: one more line; its number."""
    head = noted(connection, HEAD) or {"number": 0, "digest": FIRST}
    number, at, salt = head["number"] + 1, now.replace(microsecond=0), secrets.token_hex(16)
    covered: dict[str, Any] = {
        "previous": head["digest"],
        "number": number,
        "at": at,
        "kind": kind,
        "subject_kind": "project",
        "subject_id": about.id,
        "about": finding,
        "reason": reason,
        "role": role,
        "concerns": concerns,
        "text_digest": text_digest(salt, about.slug, about.name, words),
    }
    digest = line_digest(**covered)
    text = {"slug": about.slug, "name": about.name, "words": words, "salt": salt}
    private = {"person_id": person_id, "finding_id": finding_id, "before": dict(before)}
    connection.execute(decision.insert().values(**covered, **text, **private, digest=digest))
    note(connection, HEAD, {"number": number, "digest": digest})
    return int(number)


def take_out(connection: Connection, number: int) -> None:
    """In the caller's transaction: the text of a line goes, for ever, also from what its undo or a later line keeps."""
    row = connection.execute(select(decision.c.subject_id, decision.c.words).where(decision.c.number == number)).one()
    nothing = {"slug": None, "name": None, "words": None, "salt": None}
    connection.execute(update(decision).where(decision.c.number == number).values(**nothing))
    if not row.words:
        return
    blocks.silence(connection, row.subject_id, row.words)
    kept = select(decision.c.number, decision.c.before).where(decision.c.subject_id == row.subject_id)
    for other in connection.execute(kept).all():
        if other.before.get("reason") == row.words:
            without = {**other.before, "reason": ""}
            connection.execute(update(decision).where(decision.c.number == other.number).values(before=without))


def written(connection: Connection, number: int) -> Written:
    """In the caller's transaction: a line with what no page shows. Raises NotFound."""
    private = (decision.c.person_id, decision.c.finding_id, decision.c.before)
    row = connection.execute(_LINES.add_columns(*private).where(decision.c.number == number)).first()
    if row is None:
        raise NotFound("decision", str(number))
    return Written(_line(row), row.person_id, row.finding_id, row.before)


def latest(connection: Connection, project_id: UUID) -> int | None:
    """In the caller's transaction: the last decision about a project that was not taken back."""
    undone = exists().where(_undoing.c.kind == UNDO, _undoing.c.concerns == decision.c.number)
    wanted = select(func.max(decision.c.number)).where(
        decision.c.subject_id == project_id, decision.c.kind.not_in((UNDO, BLANK)), ~undone
    )
    found: int | None = connection.execute(wanted).scalar()
    return found


def _line(row: Row[Any]) -> Decision:
    return Decision(**{name: getattr(row, name) for name in Decision.__dataclass_fields__})
