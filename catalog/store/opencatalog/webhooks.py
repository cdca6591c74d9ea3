"""What happened by the Open Catalog API, as events, and whom to call about it: webhooks as rows and jobs. It calls
nobody and opens no seal.

An event that comes again within a second is told once, ten seconds after the first of them at the latest: the job that
waits is put off, as https://github.com/italia/developers-italia-api does with timers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from catalog.errors import AlreadyExists, NotFound
from catalog.store.core.engine import reading, writing
from catalog.store.core.jobs import Job, enqueue, enqueue_all
from catalog.store.opencatalog.pagination import Page, RowSource, Window, page
from catalog.tables.core import job
from catalog.tables.opencatalog import posted_event, posted_webhook

EVENT, CALL = "v1-event", "v1-call"  # kinds of jobs: something happened; one webhook is to be called
PAUSE, LONGEST = timedelta(seconds=1), timedelta(seconds=10)


@dataclass(frozen=True)
class Webhook:
    """`sealed`: the secret, as it is kept; None without one."""

    id: UUID
    kind: str
    record_id: UUID | None
    url: str
    sealed: str | None
    format: str
    created_at: datetime
    updated_at: datetime
    outcome: str | None = None


@dataclass(frozen=True)
class Event:
    id: UUID
    type: str
    kind: str
    record_id: UUID
    actor: str | None
    created_at: datetime


@contextmanager
def resealed(engine: Engine, seal_again: Callable[[str], str | None]) -> Iterator[int]:
    """Seal every secret anew, and give how many there were, before the transaction ends. One that `seal_again` cannot
    open any more is removed: its webhook is called without a signature.
    """
    with writing(engine) as connection:
        wanted = select(posted_webhook.c.id, posted_webhook.c.sealed).where(posted_webhook.c.sealed.is_not(None))
        rows = connection.execute(wanted).all()
        for row in rows:
            this = update(posted_webhook).where(posted_webhook.c.id == row.id)
            connection.execute(this.values(sealed=seal_again(row.sealed)))
        yield len(rows)


@contextmanager
def posting(engine: Engine, field: str) -> Iterator[Connection]:
    """A writing transaction. Raises AlreadyExists for `field` where another one kept the same meanwhile."""
    try:
        with writing(engine) as connection:
            yield connection
    except IntegrityError:
        raise AlreadyExists(field, "") from None


def enqueue_event(
    connection: Connection, type: str, kind: str, record_id: UUID, *, actor: str | None, now: datetime
) -> None:
    """In the caller's transaction: this happened, `actor` did it; whoever has a webhook is called soon."""
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


class Telling:
    """Webhooks and events."""

    def __init__(self, engine: Engine):
        self._engine = engine

    def events(self, window: Window, *, kind: str | None = None, record_id: UUID | None = None,
               type: str | None = None, actor: str | None = None) -> tuple[tuple[Event, ...], Page]:  # fmt: skip
        """What happened, of this kind, about this record, of this type, done by this one."""
        wanted = select(posted_event)
        for column, value in (("kind", kind), ("record_id", record_id), ("type", type), ("actor", actor)):
            if value is not None:
                wanted = wanted.where(posted_event.c[column] == value)
        with reading(self._engine) as connection:
            found = page(connection, window, RowSource(wanted, posted_event.c.created_at, posted_event.c.id))
        return tuple(_event(row) for row in found.rows), found

    def event(self, id: UUID) -> Event:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(posted_event).where(posted_event.c.id == id)).first()
        if row is None:
            raise NotFound("Event", str(id))
        return _event(row)

    def forget(self, before: datetime) -> int:
        """Events of before this time are deleted; how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(posted_event).where(posted_event.c.created_at < before)).rowcount)

    def webhooks(self, window: Window, kind: str, record_id: UUID | None) -> tuple[tuple[Webhook, ...], Page]:
        """Those of a record; without one, all of a kind."""
        wanted = select(posted_webhook).where(posted_webhook.c.kind == kind)
        if record_id is not None:
            wanted = wanted.where(posted_webhook.c.subject == str(record_id))
        with reading(self._engine) as connection:
            found = page(connection, window, RowSource(wanted, posted_webhook.c.created_at, posted_webhook.c.id))
        return tuple(_webhook(row) for row in found.rows), found

    def webhook(self, id: UUID) -> Webhook:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _found(connection, id)

    def add_webhook(self, kind: str, record_id: UUID | None, *, url: str, sealed: str | None, format: str,
                    now: datetime) -> Webhook:  # fmt: skip
        """Raises AlreadyExists where this address is called about the same already."""
        made = Webhook(uuid4(), kind, record_id, url, sealed, format, now, now)
        values = {name: getattr(made, name) for name in Webhook.__dataclass_fields__}
        with posting(self._engine, "url") as connection:
            connection.execute(posted_webhook.insert().values(**values, subject=str(record_id or "")))
        return made

    def change_webhook(self, id: UUID, *, now: datetime, **changes: str | None) -> Webhook:
        """Another `url`, `sealed` or `format`. Raises NotFound, AlreadyExists."""
        changed = update(posted_webhook).where(posted_webhook.c.id == id).values(**changes, updated_at=now)
        with posting(self._engine, "url") as connection:
            connection.execute(changed)
            return _found(connection, id)

    def remove_webhook(self, id: UUID) -> None:
        """Raises NotFound."""
        with writing(self._engine) as connection:
            if not connection.execute(delete(posted_webhook).where(posted_webhook.c.id == id)).rowcount:
                raise NotFound("Webhook", str(id))

    def spread(self, spread_job: Job, *, now: datetime) -> None:
        """A job of its own for each webhook that an event concerns; the event's own is done."""
        kind, record = spread_job.argument["kind"], spread_job.argument["record"]
        word = spread_job.key.rpartition(":")[
            2
        ]  # of this event alone: the number of a job is given again once it is done
        wanted = select(posted_webhook.c.id).where(_called(kind, UUID(record)))
        with writing(self._engine) as connection:
            calls = [
                (f"{CALL}:{hook}:{word}", {"hook": str(hook), "type": spread_job.argument["type"], "kind": kind,
                                             "record": record, "id": f"{word}-{hook.hex}"}, 0)
                for hook in connection.execute(wanted).scalars()
            ]  # fmt: skip
            enqueue_all(connection, CALL, calls, run_at=now)
            connection.execute(delete(job).where(job.c.id == spread_job.id, job.c.tries == spread_job.tries))

    def called(self, id: UUID, outcome: str, *, now: datetime) -> None:
        """Keep how a call ended."""
        with writing(self._engine) as connection:
            connection.execute(
                update(posted_webhook).where(posted_webhook.c.id == id).values(sent_at=now, outcome=outcome[:300])
            )


def _found(connection: Connection, id: UUID) -> Webhook:
    row = connection.execute(select(posted_webhook).where(posted_webhook.c.id == id)).first()
    if row is None:
        raise NotFound("Webhook", str(id))
    return _webhook(row)


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(**{name: getattr(row, name) for name in Webhook.__dataclass_fields__})


def _event(row: Row[Any]) -> Event:
    return Event(**{name: getattr(row, name) for name in Event.__dataclass_fields__})


__all__ = ["CALL", "EVENT", "Event", "Telling", "Webhook", "enqueue_event", "posting"]
