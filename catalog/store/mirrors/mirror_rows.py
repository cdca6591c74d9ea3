"""Store mirrors and their visits. What a visit read is stored by `observations.observation_rows`.

A visit's record is written before the mirror's refs move and completed afterwards; it is never rewritten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from catalog.errors import NotFound
from catalog.rules.today import kept_look
from catalog.store.core.engine import batches, reading, writing
from catalog.store.core.jobs import Job, enqueue_all, postpone, reschedule, run_sooner
from catalog.store.core.public_changes import changing
from catalog.store.core.read_models import Mirror
from catalog.store.core.render_cache import PLAIN_TEXT, Renderings
from catalog.store.core.visibility import PUBLIC
from catalog.store.mirrors.verification_jobs import check_file_verifications
from catalog.tables.adoptions import adoption
from catalog.tables.core import mirror, project, takedown, visit

VISIT = "visit"
LOOK = "look"  # the kind of job that reads the date of the last commit, before there is a copy
__all__ = ["LOOK", "PLAIN_TEXT", "VISIT", "Mirrors", "Visit", "mirror_of", "visit_key", "want_mirrors"]


@dataclass(frozen=True)
class Visit:
    """One attempt to bring a mirror up to date."""

    project_id: UUID
    started_at: datetime
    outcome: str  # running | interrupted | full | unchanged | partial | failed | not-found | ...
    ended_at: datetime | None = None
    reason: str | None = None
    url: str | None = None
    address: str | None = None
    size_bytes: int | None = None
    changes: Sequence[Mapping[str, Any]] = ()  # {ref, old, new, kind}


def visit_key(project_id: UUID) -> str:
    return f"{VISIT}:{project_id}"


class Mirrors(Renderings):
    """Mirrors and visits, with rendered files and takedowns."""

    def mirror(self, project_id: UUID) -> Mirror:
        """The mirror of a project. Raises NotFound when it has none."""
        with reading(self._engine) as connection:
            row = connection.execute(select(mirror).where(mirror.c.project_id == project_id)).first()
        if row is None:
            raise NotFound("mirror", str(project_id))
        return mirror_of(row)

    def due(self, slugs: Sequence[str]) -> tuple[tuple[str, Mirror], ...]:
        """Slug and mirror of these projects, or of all when none is named: the smallest first, then the most used.
        Blocked ones are left out, and slugs that have no mirror.
        """
        uses = (
            select(adoption.c.project_id, func.count().label("uses"))
            .where(PUBLIC)
            .group_by(adoption.c.project_id)
            .subquery()
        )
        query = (
            select(project.c.slug, mirror)
            .join(mirror, mirror.c.project_id == project.c.id)
            .outerjoin(uses, uses.c.project_id == project.c.id)
            .where(project.c.id.not_in(select(takedown.c.project_id)))
            .order_by(func.coalesce(mirror.c.size_bytes, 0), func.coalesce(uses.c.uses, 0).desc(), project.c.slug)
        )
        if slugs:
            query = query.where(project.c.slug.in_(slugs))
        with reading(self._engine) as connection:
            return tuple((row.slug, mirror_of(row)) for row in connection.execute(query))

    def ids(self) -> frozenset[UUID]:
        """The projects that a mirror was ever wanted of, blocked ones too."""
        with reading(self._engine) as connection:
            return frozenset(connection.execute(select(mirror.c.project_id)).scalars())

    def slug(self, project_id: UUID) -> str | None:
        """The present slug of the project behind a mirror; None when its record left the catalogue or is blocked."""
        with reading(self._engine) as connection:
            project_slug: str | None = connection.execute(
                select(project.c.slug).where(
                    project.c.id == project_id, project.c.id.not_in(select(takedown.c.project_id))
                )
            ).scalar()
        return project_slug

    def to_visit(self, project_id: UUID) -> tuple[str, Mirror] | None:
        """Slug and mirror of a project; None where it is not in the catalogue, or blocked."""
        query = (
            select(project.c.slug, mirror)
            .join(mirror, mirror.c.project_id == project.c.id)
            .where(project.c.id == project_id, project.c.id.not_in(select(takedown.c.project_id)))
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return (row.slug, mirror_of(row)) if row else None

    def visits(self, project_id: UUID, limit: int = 20) -> tuple[Visit, ...]:
        """The last visits, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(visit).where(visit.c.project_id == project_id).order_by(visit.c.id.desc()).limit(limit)
            ).all()
        return tuple(_visit_of(row) for row in rows)

    def begin_visit(self, started: Visit) -> int:
        """Write the record of a visit that is about to move refs. Returns its number."""
        with writing(self._engine) as connection:
            _close_interrupted(connection, started.project_id, started.started_at)
            return _add_visit(connection, started)

    def end_visit(
        self,
        ended: Visit | None,
        mirror: Mirror,
        job: Job | None,
        *,
        at: datetime,
        number: int | None = None,
        public: bool = True,
        priority: int | None = None,
    ) -> None:
        """Complete a visit: its record, the mirror's state and the next visit, in one transaction.

        `ended` is None where nothing is new: such a visit leaves no record. `number` is what `begin_visit` gave.
        `public` tells whether a page changed; so does one where a new week begins (`catalog.rules.today.kept_look`).
        """
        with changing(self._engine) as (connection, change):
            if ended is None:
                if mirror.last_visit_at is not None:
                    _close_interrupted(connection, mirror.project_id, mirror.last_visit_at)
            elif number is None:
                _close_interrupted(connection, ended.project_id, ended.started_at)
                _add_visit(connection, ended)
            else:
                values = _visit_values(ended)
                connection.execute(update(visit).where(visit.c.id == number).values(**values))
            if public or _has_a_later_look(connection, mirror):
                change.touch("project", mirror.project_id)
            _store_mirror(connection, mirror)
            if ended is not None and mirror.head:
                check_file_verifications(connection, mirror.project_id, now=ended.ended_at or ended.started_at)
            _schedule(connection, mirror.project_id, job, at, priority)

    def taken_over(self, project_id: UUID, digest: str) -> None:
        """Note that a visit took over the deletions that a moderator accepted for an origin with this digest."""
        this = (mirror.c.project_id == project_id) & (mirror.c.accepted == digest)
        with writing(self._engine) as connection:
            connection.execute(update(mirror).where(this).values(accepted=None))

    def absent(self, keys: Sequence[UUID], *, now: datetime) -> None:
        """Note that the mirrors of these projects are not on the disk any more, and make their next visits due now."""
        with changing(self._engine) as (connection, change):
            for batch in batches(keys):
                these = mirror.c.project_id.in_(batch)
                gone = {"first_mirrored_at": None, "size_bytes": None, "digest": None, "last_success_at": None}
                connection.execute(update(mirror).where(these).values(**gone))
                connection.execute(update(mirror).where(these, mirror.c.state == "mirrored").values(state="waiting"))
                change.touch("project", *batch)
                for key in batch:
                    run_sooner(connection, visit_key(key), run_at=now)

    def to_check(self, *, before: datetime) -> tuple[UUID, str] | None:
        """The mirror that was not checked in full for the longest time, of those last checked, or made, before this
        time: its project and that one's slug. None where there is none."""
        last = func.coalesce(mirror.c.checked_at, mirror.c.first_mirrored_at)
        query = (
            select(project.c.id, project.c.slug)
            .join(mirror, mirror.c.project_id == project.c.id)
            .where(last < before, mirror.c.damaged.is_(False), mirror.c.erasing.is_(False))
        )
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(last).limit(1)).first()
        return (row.id, row.slug) if row else None

    def checked(self, project_id: UUID, *, damaged: bool, now: datetime) -> None:
        """A mirror was checked in full. Where it is damaged, the visit that repairs it is due now."""
        with changing(self._engine) as (connection, change):
            this = mirror.c.project_id == project_id
            connection.execute(update(mirror).where(this).values(checked_at=now, damaged=damaged))
            if damaged:
                run_sooner(connection, visit_key(project_id), run_at=now)
                change.touch("project", project_id)

    def keep_look(self, project_id: UUID, repository: str, last_commit_at: datetime, *, now: datetime) -> None:
        """Keep the date of a head's commit, until a visit has read the code at this address."""
        unread = (
            (mirror.c.project_id == project_id) & (mirror.c.repository == repository) & mirror.c.observed_at.is_(None)
        )
        with changing(self._engine) as (connection, change):
            connection.execute(update(mirror).where(unread).values(last_commit_at=last_commit_at, looked_at=now))
            change.touch("project", project_id)

    def lost_ids(self, project_id: UUID) -> frozenset[str]:
        """The ids that lost a name at the origin, as far as the records of visits tell."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(visit.c.changes).where(visit.c.project_id == project_id)).scalars()
            lost = (entry["old"] for changes in rows for entry in changes if entry["kind"] in ("rewritten", "deleted"))
            return frozenset(oid for oid in lost if oid)

    def damaged(self) -> int:
        """How many mirrors wait to be repaired."""
        with reading(self._engine) as connection:
            query = select(func.count()).select_from(mirror).where(mirror.c.damaged.is_(True))
            return int(connection.execute(query).scalar_one())

    def size_bytes(self) -> int:
        """The size of all mirrors together, as last measured."""
        with reading(self._engine) as connection:
            return int(connection.execute(select(func.coalesce(func.sum(mirror.c.size_bytes), 0))).scalar_one())

    def states(self) -> dict[str, int]:
        """How many mirrors are in each state."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(mirror.c.state, func.count()).group_by(mirror.c.state)).all()
        return {state: number for state, number in rows}


def _has_a_later_look(connection: Connection, visited: Mirror) -> bool:
    """Whether the public record of a mirror keeps another look than before the visit."""
    this, key = mirror.c.project_id == visited.project_id, visited.project_id.int
    before = connection.execute(
        select(mirror.c.last_success_at).where(this, mirror.c.last_commit_at.is_not(None))
    ).first()
    return before is not None and kept_look(before.last_success_at, key) != kept_look(visited.last_success_at, key)


def want_mirrors(connection: Connection, addresses: Mapping[UUID, tuple[str, int]], *, now: datetime) -> None:
    """In the caller's transaction: mirror these repositories; queue their visits, those that count most first.

    `addresses`: by project, its address and how much it counts, such as the number of its public uses. Where the
    address changed, the objects that are here stay; the next visit checks the new origin, and is due now.
    """
    for batch in batches(addresses):
        rows = connection.execute(
            select(mirror.c.project_id, mirror.c.repository).where(mirror.c.project_id.in_(batch))
        ).all()
        present = {row.project_id: row.repository for row in rows}
        fresh = [
            Mirror(project_id=key, repository=addresses[key][0], state="waiting") for key in batch if key not in present
        ]
        if fresh:
            connection.execute(mirror.insert(), [_mirror_values(new_mirror) for new_mirror in fresh])
            looks = [(f"{LOOK}:{new.project_id}", {"project": str(new.project_id)}, _AFTER_PEERS) for new in fresh]
            enqueue_all(connection, LOOK, looks, run_at=now)
        moved = [key for key in batch if key in present and present[key] != addresses[key][0]]
        for key in moved:
            connection.execute(
                update(mirror)
                .where(mirror.c.project_id == key)
                .values(
                    repository=addresses[key][0], canonical_url=None, digest=None, failures=0, interval_seconds=21_600
                )
            )
        enqueue_all(
            connection,
            VISIT,
            [(visit_key(key), {"project": str(key)}, 1000 - min(addresses[key][1], 999)) for key in batch],
            run_at=now,
        )
        for key in moved:
            run_sooner(connection, visit_key(key), run_at=now)


_AFTER_PEERS = 1  # the priority of looks, which wait in one place with visits of peers


def _schedule(connection: Connection, project_id: UUID, job: Job | None, at: datetime, priority: int | None) -> None:
    """Schedule the next visit; a visit without a job of the queue postpones the one that is queued."""
    if job is not None:
        reschedule(connection, job, at=at, priority=priority)
    else:
        postpone(connection, visit_key(project_id), at=at)


def _close_interrupted(connection: Connection, project_id: UUID, before: datetime) -> None:
    """Mark records of visits that were killed as interrupted; when they ended is not known."""
    killed = (visit.c.project_id == project_id) & (visit.c.outcome == "running") & (visit.c.started_at < before)
    connection.execute(update(visit).where(killed).values(outcome="interrupted"))


def mirror_of(row: Row[Any]) -> Mirror:
    """The read model of a row that holds the columns of `mirror`."""
    return Mirror(**{name: getattr(row, name) for name in Mirror.__dataclass_fields__})


def _mirror_values(mirror: Mirror) -> dict[str, Any]:
    return {name: getattr(mirror, name) for name in Mirror.__dataclass_fields__}


def _store_mirror(connection: Connection, mirror_there: Mirror) -> None:
    values = _mirror_values(mirror_there)
    observed = ("free", "free_commit", "decided", "observed_at", "observation", "last_commit_at")
    for written_elsewhere in ("project_id", "repository", "accepted", "erasing", *observed):
        values.pop(written_elsewhere)
    # What a visit found at an address that the document replaced meanwhile does not apply to the new one.
    same = (mirror.c.project_id == mirror_there.project_id) & (mirror.c.repository == mirror_there.repository)
    connection.execute(update(mirror).where(same).values(**values))


def _visit_values(record: Visit) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in Visit.__dataclass_fields__}
    values["changes"] = [dict(change) for change in record.changes]
    return values


def _add_visit(connection: Connection, record: Visit) -> int:
    number = connection.execute(visit.insert().values(**_visit_values(record)).returning(visit.c.id)).scalar_one()
    return int(number)


def _visit_of(row: Row[Any]) -> Visit:
    return Visit(**{name: getattr(row, name) for name in Visit.__dataclass_fields__})


def mirror_state(connection: Connection, project_id: UUID) -> str | None:
    """In the caller's transaction: how the last visit of a project's repository ended; None without a mirror."""
    state: str | None = connection.execute(select(mirror.c.state).where(mirror.c.project_id == project_id)).scalar()
    return state
