"""Catalogues that a moderator asked to look at, until they are peers: a worker reads each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, select, update

from catalog.store.core.engine import insert, reading, writing
from catalog.store.core.jobs import enqueue
from catalog.tables.federation import introduction

PEER_INTRODUCTION = "peer-introduction"  # the kind of job that reads one for the first time
SHOWN = 50


@dataclass(frozen=True)
class Introduction:
    """A catalogue that a worker is to read for the first time. `problem`: why it could not, with its `subject`."""

    address: str
    at: datetime
    problem: str | None
    subject: str


class Introductions:
    def __init__(self, engine: Engine):
        self._engine = engine

    def all(self) -> tuple[Introduction, ...]:
        """The catalogues that somebody asked to get to know and that are no peers yet, newest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(introduction).order_by(introduction.c.at.desc()).limit(SHOWN))
            return tuple(Introduction(row.address, row.at, row.problem, row.subject) for row in rows)

    def ended(self, address: str, problem: str | None = None, subject: str = "") -> None:
        """A catalogue was read for the first time; `problem`: a sentence, where it could not be."""
        mine = introduction.c.address == address
        values = {"problem": problem, "subject": subject[:200]}
        with writing(self._engine) as connection:
            connection.execute(
                update(introduction).where(mine).values(values) if problem else delete(introduction).where(mine)
            )


def introduce(connection: Connection, address: str, *, person_id: UUID, now: datetime) -> None:
    """In the caller's transaction: queue that a worker reads an address; a second time changes nothing."""
    values = {"at": now, "person_id": person_id, "problem": None, "subject": ""}
    statement = insert(connection, introduction).values(address=address, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["address"], set_=values))
    enqueue(connection, PEER_INTRODUCTION, f"{PEER_INTRODUCTION}:{address}"[:200], {"address": address}, run_at=now)
