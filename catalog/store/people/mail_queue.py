"""The queue of messages to people, as rows and jobs in the caller's transaction. Texts and sending are elsewhere.

Once a message is sent, or given up, its address and its data are deleted: the row says that there was one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, select, update

from catalog.errors import NotFound
from catalog.store.core.engine import DatabasePart, reading, writing
from catalog.store.core.jobs import enqueue
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


class MailQueue(DatabasePart):
    def message(self, key: UUID) -> Message:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(message).where(message.c.id == key)).first()
        if row is None:
            raise NotFound("message", str(key))
        return Message(*row)

    def sent(self, key: UUID, *, now: datetime) -> None:
        """A message was sent, or put into a folder, for want of a mail server."""
        self._finish(key, sent_at=now, error=None)

    def gave_up(self, key: UUID, error: str) -> None:
        self._finish(key, error=error[:500])

    def _finish(self, key: UUID, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(message).where(message.c.id == key).values(email=None, argument={}, **values))

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
    now: datetime,
) -> UUID:
    """Queue a message to be sent after the caller's transaction; its id."""
    key = uuid4()
    connection.execute(
        message.insert().values(
            id=key, kind=kind, email=email, language=language, argument=dict(argument), created_at=now
        )
    )
    enqueue(connection, MAIL, f"{MAIL}:{key}", {"message": str(key)}, run_at=now)
    return key
