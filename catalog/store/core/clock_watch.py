"""Watches the clock: when a worker last looked at it, whether it leapt ahead, and what is put right once it is set
back.

Nobody can tell a clock that leapt ahead from a catalogue that stood still for as long. In both cases what goes by the
calendar (deletions, reminders, lapses) is held for a day, so that a wrong clock is noticed before it deletes anything.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, Connection, Engine, Table, bindparam, delete, select, update

from catalog.store.core.engine import get_meta, insert, reading, set_meta, writing
from catalog.store.core.metrics import Metrics
from catalog.tables.core import Instant, job, meta
from catalog.tables.people import api_token, message, message_link, rate_limit_count, session
from catalog.tables.submissions import remark, submission

KEY = "clock"
NOTED_EVERY = timedelta(minutes=1)  # an idle catalogue writes no more often
TOLERANCE = timedelta(minutes=10)  # clocks of several machines differ, and are corrected all the time
LEAP = timedelta(days=7)  # shorter than anything is kept
HELD = timedelta(days=1)
FARTHEST = timedelta(days=60)  # nothing is planned for later: what is done rarest is done monthly
LEASE = timedelta(minutes=2)  # of a worker that is alive, which renews it by its present clock
# What people wait for, or what is deleted by its age. Dates of what public records are built of stay as they are.
_DATED: tuple[tuple[Table, str], ...] = (  # with when a row came
    *((table, "created_at") for table in (session, message_link, api_token, message, submission)),
    (remark, "at"),
)


@dataclass(frozen=True)
class ClockState:
    """`seen_at`: the latest look. `leapt_from`, `leapt_at`: between two looks the clock went from the one to the other,
    and has not come back. `back_from`: it was set back from then; `undone`: to where it was before a leap."""

    seen_at: datetime
    leapt_from: datetime | None = None
    leapt_at: datetime | None = None
    back_from: datetime | None = None
    undone: bool = False

    def held_until(self) -> datetime | None:
        """Until when nothing is done by the calendar."""
        return self.leapt_at + HELD if self.leapt_at else None

    def is_held(self, now: datetime) -> bool:
        until = self.held_until()
        return until is not None and now < until


class ClockWatch:
    def __init__(self, engine: Engine):
        self._engine = engine

    def state(self) -> ClockState | None:
        """What was noted last; None before the first look."""
        with reading(self._engine) as connection:
            return _read(connection)

    def look(self, now: datetime) -> ClockState:
        """Note that it is `now`, and put right what the clock did since the last look: once, by the worker that looks
        first."""
        known = self.state()
        if known is not None and timedelta(0) <= now - known.seen_at < NOTED_EVERY:
            return known
        first = ClockState(Metrics(self._engine).last_written_at() or now) if known is None else None
        with writing(self._engine) as connection:
            _lock(connection)
            known = _read(connection) or first or ClockState(now)
            state = _after_look(known, now)
            if now < known.seen_at - TOLERANCE:
                _plan_earlier(
                    connection, known.leapt_at if state.undone and known.leapt_at else now, known.seen_at, now
                )
            if state.undone:
                _put_right(connection, now)
            _write(connection, state)
        return state


def _after_look(known: ClockState, now: datetime) -> ClockState:
    if now < known.seen_at - TOLERANCE:
        latest = max(known.seen_at, known.back_from or known.seen_at)
        return ClockState(now, back_from=latest, undone=_undoes_a_leap(known, now))
    if now - known.seen_at > LEAP:
        return ClockState(now, leapt_from=known.seen_at, leapt_at=now)
    back_from = known.back_from if known.back_from and known.back_from > now else None
    # A leap stays noted: nobody knows when somebody will find that the clock is wrong.
    return ClockState(
        max(now, known.seen_at), known.leapt_from, known.leapt_at, back_from, known.undone and back_from is not None
    )


def _undoes_a_leap(known: ClockState, now: datetime) -> bool:
    """Whether it is a time again between where a leap began and where it ended."""
    return (
        known.leapt_from is not None
        and known.leapt_at is not None
        and known.leapt_from - TOLERANCE <= now < known.leapt_at
    )


def _plan_earlier(connection: Connection, first: datetime, seen_at: datetime, now: datetime) -> None:
    """Move jobs that were planned by another clock, for `first` and later, by as much as the clock was set back."""
    left = update(job).where(job.c.leased_until > now + LEASE).values(leased_until=now + LEASE)
    connection.execute(left)
    rows = connection.execute(select(job.c.id, job.c.run_at).where(job.c.run_at >= first)).all()
    moved = [{"row": row.id, "new": max(now, row.run_at - (seen_at - now))} for row in rows]
    if moved:
        connection.execute(update(job).where(job.c.id == bindparam("row")).values(run_at=bindparam("new")), moved)


def _put_right(connection: Connection, now: datetime) -> None:
    """Bring what bears a date to come to the present: each time that the clock is looked at after a leap was undone,
    since other machines, and requests that had begun, may still have had the wrong time."""
    connection.execute(update(job).where(job.c.run_at > now + FARTHEST).values(run_at=now))
    connection.execute(delete(rate_limit_count).where(rate_limit_count.c.since > now + TOLERANCE))
    for table, came in _DATED:
        names = [column.name for column in table.c if isinstance(column.type, Instant)]
        (key,) = table.primary_key.columns
        rows = connection.execute(select(table).where(table.c[came] > now + TOLERANCE)).mappings().all()
        moved = [
            {"row": row[key.name]} | {f"new_{name}": _earlier(row[name], row[came], row[came] - now) for name in names}
            for row in rows
        ]
        if moved:
            values: dict[str, BindParameter[datetime]] = {name: bindparam(f"new_{name}") for name in names}
            connection.execute(update(table).where(key == bindparam("row")).values(values), moved)


def _earlier(at: datetime | None, came: datetime, by: timedelta) -> datetime | None:
    """A time of a row, earlier by as much as the row came too late; one of before is right."""
    return at - by if at is not None and at >= came else at


def _lock(connection: Connection) -> None:
    """Let other processes that look wait: writers of SQLite do anyway."""
    connection.execute(insert(connection, meta).values(key=KEY, value=None).on_conflict_do_nothing())
    connection.execute(select(meta.c.key).where(meta.c.key == KEY).with_for_update())


def _read(connection: Connection) -> ClockState | None:
    kept = get_meta(connection, KEY)
    if kept is None:
        return None
    times = {
        name: datetime.fromisoformat(kept[name]) if kept.get(name) else None
        for name in ("leapt_from", "leapt_at", "back_from")
    }
    return ClockState(datetime.fromisoformat(kept["seen_at"]), **times, undone=kept.get("undone", False))


def _write(connection: Connection, state: ClockState) -> None:
    times = {
        name: at.isoformat()
        for name in ("seen_at", "leapt_from", "leapt_at", "back_from")
        if (at := getattr(state, name)) is not None
    }
    set_meta(connection, KEY, times | {"undone": state.undone})
