"""What visits found for moderators: cases about a project, closed by a person or when they no longer apply."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from catalog.errors import NotFound
from catalog.rules.decision import LOOKED_AT
from catalog.store.core.cases import CLOSED, FINDING, OPEN
from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.tables.core import project
from catalog.tables.moderation import case

LICENSE_UNSURE = "license-unsure"  # the kind that asks whether source may be served


@dataclass(frozen=True)
class Finding:
    """A finding about a project. `key` tells findings of a kind apart, such as the commit that changed a license."""

    number: int
    kind: str  # license-changed | license-unsure | ...
    project_id: UUID
    slug: str
    name: str
    key: str
    detail: Mapping[str, Any]
    at: datetime
    done_at: datetime | None = None


_WITH_NAMES = (
    select(case, project.c.slug, project.c.name)
    .join(project, project.c.id == case.c.subject_id)
    .where(case.c.source == FINDING)
)
_OPEN = case.c.state == OPEN


class Findings(DatabasePart):
    def add(self, project_id: UUID, kind: str, key: str, detail: Mapping[str, Any], *, now: datetime) -> bool:
        """Add a finding; False when it was added before, also when it is closed: nobody is asked the same twice.

        `key` has at most 200 characters.
        """
        with writing(self._engine) as connection:
            return add(connection, project_id, kind, key, detail, now=now)

    def withdraw(self, project_id: UUID, kind: str, *, now: datetime, but: str | None = None) -> None:
        """Close the open findings of this kind, save the one with this key: they no longer apply."""
        with writing(self._engine) as connection:
            withdraw(connection, project_id, kind, now=now, but=but)

    def about(self, project_id: UUID, limit: int = 20) -> tuple[Finding, ...]:
        """Those about a project that nobody closed, oldest first."""
        query = _WITH_NAMES.where(_OPEN, case.c.subject_id == project_id)
        with reading(self._engine) as connection:
            return tuple(_finding(row) for row in connection.execute(query.order_by(case.c.id).limit(limit)))

    def get(self, number: int) -> Finding:
        """A finding, done or not, whether its project is shown or not. Raises NotFound."""
        with reading(self._engine) as connection:
            return matter(connection, number)


def add(
    connection: Connection, project_id: UUID, kind: str, key: str, detail: Mapping[str, Any], *, now: datetime
) -> bool:
    """`Findings.add` in the caller's transaction."""
    statement = insert(connection, case).values(**row_values(project_id, kind, key, detail, now))
    return connection.execute(statement.on_conflict_do_nothing().returning(case.c.id)).scalar() is not None


def withdraw(connection: Connection, project_id: UUID, kind: str, *, now: datetime, but: str | None = None) -> None:
    """`Findings.withdraw` in the caller's transaction."""
    still = _these(project_id, kind) & _OPEN
    if but is not None:
        still &= case.c.key != but
    connection.execute(update(case).where(still).values(state=CLOSED, closed_at=now))


def matter(connection: Connection, number: int) -> Finding:
    """`Findings.get` in the caller's transaction. Raises NotFound."""
    row = connection.execute(_WITH_NAMES.where(case.c.id == number)).first()
    if row is None:
        raise NotFound("finding", str(number))
    return _finding(row)


def close(connection: Connection, number: int, *, now: datetime, outcome: str = LOOKED_AT) -> None:
    """In the caller's transaction: an open matter is done, by this decision."""
    this = (case.c.id == number) & (case.c.source == FINDING) & _OPEN
    connection.execute(update(case).where(this).values(state=CLOSED, closed_at=now, outcome=outcome))


def settle(connection: Connection, project_id: UUID, kind: str, key: str, *, now: datetime) -> int | None:
    """In the caller's transaction: close a finding, also when no visit has noted it yet. Its number when it was
    open."""
    this = _these(project_id, kind) & (case.c.key == key)
    closed: int | None = connection.execute(
        update(case).where(this, _OPEN).values(state=CLOSED, closed_at=now).returning(case.c.id)
    ).scalar()
    if closed is None:
        values = row_values(project_id, kind, key, {}, now) | {"state": CLOSED, "closed_at": now}
        connection.execute(insert(connection, case).values(**values).on_conflict_do_nothing())
    return closed


def reopen(connection: Connection, number: int) -> None:
    """In the caller's transaction: a matter waits again."""
    connection.execute(update(case).where(case.c.id == number).values(state=OPEN, closed_at=None, outcome=None))


def row_values(project_id: UUID, kind: str, key: str, detail: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns of a new matter."""
    return {
        "source": FINDING,
        "from_people": False,
        "kind": kind,
        "subject_id": project_id,
        "key": key,
        "payload": dict(detail),
        "state": OPEN,
        "since": now,
    }


def _these(project_id: UUID, kind: str) -> Any:
    return (case.c.source == FINDING) & (case.c.subject_id == project_id) & (case.c.kind == kind)


def _finding(row: Row[Any]) -> Finding:
    return Finding(row.id, row.kind, row.subject_id, row.slug, row.name, row.key, row.payload, row.since, row.closed_at)
