"""What time alone does to what people asked for: reminders and ends. Each is one transaction; `now` is the clock's."""

import secrets
from datetime import datetime, timedelta

from catalog.calls import REMINDED_BEFORE
from catalog.store import Store, calling
from catalog.store.database import ChangeNumber, writing
from catalog.store.messages import enqueue_message

ENDING_MESSAGE = "call-ending"
WEEKS = timedelta(days=15)


def calls_due(store: Store, *, now: datetime) -> int:
    """Who sent a call that ends within a month is told, once; calls whose time is over end. How many of both."""
    with writing(store.engine) as connection:
        change = ChangeNumber(connection)
        over = calling.to_end(connection, now)
        if over:
            calling.end(connection, over, change=change())
        soon = calling.to_remind(connection, now)
        for one in soon:
            token = secrets.token_urlsafe(32)
            calling.tending(connection, one.id, token, now=now)
            if one.ends_at - one.opened_at < REMINDED_BEFORE + WEEKS:
                continue  # who chose such an end knows it
            for email, language in calling.sender(connection, one):
                told = {"reference": one.reference, "title": one.title, "token": token}
                told["date"] = one.ends_at.date().isoformat()
                enqueue_message(connection, ENDING_MESSAGE, email, language, told, now=now)
        return len(over) + len(soon)
