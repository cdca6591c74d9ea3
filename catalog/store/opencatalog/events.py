"""Events of the Open Catalog API: what happened to which record, who did it, and which webhooks are to be called.

An event that comes again within a second is told once, ten seconds after the first of them at the latest: the job that
waits is put off, as https://github.com/italia/developers-italia-api does with timers. Nobody is called here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, delete, select, update

from catalog.errors import NotFound
from catalog.store.core.engine import reading, writing
from catalog.store.core.jobs import Job, enqueue, enqueue_all
from catalog.store.opencatalog.pagination import Page, RowSource, Window, page
from catalog.tables.core import job
from catalog.tables.opencatalog import posted_event, posted_webhook

EVENT, CALL = "v1-event", "v1-call"  # kinds of jobs: something happened; one webhook is to be called
PAUSE, LONGEST = timedelta(seconds=1), timedelta(seconds=10)


@dataclass(frozen=True)
class Event:
    id: UUID
    type: str
    kind: str
    record_id: UUID
    actor: str | None
    created_at: datetime


def enqueue_event(
    connection: Connection, type: str, kind: str, record_id: UUID, *, actor: str | None, now: datetime
) -> None:
    """In the caller's transaction: note that this happened and that `actor` did it; webhooks are called soon."""
    values = {"type": type, "kind": kind, "record_id": record_id, "actor": actor, "created_at": now}
    connection.execute(posted_event.insert().values(id=uuid4(), **values))
    if connection.execute(select(posted_webhook.c.id).where(_called(kind, record_id)).limit(1)).first() is None:
        return
    key = f"{EVENT}:{kind}/{record_id}/{type}:"
    waiting = select(job.c.id, job.c.argument).where(job.c.key.startswith(key, autoescape=True))
    row = connection.execute(waiting.where(job.c.leased_until.is_(None), job.c.run_at > now).limit(1)).first()
    if row is not None:
        latest = datetime.fromisoformat(row.argument["first"]) + LONGEST
        put_off = update(job).where(job.c.id == row.id, job.c.leased_until.is_(None))
        if connection.execute(put_off.values(run_at=min(latest, now + PAUSE))).rowcount:
            return
    argument = {"kind": kind, "record": str(record_id), "type": type, "first": now.isoformat()}
    enqueue(connection, EVENT, f"{key}{uuid4().hex}", argument, run_at=now + PAUSE)


def _called(kind: str, record_id: UUID) -> Any:
    return (posted_webhook.c.kind == kind) & posted_webhook.c.subject.in_(("", str(record_id)))


class Events:
    def __init__(self, engine: Engine):
        self._engine = engine

    def page(self, window: Window, *, kind: str | None = None, record_id: UUID | None = None,
             type: str | None = None, actor: str | None = None) -> tuple[tuple[Event, ...], Page]:  # fmt: skip
        """What happened, of this kind, about this record, of this type, done by this one."""
        wanted = select(posted_event)
        for column, value in (("kind", kind), ("record_id", record_id), ("type", type), ("actor", actor)):
            if value is not None:
                wanted = wanted.where(posted_event.c[column] == value)
        with reading(self._engine) as connection:
            found = page(connection, window, RowSource(wanted, posted_event.c.created_at, posted_event.c.id))
        return tuple(_event(row) for row in found.rows), found

    def get(self, id: UUID) -> Event:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(posted_event).where(posted_event.c.id == id)).first()
        if row is None:
            raise NotFound("Event", str(id))
        return _event(row)

    def forget(self, before: datetime) -> int:
        """Delete events of before this time; how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(posted_event).where(posted_event.c.created_at < before)).rowcount)

    def queue_calls(self, spread_job: Job, *, now: datetime) -> None:
        """A job of its own for each webhook that an event concerns; the event's own is done."""
        kind, record = spread_job.argument["kind"], spread_job.argument["record"]
        # Of this event alone: the number of a job is given again once it is done.
        word = spread_job.key.rpartition(":")[2]
        wanted = select(posted_webhook.c.id).where(_called(kind, UUID(record)))
        with writing(self._engine) as connection:
            calls = [
                (f"{CALL}:{hook}:{word}", {"hook": str(hook), "type": spread_job.argument["type"], "kind": kind,
                                             "record": record, "id": f"{word}-{hook.hex}"}, 0)
                for hook in connection.execute(wanted).scalars()
            ]  # fmt: skip
            enqueue_all(connection, CALL, calls, run_at=now)
            connection.execute(delete(job).where(job.c.id == spread_job.id, job.c.tries == spread_job.tries))


def _event(row: Row[Any]) -> Event:
    return Event(**{name: getattr(row, name) for name in Event.__dataclass_fields__})
