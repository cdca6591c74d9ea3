"""Turns of visits at remote hosts, for the workers of all machines together: how many at once, how far apart, and
whether a host asked for a pause. A turn of a process that died counts until its time is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from catalog.store.core.engine import DatabasePart, insert, writing
from catalog.tables.mirrors import remote_host

KEPT = timedelta(days=1)  # a row of a host where nobody was for so long


@dataclass(frozen=True)
class HostTurn:
    """What a host's turn is: it begins at `begins_at`; None: all places are taken. Until `paused_until` the host wants
    to see nobody, and no turn is given."""

    begins_at: datetime | None = None
    paused_until: datetime | None = None


class RemoteHosts(DatabasePart):
    def take(
        self, name: str, token: str, *, at_once: int, apart: timedelta, lease: timedelta, now: datetime
    ) -> HostTurn:
        """Take a turn at a host. It counts for `lease`, unless it is extended or given back."""
        with writing(self._engine) as connection:
            fresh = insert(connection, remote_host).values(name=name, free_at=now, turns={})
            connection.execute(fresh.on_conflict_do_nothing())
            this = remote_host.c.name == name
            row = connection.execute(select(remote_host).where(this).with_for_update()).one()
            if row.paused_until is not None and row.paused_until > now:
                return HostTurn(paused_until=row.paused_until)
            turns = {other: until for other, until in row.turns.items() if datetime.fromisoformat(until) > now}
            if len(turns) >= at_once:
                return HostTurn()
            begins = max(row.free_at, now)
            turns[token] = (begins + lease).isoformat()
            connection.execute(update(remote_host).where(this).values(turns=turns, free_at=begins + apart))
            return HostTurn(begins)

    def extend(self, turns: Sequence[tuple[str, str]], *, lease: timedelta, now: datetime) -> None:
        """Let these turns, each a host and a token, count for another `lease`."""
        until = (now + lease).isoformat()
        with writing(self._engine) as connection:
            for name, token in turns:
                this = remote_host.c.name == name
                row = connection.execute(select(remote_host.c.turns).where(this).with_for_update()).first()
                if row is not None and token in row.turns:
                    connection.execute(update(remote_host).where(this).values(turns=row.turns | {token: until}))

    def give_back(self, name: str, token: str, *, pause_until: datetime | None, now: datetime) -> None:
        """End a turn; with `pause_until`, nobody gets another before that time. Hosts without visits are forgotten."""
        with writing(self._engine) as connection:
            this = remote_host.c.name == name
            row = connection.execute(select(remote_host).where(this).with_for_update()).first()
            if row is not None:
                turns = {other: until for other, until in row.turns.items() if other != token}
                paused = max(filter(None, (row.paused_until, pause_until)), default=None)
                connection.execute(update(remote_host).where(this).values(turns=turns, paused_until=paused))
            old = remote_host.c.free_at < now - KEPT
            unpaused = remote_host.c.paused_until.is_(None) | (remote_host.c.paused_until < now)
            connection.execute(delete(remote_host).where(old, unpaused))
