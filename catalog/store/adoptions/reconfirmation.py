"""Ask for reconfirmation of old adoptions, and lower those that nobody reconfirms.

After 18 months the mark is lowered, after 24 the adoption leaves the counts; it is never deleted (decision 067, rule
5). Reconfirming brings both back. Past adoptions need no reconfirmation: that something was used stays true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, case, or_, select, update

from catalog.rules.fact import DECLARED
from catalog.rules.submission import ADOPT, CONFIRMING, PUBLISHED
from catalog.rules.today import earliest_sign, last_sign
from catalog.store.core.engine import BATCH, DatabasePart, get_meta, reading, set_meta
from catalog.store.core.public_changes import PublicChange, changing, lock_changes
from catalog.store.core.visibility import OPEN, PRESENT, PUBLIC, USES_SINCE, VISIBLE
from catalog.store.ownership.memberships import REPRESENTS
from catalog.store.people.accounts import add_link
from catalog.store.people.mail_queue import enqueue_message
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project
from catalog.tables.ownership import membership
from catalog.tables.people import person
from catalog.tables.submissions import submission

MONTH = timedelta(days=365.25 / 12)
LOWERED_AFTER, UNCOUNTED_AFTER = 18 * MONTH, 24 * MONTH
ASKED_AGAIN_AFTER = 3 * MONTH  # once more before it leaves the counts
LINK_LIFETIME = 12 * MONTH
TO_RECONFIRM = "to-reconfirm"
RECONFIRMATION = "adoption-reconfirmation"  # kind of the message, and purpose of its link
MOST_ASKED_REPRESENTATIVES = 5  # representatives of one organization


@dataclass(frozen=True)
class ReconfirmationRun:
    """How many adoptions were lowered, left the counts, and were asked about by messages."""

    lowered: int
    uncounted: int
    asked: int


class Reconfirmations(DatabasePart):
    def due_of(self, person_id: UUID) -> tuple[tuple[str, str, str], ...]:
        """Project's slug and name, and the organization's name, of uses that a representative is to reconfirm."""
        query = (
            select(project.c.slug, project.c.name, organization.c.name)
            .join_from(membership, adoption, adoption.c.organization_id == membership.c.record_id)
            .join(organization, organization.c.id == adoption.c.organization_id)
            .join(project, project.c.id == adoption.c.project_id)
            .where(membership.c.person_id == person_id, REPRESENTS, adoption.c.stands)
            .where(adoption.c.verification == TO_RECONFIRM, OPEN, VISIBLE)
            .order_by(organization.c.folded, project.c.folded)
        )
        with reading(self._engine) as connection:
            return tuple((row[0], row[1], row[2]) for row in connection.execute(query))

    def age(self, *, now: datetime) -> ReconfirmationRun:
        """Lower what is older than 18 months, uncount what is older than 24, and ask those who may reconfirm it.

        It does at most BATCH of each, oldest first; a daily run gets to all of them.
        """
        with changing(self._engine) as (connection, change):
            count_uses_since(connection, change, now)
            lowered = _outdated(connection, now - LOWERED_AFTER, adoption.c.verification != TO_RECONFIRM)
            uncounted = _outdated(connection, now - UNCOUNTED_AFTER, adoption.c.confirmed)
            unasked = or_(adoption.c.asked_at.is_(None), adoption.c.asked_at < now - ASKED_AGAIN_AFTER)
            asking = [row for row in _outdated(connection, now - LOWERED_AFTER, unasked) if _is_to_ask(row, now)]
            lock_changes(connection)
            for row in lowered:
                _update_adoption(connection, row, verification=TO_RECONFIRM, previous_verification=row.verification)
            for row in uncounted:
                connection.execute(update(adoption).where(adoption.c.id == row.id).values(confirmed=False))
            _count_change(connection, [*lowered, *uncounted], change)
            requests = sum(_send_request(connection, row, now) for row in asking)
        return ReconfirmationRun(len(lowered), len(uncounted), requests)


def count_uses_since(connection: Connection, change: PublicChange, now: datetime) -> None:
    """In the caller's transaction: count the uses as present whose last sign counts on this day, and no other."""
    before, limit = (get_meta(connection, USES_SINCE) or {"day": ""})["day"], earliest_sign(now)
    if before == limit:
        return
    lock_changes(connection)
    set_meta(connection, USES_SINCE, {"day": limit})
    first, last = sorted((before, limit))
    sign = adoption.c.last_sign
    other = select(adoption.c.project_id, adoption.c.organization_id).where(PUBLIC, sign >= first, sign < last)
    change.touch_adoptions((row.project_id, row.organization_id) for row in connection.execute(other))


def reconfirm(
    connection: Connection, project_id: UUID, organization_id: UUID, *, change: PublicChange, now: datetime
) -> bool:
    """In the caller's transaction: reconfirm an adoption; False where the organization states none here any more."""
    row = connection.execute(_ADOPTIONS.where(*_own_adoption(project_id, organization_id))).first()
    if row is None:
        return False
    verification = (
        row.previous_verification
        if row.verification == TO_RECONFIRM and row.previous_verification
        else row.verification
    )
    lock_changes(connection)
    _update_adoption(
        connection,
        row,
        verification=verification,
        previous_verification=None,
        confirmed=verification in CONFIRMING,
        confirmed_at=now,
        asked_at=None,
    )
    _count_change(connection, [row], change)
    return True


def may_answer(connection: Connection, project_id: UUID, organization_id: UUID, email: str) -> bool:
    """In the caller's transaction: whether the person with this address may reconfirm: a representative of the
    organization, or, where it has none, who declared the adoption."""
    speaking = select(person.c.email).join(membership, membership.c.person_id == person.c.id)
    representatives = connection.execute(speaking.where(membership.c.record_id == organization_id, REPRESENTS)).all()
    return any(row.email == email for row in representatives or _declared_by(connection, project_id, organization_id))


def names_of(connection: Connection, project_id: UUID, organization_id: UUID) -> tuple[str, str, str] | None:
    """In the caller's transaction: slug and name of the project, and name of the organization, where the organization
    states its adoption; None where it states none here any more."""
    row = connection.execute(_ADOPTIONS.where(*_own_adoption(project_id, organization_id))).first()
    return (row.slug, row.project_name, row.organization_name) if row else None


_ADOPTIONS = (
    select(
        adoption.c.id,
        adoption.c.project_id,
        adoption.c.organization_id,
        adoption.c.verification,
        adoption.c.previous_verification,
        adoption.c.confirmed_at,
        adoption.c.asked_at,
        adoption.c.record,
        project.c.slug,
        project.c.name.label("project_name"),
        organization.c.name.label("organization_name"),
        case((PUBLIC, True), else_=False).label("seen"),
    )
    .join_from(adoption, project, project.c.id == adoption.c.project_id)
    .join(organization, organization.c.id == adoption.c.organization_id)
)


def _own_adoption(project_id: UUID, organization_id: UUID) -> tuple[Any, ...]:
    return (
        adoption.c.project_id == project_id,
        adoption.c.organization_id == organization_id,
        adoption.c.origin == DECLARED,
        adoption.c.stands,
    )


def _outdated(connection: Connection, before: datetime, more: Any) -> Sequence[Row[*tuple[Any, ...]]]:
    """Present adoptions that an organization stated here and last confirmed before this time, the oldest first."""
    query = _ADOPTIONS.where(
        adoption.c.origin == DECLARED, adoption.c.stands, adoption.c.confirmed_at < before, PRESENT, more
    )
    return connection.execute(query.order_by(adoption.c.confirmed_at, adoption.c.id).limit(BATCH)).all()


def _is_to_ask(row: Row[*tuple[Any, ...]], now: datetime) -> bool:
    """Ask at 18 months and once more; after the adoption left the counts, nobody is asked again."""
    return row.asked_at is None or now - row.confirmed_at < UNCOUNTED_AFTER


def _update_adoption(connection: Connection, row: Row[*tuple[Any, ...]], **values: Any) -> None:
    record = dict(row.record) | {"verification": values["verification"]}
    if "confirmed_at" in values:
        record["seen_at"] = values["confirmed_at"].date().isoformat()
        values["last_sign"] = last_sign(record)
    connection.execute(update(adoption).where(adoption.c.id == row.id).values(record=record, **values))


def _count_change(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]], change: PublicChange) -> None:
    """Count a change of both ends of these adoptions; not of unnamed adoptions, of which readers see nothing."""
    change.touch_adoptions((row.project_id, row.organization_id) for row in rows if row.seen)


def _send_request(connection: Connection, row: Row[*tuple[Any, ...]], now: datetime) -> int:
    """Queue a message to each representative of the organization, or to the person who declared the adoption; how
    many."""
    speaking = (
        select(person.c.email, person.c.language)
        .join(membership, membership.c.person_id == person.c.id)
        .where(membership.c.record_id == row.organization_id, REPRESENTS)
        .order_by(membership.c.since)
        .limit(MOST_ASKED_REPRESENTATIVES)
    )
    recipients = connection.execute(speaking).all() or _declared_by(connection, row.project_id, row.organization_id)
    argument = {"project": str(row.project_id), "organization": str(row.organization_id)}
    for email, language in recipients:
        token = add_link(connection, RECONFIRMATION, email, argument, expires_at=now + LINK_LIFETIME, now=now)
        data = {"token": token, "project": row.project_name, "organization": row.organization_name}
        enqueue_message(connection, RECONFIRMATION, email, language, data, now=now)
    connection.execute(update(adoption).where(adoption.c.id == row.id).values(asked_at=now))
    return len(recipients)


def _declared_by(connection: Connection, project_id: UUID, organization_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Address and language of the person who declared it last, as long as the address is kept."""
    sending = (
        select(submission.c.email, submission.c.language)
        .where(
            submission.c.kind == ADOPT,
            submission.c.state == PUBLISHED,
            submission.c.project_id == project_id,
            submission.c.organization_id == organization_id,
            submission.c.email.is_not(None),
        )
        .order_by(submission.c.decided_at.desc())
        .limit(1)
    )
    return connection.execute(sending).all()
