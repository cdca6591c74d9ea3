"""Memberships, who acts for a project or an organization, as rows: the conditions under which one counts, and the rows
themselves. What verifies somebody is in `verifications`.

All reading of the table uses REPRESENTS or MAINTAINS. An invited member counts as long as there is a verified one. Rows
of invited members without one are deleted once a day (`remove_left_alone`); until then they give no rights, and no
message is sent by them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, select, update

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.verification import INVITED, VERIFIED
from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.public_changes import PublicChange
from catalog.tables.ownership import membership
from catalog.tables.people import message_link, person

INVITATION = "membership-invitation"  # the purpose of a link that lets somebody in, and the kind of its message

_other = membership.alias("other")
_STANDS = or_(
    membership.c.role == VERIFIED,
    exists().where(
        _other.c.kind == membership.c.kind, _other.c.record_id == membership.c.record_id, _other.c.role == VERIFIED
    ),
)
REPRESENTS = and_(membership.c.kind == ORGANIZATION, _STANDS)
MAINTAINS = and_(membership.c.kind == PROJECT, _STANDS)
_CONDITIONS = {PROJECT: MAINTAINS, ORGANIZATION: REPRESENTS}


@dataclass(frozen=True)
class Member:
    person_id: UUID
    email: str  # for the other members
    role: str
    since: datetime


class Memberships(DatabasePart):
    def of_record(self, kind: str, record_id: UUID) -> tuple[Member, ...]:
        """Who maintains a project or represents an organization, for those who do."""
        query = (
            select(membership.c.person_id, person.c.email, membership.c.role, membership.c.since)
            .join(person, person.c.id == membership.c.person_id)
            .where(_is_of(kind, record_id))
            .order_by(membership.c.since, person.c.email)
        )
        with reading(self._engine) as connection:
            return tuple(Member(*row) for row in connection.execute(query))

    def invitations(self, kind: str, record_id: UUID, now: datetime) -> tuple[tuple[str, datetime], ...]:
        """Addresses that were invited and have not answered, with the end of each link."""
        with reading(self._engine) as connection:
            return tuple((row.email, row.expires_at) for row in _open_invitations(connection, kind, record_id, now))


def add_member(
    connection: Connection,
    person_id: UUID,
    kind: str,
    record_id: UUID,
    role: str,
    *,
    change: PublicChange,
    now: datetime,
) -> bool:
    """In the caller's transaction: let somebody in, or verified who was invited before; whether they were not in."""
    row = {"person_id": person_id, "kind": kind, "record_id": record_id, "role": role, "since": now}
    new = bool(connection.execute(insert(connection, membership).values(**row).on_conflict_do_nothing()).rowcount)
    if new and kind == ORGANIZATION:
        change.touch_askable([record_id])
    if not new and role == VERIFIED:
        mine = and_(_is_of(kind, record_id), membership.c.person_id == person_id)
        connection.execute(update(membership).where(mine).values(role=VERIFIED))
    return new


def remove_member(connection: Connection, person_id: UUID, kind: str, record_id: UUID, change: PublicChange) -> bool:
    """In the caller's transaction: somebody is no longer in; whether they were."""
    gone = delete(membership).where(_is_of(kind, record_id), membership.c.person_id == person_id)
    were = bool(connection.execute(gone).rowcount)
    if were and kind == ORGANIZATION:
        change.touch_askable([record_id])
    return were


def roles_of_members(connection: Connection, kind: str, record_id: UUID) -> dict[UUID, str]:
    """In the caller's transaction: who is in, also those who were left alone, each with their role."""
    rows = connection.execute(select(membership.c.person_id, membership.c.role).where(_is_of(kind, record_id)))
    return {row.person_id: row.role for row in rows}


def has_members(connection: Connection, kind: str, record_id: UUID) -> bool:
    """In the caller's transaction: whether somebody maintains the project or represents the organization."""
    query = select(membership.c.person_id).where(_is_of(kind, record_id), _CONDITIONS[kind]).limit(1)
    return connection.execute(query).first() is not None


def records_of_person(connection: Connection, kind: str, person_id: UUID) -> tuple[UUID, ...]:
    """In the caller's transaction: the projects or organizations that this person may act for, the oldest first."""
    query = select(membership.c.record_id).where(membership.c.person_id == person_id, _CONDITIONS[kind])
    return tuple(connection.execute(query.order_by(membership.c.since, membership.c.record_id)).scalars())


def remove_left_alone(connection: Connection, kind: str | None = None, record_id: UUID | None = None) -> None:
    """In the caller's transaction: delete invited members of records without a verified one; of one record, or of
    all."""
    left = [membership.c.role == INVITED, ~_STANDS]
    if kind is not None and record_id is not None:
        left.append(_is_of(kind, record_id))
    rows = connection.execute(select(membership).where(*left)).all()
    for row in rows:
        mine = and_(_is_of(row.kind, row.record_id), membership.c.person_id == row.person_id)
        connection.execute(delete(membership).where(mine))


def end_invitation(connection: Connection, kind: str, record_id: UUID, email: str, now: datetime) -> None:
    """In the caller's transaction: the links that would let this address in open nothing any more; their rows stay a
    while, since they tell how much this address was written to."""
    for row in _open_invitations(connection, kind, record_id, now):
        if row.email == email:
            connection.execute(update(message_link).where(message_link.c.id == row.id).values(expires_at=now))


def _is_of(kind: str, record_id: UUID) -> ColumnElement[bool]:
    return and_(membership.c.kind == kind, membership.c.record_id == record_id)


def _open_invitations(connection: Connection, kind: str, record_id: UUID, now: datetime) -> list[Any]:
    query = (
        select(message_link.c.id, message_link.c.email, message_link.c.argument, message_link.c.expires_at)
        .where(message_link.c.purpose == INVITATION, message_link.c.used_at.is_(None), message_link.c.expires_at > now)
        .order_by(message_link.c.created_at, message_link.c.email)
    )
    mine = (kind, str(record_id))
    return [row for row in connection.execute(query) if (row.argument.get("kind"), row.argument.get("record")) == mine]
