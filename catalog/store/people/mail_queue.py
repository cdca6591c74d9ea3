"""The queue of messages to people, as rows and jobs in the caller's transaction. Texts and sending are elsewhere.

Once a message is sent, or given up, its address and its data are deleted: the row says that there was one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, delete, func, literal, select, update

from catalog.errors import NotFound
from catalog.store.core.engine import reading, writing
from catalog.store.core.jobs import enqueue
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.tables.calls import obstacle
from catalog.tables.people import message

MAIL = "mail"
GIVE_UP = timedelta(days=5)  # as long as mail servers themselves try, RFC 5321 section 4.5.4.1
MESSAGES_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Message:
    """`kind` names the template; `email` is None once it was sent."""

    id: UUID
    kind: str
    email: str | None
    language: str
    argument: Mapping[str, Any]
    created_at: datetime
    sent_at: datetime | None = None
    error: str | None = None
    about: str | None = None  # the reference of the report that it is about


class MailQueue:
    def __init__(self, engine: Engine):
        self._engine = engine

    def message(self, key: UUID) -> Message:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(message).where(message.c.id == key)).first()
        if row is None:
            raise NotFound("message", str(key))
        return Message(*row)

    def sent(self, key: UUID, *, laid: bool = False, now: datetime) -> None:
        """A message was sent; `laid`: put into a folder, for want of a mail server, so that nobody was told."""
        self._finish(key, None if laid else now, sent_at=now, error=None)

    def gave_up(self, key: UUID, error: str) -> None:
        self._finish(key, None, error=error[:500])

    def _finish(self, key: UUID, notified_at: datetime | None, **values: Any) -> None:
        over = update(message).where(message.c.id == key).values(email=None, argument={}, **values)
        with changing(self._engine) as (connection, change):
            about = connection.execute(over.returning(message.c.about)).scalar()
            if about is not None:
                _note_notified(connection, about, notified_at, change)

    def forget(self, before: datetime) -> int:
        """Delete messages created before this time; how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(message).where(message.c.created_at < before)).rowcount)


def enqueue_message(
    connection: Connection,
    kind: str,
    email: str,
    language: str,
    argument: Mapping[str, Any],
    *,
    about: str | None = None,
    now: datetime,
) -> UUID:
    """Queue a message to be sent after the caller's transaction; its id. `about`: the reference of the report that it
    is about, which then shows whether the message was sent."""
    key = uuid4()
    connection.execute(
        message.insert().values(
            id=key, kind=kind, email=email, language=language, argument=dict(argument), created_at=now, about=about
        )
    )
    enqueue(connection, MAIL, f"{MAIL}:{key}", {"message": str(key)}, run_at=now)
    return key


def _note_notified(connection: Connection, about: str, notified_at: datetime | None, change: PublicChange) -> None:
    """Note at the report that its message was sent at this time, or never will be; where everybody sees the report,
    count a change of its project's page."""
    lock_changes(connection)
    first_notified_at = func.coalesce(obstacle.c.notified_at, literal(notified_at, obstacle.c.notified_at.type))
    over = update(obstacle).where(obstacle.c.reference == about).values(notified_at=first_notified_at)
    row = connection.execute(over.returning(obstacle.c.public, obstacle.c.project_id)).first()
    if row is not None and row.public:
        change.touch("project", row.project_id)
