"""Calls and statements of support as rows: written, renewed, ended, joined, and who is to be told. It sends nothing."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from catalog.rules.call import ENDED, OPEN, REMINDED_BEFORE, Call, supported
from catalog.store.adoptions.rows import relist
from catalog.store.calls.queries import comparable
from catalog.store.core.engine import insert
from catalog.store.ownership.memberships import KEEPS, SPEAKS
from catalog.store.people.accounts import digest
from catalog.store.projects.rows import touch
from catalog.tables.calls import call, support
from catalog.tables.people import keeper, person, speaker
from catalog.tables.submissions import tombstone

Addressee = tuple[str, str]  # an e-mail address and the language of its messages


def add(connection: Connection, one: Call, person_id: UUID | None, *, change: int) -> None:
    """In the caller's transaction: a call is open."""
    values = {name: getattr(one, name) for name in Call.__dataclass_fields__}
    values |= {"folded": comparable(one.record), "person_id": person_id, "change": change}
    connection.execute(call.insert().values(**values))
    touch(connection, one.project_id, change)


def alter(connection: Connection, one: Call, *, change: int, **values: Any) -> None:
    """In the caller's transaction: set columns of a call, as a public change."""
    if "record" in values:
        values["folded"] = comparable(values["record"])
    connection.execute(update(call).where(call.c.id == one.id).values(change=change, **values))
    touch(connection, one.project_id, change)


def tending(connection: Connection, call_id: UUID, token: str, *, now: datetime) -> None:
    """In the caller's transaction: a reminder's link leads to this call from now on."""
    connection.execute(update(call).where(call.c.id == call_id).values(tend_token=digest(token), reminded_at=now))


def opened_by(connection: Connection, token: str) -> str | None:
    """In the caller's transaction: the reference of the call that a reminder's link leads to."""
    found: str | None = connection.execute(select(call.c.reference).where(call.c.tend_token == digest(token))).scalar()
    return found


def follow_join(connection: Connection, one: Call, other: Call) -> None:
    """In the caller's transaction: what had joined `one` stands with `other` too, and remembers through whom."""
    rows = connection.execute(select(call.c.id, call.c.record).where(call.c.joined_to == one.id)).all()
    for row in rows:
        values = {"joined_to": other.id, "record": {**row.record, "joined_by": str(one.id)}}
        connection.execute(update(call).where(call.c.id == row.id).values(**values))


def unfollow_join(connection: Connection, one: Call) -> None:
    """In the caller's transaction: what had joined `one` before it was joined itself, stands with it again."""
    rows = connection.execute(select(call.c.id, call.c.record).where(call.c.joined_to == one.joined_to)).all()
    for row in rows:
        if row.record.get("joined_by") == str(one.id):
            record = {name: value for name, value in row.record.items() if name != "joined_by"}
            connection.execute(update(call).where(call.c.id == row.id).values(joined_to=one.id, record=record))


def support_call(
    connection: Connection,
    one: Call,
    organization_id: UUID,
    person_id: UUID | None,
    *,
    language: str,
    variation: str | None,
    named: bool,
    change: int,
    now: datetime,
) -> dict[str, Any] | None:
    """In the caller's transaction: an organization says "us too"; what it said before, JSON-safe, if it did."""
    before = connection.execute(
        select(support.c.language, support.c.variation, support.c.named, support.c.at).where(
            support.c.call_id == one.id, support.c.organization_id == organization_id
        )
    ).first()
    values = {"language": language, "variation": variation, "named": named, "person_id": person_id, "at": now}
    statement = insert(connection, support).values(
        id=supported(one.id, organization_id), call_id=one.id, organization_id=organization_id, **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["call_id", "organization_id"], set_=values))
    connection.execute(
        delete(tombstone).where(
            tombstone.c.kind == "support", tombstone.c.record_id == supported(one.id, organization_id)
        )
    )
    relist(connection, organization_id, lambda: change)
    _counts(connection, one, change)
    if before is None:
        return None
    return {**before._mapping, "at": before.at.isoformat()}


def unsupport(connection: Connection, one: Call, organization_id: UUID, *, change: int) -> bool:
    """In the caller's transaction: the statement is gone; whether there was one."""
    gone = connection.execute(
        delete(support).where(support.c.call_id == one.id, support.c.organization_id == organization_id)
    ).rowcount
    relist(connection, organization_id, lambda: change)
    _counts(connection, one, change)
    return bool(gone)


def bury(
    connection: Connection,
    kind: str,
    record_id: UUID,
    *,
    project_id: UUID | None,
    organization_id: UUID | None,
    change: int,
    now: datetime,
) -> None:
    """In the caller's transaction: a tombstone says that this was taken back."""
    values = {"project_id": project_id, "organization_id": organization_id, "ground": "withdrawn", "at": now}
    statement = insert(connection, tombstone).values(kind=kind, record_id=record_id, change=change, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_={"at": now, "change": change})
    )


def followers(connection: Connection, one: Call) -> tuple[Addressee, ...]:
    """In the caller's transaction: those who said "us too" for an organization, or sent a call that joined this one."""
    ours = select(call.c.id).where(or_(call.c.id == one.id, call.c.joined_to == one.id))
    said = select(support.c.person_id).where(support.c.call_id.in_(ours))
    sent = select(call.c.person_id).where(call.c.joined_to == one.id)
    return _addresses(connection, or_(person.c.id.in_(said), person.c.id.in_(sent)))


def sender(connection: Connection, one: Call) -> tuple[Addressee, ...]:
    """In the caller's transaction: who sent a call; nobody where the account is gone."""
    return _addresses(connection, person.c.id == select(call.c.person_id).where(call.c.id == one.id).scalar_subquery())


def sender_id(connection: Connection, call_id: UUID) -> UUID | None:
    found: UUID | None = connection.execute(select(call.c.person_id).where(call.c.id == call_id)).scalar()
    return found


def keepers(connection: Connection, project_id: UUID) -> tuple[Addressee, ...]:
    """In the caller's transaction: those who proved that they keep a project."""
    return _addressees(connection.execute(_KEEPERS, {"wanted": project_id}))


def speakers(connection: Connection, organization_id: UUID) -> tuple[Addressee, ...]:
    """In the caller's transaction: those who speak for an organization."""
    ours = select(speaker.c.person_id).where(speaker.c.organization_id == organization_id, SPEAKS)
    return _addresses(connection, person.c.id.in_(ours))


def to_remind(connection: Connection, now: datetime, limit: int = 500) -> tuple[Call, ...]:
    """In the caller's transaction: open calls that end within a month and whose sender was not told."""
    soon = (call.c.state == OPEN, call.c.ends_at <= now + REMINDED_BEFORE, call.c.reminded_at.is_(None))
    return _calls(connection, *soon, limit=limit)


def to_end(connection: Connection, now: datetime, limit: int = 500) -> tuple[Call, ...]:
    """In the caller's transaction: open calls whose time is over."""
    return _calls(connection, call.c.state == OPEN, call.c.ends_at <= now, limit=limit)


def end(connection: Connection, ended: Sequence[Call], *, change: int) -> None:
    """In the caller's transaction: these calls ended on the day that was said."""
    for one in ended:
        connection.execute(update(call).where(call.c.id == one.id).values(state=ENDED, ended_at=one.ends_at))
        touch(connection, one.project_id, change)


def _counts(connection: Connection, one: Call, change: int) -> None:
    connection.execute(update(call).where(call.c.id == one.id).values(change=change))
    touch(connection, one.project_id, change)


def _calls(connection: Connection, *conditions: Any, limit: int) -> tuple[Call, ...]:
    columns = [call.c[name] for name in Call.__dataclass_fields__]
    rows = connection.execute(select(*columns).where(*conditions).order_by(call.c.ends_at).limit(limit))
    return tuple(Call(*row) for row in rows)


def _addresses(connection: Connection, condition: Any) -> tuple[Addressee, ...]:
    return _addressees(connection.execute(_ADDRESSES.where(condition)))


def _addressees(rows: Iterable[Any]) -> tuple[Addressee, ...]:
    return tuple((row.email, row.language) for row in rows)


_ADDRESSES = select(person.c.email, person.c.language).order_by(person.c.email)
# Made once: each report of what blocks somebody asks for it.
_KEEPERS = _ADDRESSES.where(
    person.c.id.in_(select(keeper.c.person_id).where(keeper.c.project_id == bindparam("wanted"), KEEPS))
)


def restored(before: Mapping[str, Any]) -> dict[str, Any]:
    """What `support_call` gave, as columns."""
    return {**before, "at": datetime.fromisoformat(before["at"])}
