"""Verifications of maintainers and representatives, as rows. `catalog.rules.verification` says what a check means,
`catalog.ownership.verify` who may do what and when, and `memberships` who is a member.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Select, and_, bindparam, delete, or_, select, update

from catalog.errors import NotFound
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.verification import (
    ADDRESS,
    AGAIN_AFTER,
    FILE,
    GRACE,
    LOST,
    MODERATOR,
    OPEN,
    QUIET,
    TERMS,
    VERIFIED,
    Verification,
    VerificationOutcome,
    gives_rights,
    new_nonce,
)
from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.jobs import enqueue, enqueue_all, run_sooner
from catalog.store.mirrors.mirror_rows import VISIT, visit_key
from catalog.store.mirrors.verification_jobs import VERIFICATION_JOB, check_now
from catalog.store.ownership.memberships import roles_of_members
from catalog.store.ownership.subjects import VerifiedRecord, open_subject, subject
from catalog.store.projects.project_rows import record_of, record_of_organization
from catalog.tables.core import mirror, organization, project
from catalog.tables.ownership import membership
from catalog.tables.ownership import verification as table
from catalog.tables.people import person

_COLUMNS = tuple(table.c[name] for name in Verification.__dataclass_fields__)


@dataclass(frozen=True)
class ShownVerification:
    """Why a record is said to be verified: the method and since when; nobody is named."""

    method: str  # one of catalog.rules.verification.TERMS
    since: datetime
    lost_at: datetime | None = None


class Verifications(DatabasePart):
    def verifiable_record(
        self, kind: str, slug: str, gone: bool = False, *, person_id: UUID | None = None
    ) -> VerifiedRecord:
        """The record that somebody may be verified for. A project whose makers asked not to be listed has no homepages
        here, since only its repository is told.

        `gone`: also when its repository is no longer public, for its maintainers. `person_id`: who asks, since an
        organization of which nothing is public exists for its members alone, and for the senders of what was accepted
        of it. Raises NotFound, Moved, Removed, OptedOut.
        """
        with reading(self._engine) as connection:
            return open_subject(connection, kind, slug, gone, person_id)

    def record(self, kind: str, key: UUID) -> Mapping[str, Any]:
        """What the page of a record shows of it, as the document's keys; empty when it left the catalogue."""
        with reading(self._engine) as connection:
            public_record = record_of(connection, key) if kind == PROJECT else record_of_organization(connection, key)
        return public_record or {}

    def about(self, verification: Verification) -> VerifiedRecord:
        """What a verification is about. Raises NotFound when it left the catalogue."""
        with reading(self._engine) as connection:
            return subject(connection, verification.kind, verification.record_id)

    def name(self, kind: str, key: UUID) -> str:
        """What a record is called; empty when it left the catalogue."""
        records = project if kind == PROJECT else organization
        with reading(self._engine) as connection:
            record_name: str | None = connection.execute(select(records.c.name).where(records.c.id == key)).scalar()
        return record_name or ""

    def by_nonce(self, nonce: str) -> Verification:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _verification_where(connection, table.c.nonce == nonce)

    def get(self, key: UUID) -> Verification:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _verification_where(connection, table.c.id == key)

    def of_person(self, person_id: UUID, record_id: UUID | None = None) -> tuple[Verification, ...]:
        """The verifications of a person, the oldest first; of one record, or of all."""
        query = select(*_COLUMNS).where(table.c.person_id == person_id)
        if record_id is not None:
            query = query.where(table.c.record_id == record_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(table.c.created_at, table.c.id)).all()
        return tuple(Verification(*row) for row in rows)

    def subject(self, kind: str, key: UUID) -> VerifiedRecord:
        """The record, also one that is not public. Raises NotFound."""
        with reading(self._engine) as connection:
            return subject(connection, kind, key)

    def standing(self, kind: str, record_id: UUID, now: datetime) -> tuple[ShownVerification, ...]:
        """Why a record counts as verified, the oldest of each method; empty: it does not."""
        return standing_verifications(self.ever(record_id, kind), now)

    def ever(self, record_id: UUID, kind: str = PROJECT) -> tuple[ShownVerification, ...]:
        """As `standing`, also what was lost long ago: for `standing_verifications`."""
        with reading(self._engine) as connection:
            return _every_voice(connection, kind, record_id)

    def email(self, person_id: UUID) -> str:
        """The address of a person, for the check that compares its domain. Raises NotFound."""
        with reading(self._engine) as connection:
            return email_of(connection, person_id)[0]


def begin(
    connection: Connection, person_id: UUID, kind: str, record_id: UUID, method: str, language: str, *, now: datetime
) -> Verification:
    """In the caller's transaction: the verification of this person, record and method; the one that is there stays."""
    row = {
        "id": uuid4(), "person_id": person_id, "kind": kind, "record_id": record_id, "method": method,
        "nonce": new_nonce(), "state": OPEN, "language": language, "created_at": now, "detail": {},
    }  # fmt: skip
    index = ["person_id", "kind", "record_id", "method"]
    connection.execute(insert(connection, table).values(**row).on_conflict_do_nothing(index_elements=index))
    mine = and_(*(table.c[name] == row[name] for name in index))
    connection.execute(update(table).where(mine).values(language=language))
    return _verification_where(connection, mine)


def ask(connection: Connection, verification: Verification, *, now: datetime) -> None:
    """In the caller's transaction: its person says that it is in its place: it is looked at now."""
    values: dict[str, Any] = {"asked_at": now, "reason": None}
    connection.execute(update(table).where(table.c.id == verification.id).values(**values))
    check_now(connection, verification.id, now=now)
    if verification.kind == PROJECT and verification.method == FILE:
        visit_now(connection, verification.record_id, now=now)


def visit_now(connection: Connection, project_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: the origin of this project is visited as soon as a place is free."""
    if connection.execute(select(mirror.c.project_id).where(mirror.c.project_id == project_id)).first() is None:
        return
    enqueue(connection, VISIT, visit_key(project_id), {"project": str(project_id)}, run_at=now)
    run_sooner(connection, visit_key(project_id), run_at=now)


def held(connection: Connection, key: UUID) -> Verification:
    """In the caller's transaction: a verification that nobody else changes until it ends. Raises NotFound."""
    return _verification_where(connection, table.c.id == key, hold=True)


def note(
    connection: Connection,
    verification: Verification,
    become: VerificationOutcome,
    *,
    detail: Mapping[str, Any],
    reason: str | None,
    now: datetime,
) -> None:
    """In the caller's transaction: what a check found."""
    values: dict[str, Any] = {"state": become.state, "checked_at": now, "reason": reason}
    if become.state == VERIFIED and reason is None:
        values |= {
            "seen_at": now,
            "lost_at": None,
            "verified_at": verification.verified_at or now,
            "detail": dict(detail),
        }
    elif become.state == LOST and verification.state != LOST:
        values["lost_at"] = now
    connection.execute(update(table).where(table.c.id == verification.id).values(**values))


def add_verified(
    connection: Connection,
    person_id: UUID,
    kind: str,
    record_id: UUID,
    method: str,
    detail: Mapping[str, Any],
    *,
    now: datetime,
) -> bool:
    """In the caller's transaction: somebody is verified by what needs no check, such as a moderator's word; whether
    they were not verified by it before. What was lost stands again."""
    _, language = email_of(connection, person_id)
    verification = begin(connection, person_id, kind, record_id, method, language, now=now)
    if verification.state == VERIFIED:
        return False
    note(connection, verification, VerificationOutcome(VERIFIED, None), detail=detail, reason=None, now=now)
    return True


def forget(connection: Connection, key: UUID) -> None:
    """In the caller's transaction: a verification is given up."""
    connection.execute(delete(table).where(table.c.id == key))


def verifications_of(connection: Connection, person_id: UUID, kind: str, record_id: UUID) -> tuple[Verification, ...]:
    """In the caller's transaction: the verifications of a person for one record."""
    mine = (table.c.person_id == person_id) & (table.c.kind == kind) & (table.c.record_id == record_id)
    return tuple(Verification(*row) for row in connection.execute(select(*_COLUMNS).where(mine)))


def verified_by_address(connection: Connection) -> tuple[Verification, ...]:
    """In the caller's transaction: the verifications by an address that stand, of records that are still here."""
    here = or_(table.c.record_id.in_(select(project.c.id)), table.c.record_id.in_(select(organization.c.id)))
    query = select(*_COLUMNS).where(table.c.method == ADDRESS, table.c.state == VERIFIED, here)
    return tuple(Verification(*row) for row in connection.execute(query.order_by(table.c.id)).all())


@cache
def _verified_members() -> Select[Any]:
    """Made once: to make a statement takes longer than a database needs for it."""
    return (
        select(table.c.method, table.c.verified_at, table.c.state, table.c.lost_at, table.c.detail)
        .join(
            membership,
            and_(*(membership.c[name] == table.c[name] for name in ("person_id", "kind", "record_id"))),
        )
        .where(
            table.c.kind == bindparam("kind"),
            table.c.record_id == bindparam("of"),
            table.c.verified_at.is_not(None),
        )
    )


def standing_verifications(every: Iterable[ShownVerification], now: datetime) -> tuple[ShownVerification, ...]:
    """The oldest of each method, of those that give rights now; those that may be lost come last."""
    standing = [
        verification
        for verification in every
        if verification.lost_at is None or gives_rights(LOST, verification.lost_at, now)
    ]
    once: dict[str, ShownVerification] = {}
    for statement in sorted(standing, key=lambda statement: (statement.lost_at is not None, statement.since)):
        once.setdefault(statement.method, statement)
    return tuple(once.values())


def _every_voice(connection: Connection, kind: str, record_id: UUID) -> tuple[ShownVerification, ...]:
    verifications: list[ShownVerification] = []
    for row in connection.execute(_verified_members(), {"kind": kind, "of": record_id}):
        lost_at = row.lost_at if row.state == LOST else None
        if (row.state == VERIFIED or lost_at is not None) and QUIET not in row.detail:
            verifications.append(ShownVerification(row.method, row.verified_at, lost_at))
    return tuple(verifications)


def records_verified_by(connection: Connection, person_id: UUID) -> dict[str, set[UUID]]:
    """In the caller's transaction: the projects and organizations, by kind, that this person's verifications stand
    for."""
    records: dict[str, set[UUID]] = {}
    query = select(table.c.kind, table.c.record_id).where(
        table.c.person_id == person_id,
        table.c.kind.in_((PROJECT, ORGANIZATION)),
        table.c.verified_at.is_not(None),
    )
    for row in connection.execute(query):
        records.setdefault(row.kind, set()).add(row.record_id)
    return records


def term_of_member(connection: Connection, person_id: UUID, kind: str, record_id: UUID) -> str | None:
    """In the caller's transaction: how a member of the record was verified, as a term of the vocabulary; None: they are
    none, or nobody verified is left.

    Who was invited counts as verified as the others are. What is lost counts only where nothing else stands.
    """
    roles = roles_of_members(connection, kind, record_id)
    if person_id not in roles:
        return None
    vouching = [person_id] if roles[person_id] == VERIFIED else [key for key, role in roles.items() if role == VERIFIED]
    query = select(table.c.method, table.c.state).where(
        table.c.kind == kind,
        table.c.record_id == record_id,
        table.c.person_id.in_(vouching),
        table.c.verified_at.is_not(None),
    )
    rows = connection.execute(query).all()
    standing = {row.method for row in rows if row.state == VERIFIED} or {row.method for row in rows}
    return next((term for method, term in TERMS.items() if method in standing), None)


def email_of(connection: Connection, person_id: UUID) -> tuple[str, str]:
    """In the caller's transaction: where a person is written to, and in which language. Raises NotFound."""
    row = connection.execute(select(person.c.email, person.c.language).where(person.c.id == person_id)).first()
    if row is None:
        raise NotFound("person", str(person_id))
    return row.email, row.language


def plan(connection: Connection) -> None:
    """In the caller's transaction: what gave rights is checked again, whatever became of its job."""
    rows = connection.execute(
        select(table.c.id, table.c.checked_at, table.c.lost_at).where(
            table.c.state != OPEN, table.c.method != MODERATOR
        )
    ).all()
    for row in rows:
        if row.lost_at is None or row.checked_at < row.lost_at + GRACE:
            key = (f"{VERIFICATION_JOB}:{row.id}", {"verification": str(row.id)}, 0)
            enqueue_all(connection, VERIFICATION_JOB, [key], run_at=row.checked_at + AGAIN_AFTER)


def _verification_where(connection: Connection, condition: Any, *, hold: bool = False) -> Verification:
    query = select(*_COLUMNS).where(condition)
    row = connection.execute(query.with_for_update() if hold else query).first()
    if row is None:
        raise NotFound("verification", "")
    return Verification(*row)
