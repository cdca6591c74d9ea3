"""Rate limits, counted in the database: a restart forgets nothing, and all processes count together. A subject is a
keyed digest: the database does not tell whom it stands for.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, delete

from catalog.store.core.engine import DatabasePart, insert_for_dialect, writing, writing_once
from catalog.tables.people import rate_limit_count


class RateLimits(DatabasePart):
    def allow(self, action: str, subject: str, *, most: int, per: timedelta, now: datetime) -> bool:
        """Count one more attempt; whether it is within `most` of the running window of length `per`."""
        with writing_once(self._engine) as connection:
            return count_attempt(connection, action, subject, most=most, per=per, now=now)

    def add(self, action: str, subject: str, number: int, *, per: timedelta, now: datetime) -> int:
        """Count this number of attempts at once. Returns how many there are in the running window with these."""
        with writing_once(self._engine) as connection:
            return _add_attempts(connection, action, subject, number, per, now)

    def forget(self, before: datetime) -> int:
        """Delete the windows that began before this time. Returns how many."""
        with writing(self._engine) as connection:
            return int(connection.execute(delete(rate_limit_count).where(rate_limit_count.c.since < before)).rowcount)


def count_attempt(
    connection: Connection, action: str, subject: str, *, most: int, per: timedelta, now: datetime
) -> bool:
    """In the caller's transaction: as `RateLimits.allow`. Another attempt at the same action by the same subject waits
    until it ends."""
    return _add_attempts(connection, action, subject, 1, per, now) <= most


def _add_attempts(connection: Connection, action: str, subject: str, number: int, per: timedelta, now: datetime) -> int:
    seconds = int(per.total_seconds())
    since = now - timedelta(seconds=now.timestamp() % seconds)
    since = since.replace(microsecond=0)
    values = {"action": action, "subject": subject, "since": since, "number": number}
    return int(connection.execute(_counting_statement(connection.dialect.name), values).scalar_one())


@cache
def _counting_statement(dialect: str) -> Any:
    """Built once: every form that is sent counts an attempt."""
    statement = insert_for_dialect(dialect, rate_limit_count)
    statement = statement.on_conflict_do_update(
        index_elements=["action", "subject", "since"],
        set_={"number": rate_limit_count.c.number + statement.excluded.number},
    )
    return statement.returning(rate_limit_count.c.number)
