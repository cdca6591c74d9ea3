"""Reminders and ends of calls that are due by time alone. Each is one transaction."""

from datetime import datetime, timedelta

from catalog.rules.call import REMINDED_BEFORE
from catalog.store.calls import call_rows
from catalog.store.core.public_changes import changing
from catalog.store.people.accounts import SIGN_IN, add_link
from catalog.store.people.mail_queue import enqueue_message
from catalog.store.store import Store

ENDING_MESSAGE = "call-ending"
WEEKS = timedelta(days=15)


def calls_due(store: Store, *, now: datetime) -> int:
    """Tell senders, once, of calls that end within a month, and end calls whose time is over. How many of both."""
    with changing(store.engine) as (connection, change):
        over = call_rows.calls_to_end(connection, now)
        if over:
            call_rows.end_calls(connection, over, change=change)
        soon = call_rows.calls_to_remind(connection, now)
        for call in soon:
            call_rows.note_reminder(connection, call.id, now=now)
            if call.ends_at - call.opened_at < REMINDED_BEFORE + WEEKS:
                continue  # the sender chose such an end and knows it
            for email, language in call_rows.address_of_sender(connection, call):
                going = {"next": f"/{language}/calls/{call.reference}/tend"}
                token = add_link(connection, SIGN_IN, email, going, expires_at=call.ends_at, now=now)
                values = {"title": call.title, "token": token, "date": call.ends_at.date().isoformat()}
                enqueue_message(connection, ENDING_MESSAGE, email, language, values, now=now)
        return len(over) + len(soon)
