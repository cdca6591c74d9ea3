"""Calls as rows: add, change, end, and find the addresses of those to notify."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from catalog.rules.call import ENDED, OPEN, REMINDED_BEFORE, Call
from catalog.store.calls.queries import comparable_text
from catalog.store.core.engine import insert
from catalog.store.core.public_changes import PublicChange
from catalog.store.ownership.memberships import MAINTAINS, REPRESENTS
from catalog.tables.calls import call
from catalog.tables.ownership import membership
from catalog.tables.people import person
from catalog.tables.submissions import tombstone

Addressee = tuple[str, str]  # an e-mail address and the language of its messages


def add_call(connection: Connection, call_: Call, person_id: UUID, *, change: PublicChange) -> None:
    """In the caller's transaction: add an open call."""
    values = {name: getattr(call_, name) for name in Call.__dataclass_fields__}
    values |= {"folded": comparable_text(call_.record), "person_id": person_id, "change": change()}
    connection.execute(call.insert().values(**values))
    _touch(call_, change)


def change_call(connection: Connection, call_: Call, *, change: PublicChange, **values: Any) -> None:
    """In the caller's transaction: set columns of a call, as a public change."""
    if "record" in values:
        values["folded"] = comparable_text(values["record"])
    connection.execute(update(call).where(call.c.id == call_.id).values(change=change(), **values))
    _touch(call_, change)


def note_reminder(connection: Connection, call_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: its sender was reminded of its end."""
    connection.execute(update(call).where(call.c.id == call_id).values(reminded_at=now))


def add_tombstone(
    connection: Connection,
    kind: str,
    record_id: UUID,
    *,
    project_id: UUID | None,
    organization_id: UUID | None,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: add a tombstone of what was withdrawn."""
    values = {"project_id": project_id, "organization_id": organization_id, "ground": "withdrawn", "at": now}
    statement = insert(connection, tombstone).values(kind=kind, record_id=record_id, change=change(), **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_={"at": now, "change": change()})
    )


def address_of_sender(connection: Connection, call_: Call) -> tuple[Addressee, ...]:
    """In the caller's transaction: who sent a call; empty where the account is gone."""
    return _addresses_where(
        connection, person.c.id == select(call.c.person_id).where(call.c.id == call_.id).scalar_subquery()
    )


def sender_id(connection: Connection, call_id: UUID) -> UUID | None:
    person_id: UUID | None = connection.execute(select(call.c.person_id).where(call.c.id == call_id)).scalar()
    return person_id


def addresses_of_maintainers(connection: Connection, project_id: UUID) -> tuple[Addressee, ...]:
    """In the caller's transaction: the verified maintainers of a project."""
    return _addressees_from_rows(connection.execute(_MAINTAINERS, {"wanted": project_id}))


def addresses_of_representatives(connection: Connection, organization_id: UUID) -> tuple[Addressee, ...]:
    """In the caller's transaction: the representatives of an organization."""
    ours = select(membership.c.person_id).where(membership.c.record_id == organization_id, REPRESENTS)
    return _addresses_where(connection, person.c.id.in_(ours))


def calls_to_remind(connection: Connection, now: datetime, limit: int = 500) -> tuple[Call, ...]:
    """In the caller's transaction: open calls that end within a month and whose sender was not reminded."""
    soon = (call.c.state == OPEN, call.c.ends_at <= now + REMINDED_BEFORE, call.c.reminded_at.is_(None))
    return _select_calls(connection, *soon, limit=limit)


def calls_to_end(connection: Connection, now: datetime, limit: int = 500) -> tuple[Call, ...]:
    """In the caller's transaction: open calls whose time is over."""
    return _select_calls(connection, call.c.state == OPEN, call.c.ends_at <= now, limit=limit)


def end_calls(connection: Connection, ended: Sequence[Call], *, change: PublicChange) -> None:
    """In the caller's transaction: end these calls, on the day when they were to end."""
    for call_ in ended:
        connection.execute(update(call).where(call.c.id == call_.id).values(state=ENDED, ended_at=call_.ends_at))
        _touch(call_, change)


def end_calls_of(connection: Connection, person_id: UUID, *, change: PublicChange, now: datetime) -> None:
    """In the caller's transaction: end the open calls of a person."""
    columns = [call.c[name] for name in Call.__dataclass_fields__]
    query = select(*columns).where(call.c.person_id == person_id, call.c.state == OPEN)
    for row in connection.execute(query).all():
        change_call(connection, Call(*row), change=change, state=ENDED, ended_at=now)


def _touch(call_: Call, change: PublicChange) -> None:
    """A call shows on the pages of its project and of its organization, and counts where nobody is named."""
    change()
    change.touch("project", call_.project_id)
    change.touch("organization", call_.organization_id)


def _select_calls(connection: Connection, *conditions: Any, limit: int) -> tuple[Call, ...]:
    columns = [call.c[name] for name in Call.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(*conditions).order_by(call.c.ends_at).limit(limit))
    return tuple(Call(*row) for row in rows)


def _addresses_where(connection: Connection, condition: Any) -> tuple[Addressee, ...]:
    return _addressees_from_rows(connection.execute(_ADDRESSES.where(condition)))


def _addressees_from_rows(rows: Iterable[Any]) -> tuple[Addressee, ...]:
    return tuple((row.email, row.language) for row in rows)


_ADDRESSES = select(person.c.email, person.c.language).order_by(person.c.email)
# Built once: each report of an obstacle asks for it.
_MAINTAINERS = _ADDRESSES.where(
    person.c.id.in_(select(membership.c.person_id).where(membership.c.record_id == bindparam("wanted"), MAINTAINS))
)
