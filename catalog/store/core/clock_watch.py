"""Watches the clock by one rule: after it jumped, back or forth, what goes by the calendar (deletions, reminders,
lapses) waits for a day, in which somebody can set it right. A catalogue that stood still for a week waits too: nobody
can tell the two apart.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from catalog.store.core.engine import DatabasePart, get_meta, insert, reading, set_meta, writing
from catalog.store.core.metrics import Metrics
from catalog.tables.core import job, meta
from catalog.tables.people import rate_limit_count

KEY = "clock"
NOTED_EVERY = timedelta(minutes=1)  # an idle catalogue writes no more often
TOLERANCE = timedelta(minutes=10)  # clocks of several machines differ, and are corrected all the time
LEAP = timedelta(days=7)  # shorter than anything is kept
HELD = timedelta(days=1)
FARTHEST = timedelta(days=60)  # nothing is planned for later: what is done rarest is done monthly
LEASE = timedelta(minutes=2)  # of a worker that is alive, which renews it by its present clock


@dataclass(frozen=True)
class ClockState:
    """`seen_at`: the latest look; `jumped_from`, `jumped_at`: between which two looks it jumped last."""

    seen_at: datetime
    jumped_from: datetime | None = None
    jumped_at: datetime | None = None

    def held_until(self) -> datetime | None:
        """Until when nothing is done by the calendar."""
        return self.jumped_at + HELD if self.jumped_at else None

    def is_held(self, now: datetime) -> bool:
        until = self.held_until()
        return until is not None and now < until


class ClockWatch(DatabasePart):
    def state(self) -> ClockState | None:
        """What was noted last; None before the first look."""
        with reading(self._engine) as connection:
            return _read(connection)

    def look(self, now: datetime) -> ClockState:
        """Note that it is `now`, and after a jump have nothing wait for what another clock planned."""
        last_state = self.state()
        if last_state is not None and timedelta(0) <= now - last_state.seen_at < NOTED_EVERY:
            return last_state
        first = ClockState(Metrics(self._engine).last_written_at() or now) if last_state is None else None
        with writing(self._engine) as connection:
            # Other processes that look wait; writers of SQLite do anyway.
            connection.execute(insert(connection, meta).values(key=KEY, value=None).on_conflict_do_nothing())
            connection.execute(select(meta.c.key).where(meta.c.key == KEY).with_for_update())
            last_state = _read(connection) or first or ClockState(now)
            if -TOLERANCE <= now - last_state.seen_at <= LEAP:
                state = replace(last_state, seen_at=max(now, last_state.seen_at))
            else:
                state = ClockState(now, last_state.seen_at, now)
            if state.is_held(now):  # all that time, since other processes may still have had the wrong one
                _plan_again(connection, now)
            _write(connection, state)
        return state


def _plan_again(connection: Connection, now: datetime) -> None:
    """Have done now what is planned for later than anything is, end leases of the future, and forget counts of then."""
    connection.execute(update(job).where(job.c.run_at > now + FARTHEST).values(run_at=now))
    connection.execute(update(job).where(job.c.leased_until > now + LEASE).values(leased_until=now + LEASE))
    connection.execute(delete(rate_limit_count).where(rate_limit_count.c.since > now + TOLERANCE))


def _read(connection: Connection) -> ClockState | None:
    value = get_meta(connection, KEY)
    return ClockState(**{name: datetime.fromisoformat(at) for name, at in value.items()}) if value else None


def _write(connection: Connection, state: ClockState) -> None:
    times = {name: at.isoformat() for name, at in vars(state).items() if at is not None}
    set_meta(connection, KEY, times)
