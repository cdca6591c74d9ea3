"""What waits for a person, from all sources in one order by age, and who holds what. It decides nothing.

Each source is asked for a page along its own index, behind where the reader stands, and the pages are merged: the queue
costs the same at its end as at its start.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, delete, func, or_, select

from catalog.rules.submission import ASK, ASKED, PUBLISHED, WAITING
from catalog.store.core.engine import insert, reading, writing
from catalog.store.core.visibility import OPEN
from catalog.tables.core import finding, organization, project
from catalog.tables.moderation import holding, likeness
from catalog.tables.submissions import declaration

FINDING, DECLARATION, LOOK, LIKENESS = "finding", "declaration", "look", "likeness"
SOURCES = (DECLARATION, FINDING, LIKENESS, LOOK)  # in this order where two are equally old
LICENSE_UNSURE = "license-unsure"  # the kind of finding that may be asked for alone
HELD_FOR = timedelta(minutes=15)
DIGITS = 12  # of a number, written so that its text sorts as it does
UNANSWERED_AFTER = timedelta(days=14)  # a question without an answer comes back


Place = tuple[datetime, int, str]  # of something in the queue: its time, its source's rank, its key


@dataclass(frozen=True)
class Entry:
    """One thing that waits. `key`: a finding's number, a declaration's reference, a likeness's number. `kind` of the
    finding, the declaration, or the records that resemble each other. `held_by`: somebody has it open."""

    source: str
    at: datetime
    key: str
    kind: str
    name: str | None = None
    slug: str | None = None
    language: str | None = None
    project_id: UUID | None = None
    organization_id: UUID | None = None
    held_by: UUID | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the queue."""
        return (self.at, SOURCES.index(self.source), self.key.zfill(DIGITS))


class ModerationQueue:
    def __init__(self, engine: Engine):
        self._engine = engine

    def queue(
        self,
        *,
        now: datetime,
        after: Place | None = None,
        limit: int = 20,
        kind: str = "",
        language: str = "",
    ) -> tuple[Entry, ...]:
        """What waits, oldest first, behind the place `after`. `kind`: a source, a kind of declarations, or
        LICENSE_UNSURE."""
        with reading(self._engine) as connection:
            pages = [
                tuple(_ENTRIES[source](connection, now, after, limit, kind, language))
                for source in SOURCES
                if _wanted(source, kind, language)
            ]
            found = list(islice(merge(*pages, key=lambda case: case.place), limit))
            held = _held(connection, found, now)
        return tuple(replace(case, held_by=held.get((case.source, case.key))) for case in found)

    def counts(self, *, now: datetime) -> dict[str, int]:
        """How many wait: of each kind of declarations, and of each other source."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(declaration.c.kind, func.count()).where(_open(now)).group_by(declaration.c.kind)
            ).all()
            found = {kind: number for kind, number in rows}
            for source, wanted in (
                (FINDING, _FINDINGS.where(_LEFT[FINDING], OPEN)),
                (LOOK, select(func.count()).select_from(declaration).where(_LEFT[LOOK])),
                (LIKENESS, select(func.count()).select_from(likeness).where(_LEFT[LIKENESS])),
            ):
                found[source] = int(connection.execute(wanted).scalar_one())
        return {kind: number for kind, number in found.items() if number}

    def languages(self, *, now: datetime) -> dict[str, int]:
        """How many declarations wait in each language."""
        wanted = select(declaration.c.language, func.count()).where(or_(_open(now), _LEFT[LOOK]))
        with reading(self._engine) as connection:
            return {tag: number for tag, number in connection.execute(wanted.group_by(declaration.c.language))}

    def hold(self, source: str, key: str, person_id: UUID, *, now: datetime, take_over: bool = False) -> bool:
        """Hold something for a quarter of an hour; False when another one holds it. `take_over`: from now on I do."""
        values = {"person_id": person_id, "until": now + HELD_FOR}
        free = or_(holding.c.person_id == person_id, holding.c.until <= now)
        with writing(self._engine) as connection:
            statement = insert(connection, holding).values(source=source, key=key, **values)
            statement = statement.on_conflict_do_update(
                index_elements=["source", "key"], set_=values, where=None if take_over else free
            )
            return connection.execute(statement.returning(holding.c.key)).scalar() is not None

    def release(self, source: str, key: str, person_id: UUID) -> None:
        """Hold it no more, where this person does."""
        mine = (holding.c.source == source) & (holding.c.key == key) & (holding.c.person_id == person_id)
        with writing(self._engine) as connection:
            connection.execute(delete(holding).where(mine))

    def forget(self, now: datetime) -> int:
        """Holdings that are over are deleted; how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(holding).where(holding.c.until <= now)).rowcount)


def _open(now: datetime) -> Any:
    """What the desk has before it: what waits, and what it asked and had no answer to for long. What somebody asks an
    organization is not among it: moderators do not decide whether it is passed on."""
    unanswered = and_(declaration.c.state == ASKED, declaration.c.changed_at < now - UNANSWERED_AFTER)
    return and_(declaration.c.kind != ASK, or_(declaration.c.state == WAITING, unanswered))


_LEFT: dict[str, Any] = {
    FINDING: finding.c.done_at.is_(None),
    LOOK: and_(
        declaration.c.state == PUBLISHED,
        declaration.c.looked_at.is_(None),
        or_(declaration.c.kind != ASK, declaration.c.reported_at.is_not(None)),
    ),
    LIKENESS: likeness.c.done_at.is_(None),
}
_SINCE = func.coalesce(declaration.c.reported_at, declaration.c.decided_at)  # since when something is to be looked at
_FINDINGS = select(func.count()).join_from(finding, project, project.c.id == finding.c.project_id)


def _wanted(source: str, kind: str, language: str) -> bool:
    if language and source in (FINDING, LIKENESS):
        return False
    if kind == LICENSE_UNSURE:
        return source == FINDING
    return not kind or kind == source or (source == DECLARATION and kind not in SOURCES)


def _behind(at: Any, key: Any, source: str, after: Place | None) -> Any:
    """The rows of a source behind a place in the whole queue."""
    if after is None:
        return at.is_not(None)
    time, rank, last = after
    mine = SOURCES.index(source)
    if mine == rank:
        text = source in (DECLARATION, LOOK)
        return or_(at > time, and_(at == time, key > (last.lstrip("0") if text else int(last or "0"))))
    return at >= time if mine > rank else at > time


def _declarations(
    connection: Connection, now: datetime, after: Place | None, limit: int, kind: str, language: str
) -> Iterator[Entry]:
    wanted = _open(now)
    if kind and kind != DECLARATION:
        wanted = and_(wanted, declaration.c.kind == kind)
    yield from _submitted(connection, DECLARATION, declaration.c.sent_at, wanted, after, limit, language)


def _looks(
    connection: Connection, now: datetime, after: Place | None, limit: int, kind: str, language: str
) -> Iterator[Entry]:
    yield from _submitted(connection, LOOK, _SINCE, _LEFT[LOOK], after, limit, language)


def _submitted(
    connection: Connection, source: str, at: Any, state: Any, after: Place | None, limit: int, language: str
) -> Iterator[Entry]:
    wanted = (
        select(
            at.label("at"),
            declaration.c.reference,
            declaration.c.kind,
            declaration.c.language,
            declaration.c.project_id,
            declaration.c.organization_id,
            declaration.c.answers,
            func.coalesce(project.c.name, organization.c.name).label("name"),
            func.coalesce(project.c.slug, organization.c.slug).label("slug"),
        )
        .outerjoin_from(declaration, project, project.c.id == declaration.c.project_id)
        .outerjoin(organization, organization.c.id == declaration.c.organization_id)
        .where(state, _behind(at, declaration.c.reference, source, after))
    )
    if language:
        wanted = wanted.where(declaration.c.language == language)
    for row in connection.execute(wanted.order_by(at, declaration.c.reference).limit(limit)):
        stated = row.answers.get("name")
        name = row.name or (stated if isinstance(stated, str) else None)
        records = (row.project_id, row.organization_id)
        yield Entry(source, row.at, row.reference, row.kind, name, row.slug, row.language, *records)


def _findings(
    connection: Connection, now: datetime, after: Place | None, limit: int, kind: str, language: str
) -> Iterator[Entry]:
    wanted = (
        select(finding.c.id, finding.c.at, finding.c.kind, finding.c.project_id, project.c.name, project.c.slug)
        .join(project, project.c.id == finding.c.project_id)
        .where(_LEFT[FINDING], OPEN, _behind(finding.c.at, finding.c.id, FINDING, after))
    )
    if kind == LICENSE_UNSURE:
        wanted = wanted.where(finding.c.kind == kind)
    for row in connection.execute(wanted.order_by(finding.c.at, finding.c.id).limit(limit)):
        yield Entry(FINDING, row.at, str(row.id), row.kind, row.name, row.slug, None, row.project_id)


def _likenesses(
    connection: Connection, now: datetime, after: Place | None, limit: int, kind: str, language: str
) -> Iterator[Entry]:
    wanted = (
        select(
            likeness.c.id,
            likeness.c.at,
            likeness.c.kind,
            likeness.c.one_id,
            func.coalesce(project.c.name, organization.c.name).label("name"),
            func.coalesce(project.c.slug, organization.c.slug).label("slug"),
        )
        .outerjoin_from(likeness, project, project.c.id == likeness.c.one_id)
        .outerjoin(organization, organization.c.id == likeness.c.one_id)
        .where(_LEFT[LIKENESS], _behind(likeness.c.at, likeness.c.id, LIKENESS, after))
    )
    for row in connection.execute(wanted.order_by(likeness.c.at, likeness.c.id).limit(limit)):
        records = (row.one_id, None) if row.kind == "project" else (None, row.one_id)
        yield Entry(LIKENESS, row.at, str(row.id), row.kind, row.name, row.slug, None, *records)


_ENTRIES: dict[str, Callable[[Connection, datetime, Place | None, int, str, str], Iterator[Entry]]] = {
    DECLARATION: _declarations,
    FINDING: _findings,
    LIKENESS: _likenesses,
    LOOK: _looks,
}


def _held(connection: Connection, entries: Sequence[Entry], now: datetime) -> dict[tuple[str, str], UUID]:
    if not entries:
        return {}
    keys = {case.key for case in entries}
    rows = connection.execute(select(holding).where(holding.c.key.in_(keys), holding.c.until > now))
    return {(row.source, row.key): row.person_id for row in rows}
