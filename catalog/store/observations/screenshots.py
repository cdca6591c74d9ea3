"""Store screenshots and logos of projects, small enough to be served as they are. `forge.render` draws them.

They belong to a project: pictures that its newest observation does not name are deleted. A visit reads them with the
rest of a commit, and again where people name other files meanwhile.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from catalog.rules.fact import OBSERVED, choose_facts
from catalog.rules.record_values.screenshot import LOGO, SCREENSHOTS, NamedPictures, StoredPicture, path_in
from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.store.core.jobs import run_sooner
from catalog.store.federation.received import facts as received_facts
from catalog.store.federation.received.facts import OF_RECORD
from catalog.store.mirrors.mirror_rows import visit_key
from catalog.store.projects.fact_rows import stored_facts, with_record_facts
from catalog.tables.core import mirror, project, screenshot

PICTURES_WANTED = "pictures wanted"  # in an observation: other files are named than it read


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

    def want_pictures(self, project_id: UUID, *, pictures: NamedPictures, now: datetime) -> bool:
        """Let the pictures of a project be read again where people name other files now than these `pictures`."""
        with writing(self._engine) as connection:
            others = _named_files(connection, project_id) != pictures
            if others:
                want_pictures(connection, project_id, now=now)
        return others


def want_pictures(connection: Connection, project_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: let the next visit, due now, read a project's pictures again."""
    this = mirror.c.project_id == project_id
    observed = select(mirror.c.observation).where(this, mirror.c.observed_at.is_not(None)).with_for_update()
    observation = connection.execute(observed).scalar()
    if observation is not None:  # else the first visit reads them
        connection.execute(update(mirror).where(this).values(observation={**observation, PICTURES_WANTED: True}))
        run_sooner(connection, visit_key(project_id), run_at=now)


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


def _paths(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(map(str, value)) if isinstance(value, list | tuple) else ()
