"""Store screenshots and logos of projects, small enough to be served as they are. `forge.render` draws them.

They belong to a project: pictures that its newest observation does not name are deleted. A visit reads them with the
rest of a commit; where people name other files meanwhile, a job reads them again from the mirror.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from catalog.rules.fact import OBSERVED, choose_facts
from catalog.rules.record_values.screenshot import (
    LOGO,
    SCREENSHOTS,
    NamedPictures,
    PictureSources,
    StoredPicture,
    path_in,
)
from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.store.core.jobs import enqueue
from catalog.store.core.public_changes import PublicChange, changing
from catalog.store.federation.received import facts as received_facts
from catalog.store.federation.received.facts import OF_RECORD
from catalog.store.observations.observation_rows import read_memory, store_memory
from catalog.store.projects.fact_rows import stored_facts, with_record_facts
from catalog.tables.core import mirror, project, screenshot, takedown

SCREENSHOT_JOB = "screenshots"  # the kind of the job
_PRIORITY = 100  # a document may name files of many projects: messages must not wait for them


class Screenshots(DatabasePart):
    def picture(self, project_id: UUID, object_id: str, width: int) -> StoredPicture | None:
        """A picture of a project; None where there is none of that width."""
        query = select(screenshot).where(
            screenshot.c.project_id == project_id,
            screenshot.c.object_id == object_id,
            screenshot.c.width == width,
            screenshot.c.webp.is_not(None),
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return StoredPicture(row.object_id, row.renderer, row.width, row.webp) if row else None

    def keep_pictures(self, project_id: UUID, oids: Collection[str], pictures: Iterable[StoredPicture]) -> None:
        """Store new pictures; those of other objects than `oids` are deleted."""
        with writing(self._engine) as connection:
            _store_pictures(connection, project_id, oids, pictures)

    def names_of(self, project_id: UUID) -> NamedPictures:
        """The files that people name as screenshots and logo of a project; none where its repository names them."""
        with reading(self._engine) as connection:
            return _named_files(connection, project_id)

    def want_pictures(self, project_id: UUID, *, pictures: NamedPictures, now: datetime) -> None:
        """Queue a job that reads the pictures of a project again where people name other files now than those
        `pictures`."""
        with changing(self._engine) as (connection, change):
            if _named_files(connection, project_id) != pictures:
                want_pictures(connection, project_id, change, now=now)

    def to_picture(self, project_id: UUID) -> PictureSources | None:
        """What to draw of a project: its commit and files. None where no commit was observed, or it is blocked."""
        with reading(self._engine) as connection:
            return _picture_sources(connection, project_id)

    def show_pictures(
        self,
        project_id: UUID,
        drawn: PictureSources,
        rows: Sequence[Mapping[str, Any]],
        logo: Mapping[str, Any] | None,
        pictures: Iterable[StoredPicture],
        memory: Mapping[str, Any],
    ) -> bool:
        """Store what was drawn, `rows` and `logo` for pages and a part of the `memory`, in one transaction.

        False, and nothing is stored, where another commit was observed or other files were named meanwhile: then they
        are read again anyway.
        """
        with changing(self._engine) as (connection, change):
            locked = select(mirror.c.observation).where(mirror.c.project_id == project_id).with_for_update()
            observation_row: Mapping[str, Any] = connection.execute(locked).scalar() or {}
            if _picture_sources(connection, project_id) != drawn:
                return False
            oids = {row["oid"] for row in (*rows, *([logo] if logo else ())) if "oid" in row}
            _store_pictures(connection, project_id, oids, pictures)
            store_memory(connection, project_id, {**read_memory(connection, project_id), **memory})
            if (observation_row.get("pictures"), observation_row.get("logo")) != (list(rows), logo):
                observation = {**observation_row, "pictures": [dict(row) for row in rows], "logo": logo and dict(logo)}
                this = update(mirror).where(mirror.c.project_id == project_id)
                connection.execute(this.values(observation=observation))
                change.touch("project", project_id)
        return True


def want_pictures(connection: Connection, project_id: UUID, change: PublicChange, *, now: datetime) -> None:
    """In the caller's transaction: queue a job that reads a project's pictures again.

    Each `change` has a job of its own, since one that is running may have read the values before it.
    """
    observed = select(mirror.c.project_id).where(mirror.c.project_id == project_id, mirror.c.observed_at.is_not(None))
    if connection.execute(observed).first() is not None:  # else the first visit reads them
        key = f"{SCREENSHOT_JOB}:{project_id}:{change()}"
        enqueue(connection, SCREENSHOT_JOB, key, {"project": str(project_id)}, run_at=now, priority=_PRIORITY)


def _store_pictures(
    connection: Connection, project_id: UUID, oids: Collection[str], pictures: Iterable[StoredPicture]
) -> None:
    rows = [{"project_id": project_id} | vars(kept_picture) for kept_picture in pictures]
    objects = {row["object_id"] for row in rows}
    of_project = screenshot.c.project_id == project_id
    connection.execute(delete(screenshot).where(of_project, screenshot.c.object_id.not_in(oids)))
    connection.execute(delete(screenshot).where(of_project, screenshot.c.object_id.in_(objects)))
    if rows:
        connection.execute(insert(connection, screenshot), rows)


def _named_files(connection: Connection, project_id: UUID) -> NamedPictures:
    record = connection.execute(select(project.c.id, *OF_RECORD).where(project.c.id == project_id)).first()
    if record is None:
        return NamedPictures()
    stated_facts = stored_facts(connection, [project_id], (SCREENSHOTS, LOGO)).get(project_id, [])
    others = received_facts.facts_by_record(connection, [project_id]).get(project_id, ()) if record.voiced else ()
    facts = [
        shown_fact
        for shown_fact in with_record_facts(record, [*stated_facts, *others])
        if shown_fact.field in (SCREENSHOTS, LOGO)
    ]
    chosen = choose_facts(facts)

    def paths(field: str) -> tuple[str, ...]:
        fact = chosen.get(field)
        if fact is None or fact.fact.origin == OBSERVED:
            return ()
        repository = record.record.get("repository")
        return tuple(filter(None, (path_in(repository, picture) for picture in _paths(fact.value))))

    return NamedPictures(paths(SCREENSHOTS), paths(LOGO))


def _picture_sources(connection: Connection, project_id: UUID) -> PictureSources | None:
    query = select(mirror.c.observation, mirror.c.free).where(
        mirror.c.project_id == project_id, mirror.c.project_id.not_in(select(takedown.c.project_id))
    )
    row = connection.execute(query).first()
    if row is None or not row.observation or "commit" not in row.observation:
        return None
    facts = stored_facts(connection, [project_id], (SCREENSHOTS, LOGO), OBSERVED).get(project_id, [])
    sources = {
        field: tuple(path for shown_fact in facts if shown_fact.field == field for path in _paths(shown_fact.value))
        for field in (SCREENSHOTS, LOGO)
    }
    readmes = row.observation.get("readmes") or ()
    return PictureSources(
        row.observation["commit"],
        row.free,
        _named_files(connection, project_id).followed_by(NamedPictures(sources[SCREENSHOTS], sources[LOGO])),
        readmes[0]["file"] if readmes else None,
    )


def _paths(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value)) if isinstance(value, list | tuple) else ()
