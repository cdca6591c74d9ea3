"""Proofs and those whom they let in, as rows. What a look means is `catalog.rules.verification`' matter; who
may do what, and when, `catalog.ownership.verify`'s.

No reading of this room names a person but `maintainers` and `invitations`, which only those who keep the project, or
speak for the organization, are shown. It is longer than 350 lines because proofs and those whom they let in change
together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Select, and_, bindparam, delete, exists, or_, select, update

from catalog.errors import NotFound, OptedOut
from catalog.rules.fact import OBSERVED, choose_facts
from catalog.rules.verification import (
    AGAIN_AFTER,
    BY_DESK,
    FILE,
    GRACE,
    INVITED,
    LOST,
    OPEN,
    ORGANIZATION,
    PROJECT,
    PROVEN,
    VERIFICATION,
    Proof,
    ProofOutcome,
    gives_rights,
    new_nonce,
)
from catalog.store.core.engine import insert, reading
from catalog.store.core.jobs import enqueue, enqueue_all, run_sooner
from catalog.store.core.public_changes import PublicChange
from catalog.store.mirrors.rows import VISIT, visit_key
from catalog.store.mirrors.verification_jobs import VERIFICATION_JOB, check_now
from catalog.store.projects.fact_rows import stored_facts
from catalog.store.projects.rows import record_of, record_of_organization
from catalog.store.projects.slugs import missing_slug_error, open_project
from catalog.tables.core import mirror, organization, project
from catalog.tables.ownership import proof
from catalog.tables.people import link, maintainer, person, representative

KEEP, SPEAK = "maintainer-invitation", "representative-invitation"  # the purposes of a link that lets somebody in
_PURPOSES = {PROJECT: KEEP, ORGANIZATION: SPEAK}
_PROOF = tuple(proof.c[name] for name in Proof.__dataclass_fields__)
_KINDS = {
    PROJECT: (maintainer, maintainer.c.project_id),
    ORGANIZATION: (representative, representative.c.organization_id),
}


@dataclass(frozen=True)
class VerifiedRecord:
    """What a claim is about. `repository` is None where no copy is made of it; `homepages` are the ones that no
    declaration states: the document's, then the repository's own."""

    kind: str
    id: UUID
    slug: str
    name: str
    repository: str | None
    homepages: tuple[str, ...]


@dataclass(frozen=True)
class Voice:
    """Why a project is said to be kept by verified maintainers: the way and since when; nobody is named."""

    way: str  # one of catalog.rules.verification.WAYS, or BY_DESK
    since: datetime
    lost_at: datetime | None = None


@dataclass(frozen=True)
class Member:
    person_id: UUID
    email: str  # for the others who keep the project
    verification: str
    since: datetime


class Verifications:
    def __init__(self, engine: Engine):
        self._engine = engine

    def kept(self, kind: str, slug: str, gone: bool = False) -> VerifiedRecord:
        """Of a project whose makers asked not to be listed, without its homepages: its repository is all that is told.

        `gone`: for who keeps it, also when its repository is no longer public. Raises NotFound, Moved, Removed,
        OptedOut.
        """
        with reading(self._engine) as connection:
            if kind == PROJECT:
                row = open_project(connection, slug, unlisted=True)
                if row.opted_out_at is not None and row.gone and not gone:
                    raise OptedOut(kind, slug, row.opted_out_at, gone=True)
                found = subject(connection, kind, row.id)
                return replace(found, homepages=()) if row.opted_out_at is not None else found
            wanted = select(organization.c.id).where(organization.c.slug == slug, organization.c.hidden.is_(None))
            key = connection.execute(wanted).scalar()
            if key is None:
                raise missing_slug_error(connection, kind, slug)
            return subject(connection, kind, key)

    def record(self, kind: str, key: UUID) -> Mapping[str, Any]:
        """What the page of a record shows of it, as the document's keys; empty when it left the catalogue."""
        with reading(self._engine) as connection:
            found = record_of(connection, key) if kind == PROJECT else record_of_organization(connection, key)
        return found or {}

    def about(self, verification: Proof) -> VerifiedRecord:
        """What a proof is about. Raises NotFound when it left the catalogue."""
        with reading(self._engine) as connection:
            return subject(connection, verification.kind, verification.record_id)

    def proof(self, nonce: str) -> Proof:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _one(connection, proof.c.nonce == nonce)

    def get(self, key: UUID) -> Proof:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            return _one(connection, proof.c.id == key)

    def of_person(self, person_id: UUID, record_id: UUID | None = None) -> tuple[Proof, ...]:
        """What somebody proves, the oldest first; of one record, or of all."""
        wanted = select(*_PROOF).where(proof.c.person_id == person_id)
        if record_id is not None:
            wanted = wanted.where(proof.c.record_id == record_id)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(proof.c.created_at, proof.c.id)).all()
        return tuple(Proof(*row) for row in rows)

    def voices(self, project_id: UUID, now: datetime) -> tuple[Voice, ...]:
        """Why the project counts as kept by verified maintainers, the oldest proof of each way; empty: it does not."""
        with reading(self._engine) as connection:
            return voices(connection, PROJECT, project_id, now)

    def ever(self, record_id: UUID, kind: str = PROJECT) -> tuple[Voice, ...]:
        """As `voices`, of a project or an organization, also what was lost long ago: for `standing_voices`."""
        with reading(self._engine) as connection:
            return _every_voice(connection, kind, record_id)

    def members(self, record_id: UUID, kind: str = PROJECT) -> tuple[Member, ...]:
        """Who keeps a project or speaks for an organization, for those who do."""
        table, owner = _KINDS[kind]
        wanted = (
            select(table.c.person_id, person.c.email, table.c.verification, table.c.since)
            .join(person, person.c.id == table.c.person_id)
            .where(owner == record_id)
            .order_by(table.c.since, person.c.email)
        )
        with reading(self._engine) as connection:
            return tuple(Member(*row) for row in connection.execute(wanted))

    def email(self, person_id: UUID) -> str:
        """The address of a person, for the errand that compares its domain. Raises NotFound."""
        with reading(self._engine) as connection:
            return email_of(connection, person_id)[0]

    def invitations(self, record_id: UUID, now: datetime, kind: str = PROJECT) -> tuple[tuple[str, datetime], ...]:
        """Whom they invited and who has not come yet, with the end of each link."""
        with reading(self._engine) as connection:
            rows = connection.execute(_invited(kind, now)).all()
        return tuple((row.email, row.expires_at) for row in rows if row.argument.get(kind) == str(record_id))


def subject(connection: Connection, kind: str, key: UUID) -> VerifiedRecord:
    """In the caller's transaction. Raises NotFound."""
    table = project if kind == PROJECT else organization
    row = connection.execute(select(table).where(table.c.id == key)).first()
    if row is None:
        raise NotFound(kind, str(key))
    stated = (row.document or row.record).get("homepage") if row.curated else None
    found = [stated] if stated else []
    copied = False
    if kind == PROJECT:
        seen = choose_facts(_top(stored_facts(connection, [key], ["homepage"], OBSERVED).get(key, ()))).get("homepage")
        found += [str(seen.value)] if seen else []
        copied = connection.execute(select(mirror.c.project_id).where(mirror.c.project_id == key)).first() is not None
    repository = row.repository if kind == PROJECT and copied and not row.context_only else None
    return VerifiedRecord(kind, row.id, row.slug, row.name, repository, tuple(dict.fromkeys(found)))


def _top(facts: Sequence[Any]) -> list[Any]:
    """What files at the top of the repository state: below, they may be somebody else's."""
    return [fact for fact in facts if "/" not in str(fact.source.get("file") or "")]


def begin(
    connection: Connection, person_id: UUID, kind: str, record_id: UUID, way: str, language: str, now: datetime
) -> Proof:
    """In the caller's transaction: the proof of this person, record and way; the one that is there stays."""
    given = {
        "id": uuid4(), "person_id": person_id, "kind": kind, "record_id": record_id, "way": way, "nonce": new_nonce(),
        "state": OPEN, "language": language, "created_at": now, "detail": {},
    }  # fmt: skip
    index = ["person_id", "kind", "record_id", "way"]
    connection.execute(insert(connection, proof).values(**given).on_conflict_do_nothing(index_elements=index))
    mine = and_(*(proof.c[name] == given[name] for name in index))
    connection.execute(update(proof).where(mine).values(language=language))
    return _one(connection, mine)


def ask(connection: Connection, verification: Proof, *, now: datetime) -> None:
    """In the caller's transaction: its person says that it is in its place: it is looked at now."""
    values: dict[str, Any] = {"asked_at": now, "reason": None}
    connection.execute(update(proof).where(proof.c.id == verification.id).values(**values))
    check_now(connection, verification.id, now=now)
    if verification.kind == PROJECT and verification.way == FILE:
        visit_now(connection, verification.record_id, now=now)


def visit_now(connection: Connection, project_id: UUID, *, now: datetime) -> None:
    """In the caller's transaction: the origin of this project is visited as soon as a place is free."""
    if connection.execute(select(mirror.c.project_id).where(mirror.c.project_id == project_id)).first() is None:
        return
    enqueue(connection, VISIT, visit_key(project_id), {"project": str(project_id)}, run_at=now)
    run_sooner(connection, visit_key(project_id), run_at=now)


def held(connection: Connection, key: UUID) -> Proof:
    """In the caller's transaction: a proof that nobody else changes until it ends. Raises NotFound."""
    return _one(connection, proof.c.id == key, hold=True)


def note(
    connection: Connection,
    verification: Proof,
    become: ProofOutcome,
    *,
    detail: Mapping[str, Any],
    reason: str | None,
    now: datetime,
) -> None:
    """In the caller's transaction: what a look found."""
    values: dict[str, Any] = {"state": become.state, "checked_at": now, "reason": reason}
    if become.state == PROVEN and reason is None:
        values |= {"seen_at": now, "lost_at": None, "proven_at": verification.proven_at or now, "detail": dict(detail)}
    elif become.state == LOST and verification.state != LOST:
        values["lost_at"] = now
    connection.execute(update(proof).where(proof.c.id == verification.id).values(**values))


def forget(connection: Connection, key: UUID) -> None:
    """In the caller's transaction: a proof is given up."""
    connection.execute(delete(proof).where(proof.c.id == key))


def grant(
    connection: Connection,
    kind: str,
    record_id: UUID,
    person_id: UUID,
    verification: str,
    change: PublicChange,
    now: datetime,
) -> bool:
    """In the caller's transaction: let somebody in, or under a better title than before; whether they were not in."""
    table, owner = _KINDS[kind]
    mine = and_(table.c.person_id == person_id, owner == record_id)
    before = connection.execute(select(table.c.verification).where(mine)).scalar()
    if before is None:
        given = {"person_id": person_id, owner.name: record_id, "verification": verification, "since": now}
        connection.execute(table.insert().values(**given))
        if kind == ORGANIZATION:
            change.touch_askable([record_id])
    elif _RANK.get(verification, 0) > _RANK.get(before, 0):
        connection.execute(update(table).where(mine).values(verification=verification))
    return before is None


def title(connection: Connection, kind: str, record_id: UUID, person_id: UUID) -> str | None:
    """In the caller's transaction: under which title somebody is in; None: they are not."""
    table, owner = _KINDS[kind]
    mine = and_(table.c.person_id == person_id, owner == record_id)
    found: str | None = connection.execute(select(table.c.verification).where(mine)).scalar()
    return found


def expel(connection: Connection, kind: str, record_id: UUID, person_id: UUID, change: PublicChange) -> bool:
    """In the caller's transaction: somebody is no longer in; whether they were."""
    table, owner = _KINDS[kind]
    gone = delete(table).where(table.c.person_id == person_id, owner == record_id)
    were = bool(connection.execute(gone).rowcount)
    if were and kind == ORGANIZATION:
        change.touch_askable([record_id])
    return were


def inside(connection: Connection, record_id: UUID, kind: str = PROJECT) -> dict[UUID, str]:
    """In the caller's transaction: who keeps a project or speaks for an organization, and under which title."""
    table, owner = _KINDS[kind]
    rows = connection.execute(select(table.c.person_id, table.c.verification).where(owner == record_id))
    return {row.person_id: row.verification for row in rows}


def alone(connection: Connection, kind: str, record_id: UUID | None = None) -> None:
    """In the caller's transaction: who was invited goes with the last who proved it; of all records of a kind, or of
    this one. Until then they act for nobody: `inside` reads it so."""
    table, owner = _KINDS[kind]
    proven = select(owner).where(table.c.verification != INVITED)
    left = [table.c.verification == INVITED, owner.not_in(proven)]
    if record_id is not None:
        left.append(owner == record_id)
    connection.execute(delete(table).where(*left))


def proofs_of(connection: Connection, person_id: UUID, kind: str, record_id: UUID) -> tuple[Proof, ...]:
    """In the caller's transaction: what somebody proves about one record."""
    mine = (proof.c.person_id == person_id) & (proof.c.kind == kind) & (proof.c.record_id == record_id)
    return tuple(Proof(*row) for row in connection.execute(select(*_PROOF).where(mine)))


@cache
def _voices(kind: str) -> Select[Any]:
    """Made once a kind: to make a statement takes longer than a database needs for it."""
    table, owner = _KINDS[kind]
    return (
        select(table.c.verification, table.c.since, proof.c.way, proof.c.state, proof.c.proven_at, proof.c.lost_at)
        .outerjoin(
            proof,
            (proof.c.person_id == table.c.person_id)
            & (proof.c.kind == kind)
            & (proof.c.record_id == owner)
            & proof.c.proven_at.is_not(None),
        )
        .where(owner == bindparam("of"))
    )


def voices(connection: Connection, kind: str, record_id: UUID, now: datetime) -> tuple[Voice, ...]:
    """In the caller's transaction: as `Verifications.voices`, of a project or an organization."""
    return standing_voices(_every_voice(connection, kind, record_id), now)


def standing_voices(every: Iterable[Voice], now: datetime) -> tuple[Voice, ...]:
    """The oldest of each way, of those that give rights now; those that may be lost come last."""
    standing = [said for said in every if said.lost_at is None or gives_rights(LOST, said.lost_at, now)]
    once: dict[str, Voice] = {}
    for statement in sorted(standing, key=lambda statement: (statement.lost_at is not None, statement.since)):
        once.setdefault(statement.way, statement)
    return tuple(once.values())


def _every_voice(connection: Connection, kind: str, record_id: UUID) -> tuple[Voice, ...]:
    found: list[Voice] = []
    for row in connection.execute(_voices(kind), {"of": record_id}):
        lost_at = row.lost_at if row.state == LOST else None
        if row.way is not None and (row.state == PROVEN or lost_at is not None):
            found.append(Voice(row.way, row.proven_at, lost_at))
        if row.verification == BY_DESK and row.state != PROVEN:
            found.append(Voice(BY_DESK, row.since))
    return tuple(found)


def records_of(connection: Connection, kind: str, person_id: UUID) -> set[UUID]:
    """In the caller's transaction: the projects, or the organizations, that somebody is in for, under any title."""
    table, owner = _KINDS[kind]
    return set(connection.execute(select(owner).where(table.c.person_id == person_id)).scalars())


def records_voiced_by(connection: Connection, person_id: UUID) -> dict[str, set[UUID]]:
    """In the caller's transaction: the projects and organizations, by kind, that count as kept or spoken for through
    this person."""
    found: dict[str, set[UUID]] = {}
    for kind, (table, owner) in _KINDS.items():
        proven = exists().where(
            proof.c.person_id == person_id,
            proof.c.kind == kind,
            proof.c.record_id == owner,
            proof.c.proven_at.is_not(None),
        )
        mine = select(owner).where(table.c.person_id == person_id, or_(proven, table.c.verification == BY_DESK))
        found[kind] = set(connection.execute(mine).scalars())
    return found


def email_of(connection: Connection, person_id: UUID) -> tuple[str, str]:
    """In the caller's transaction: where a person is written to, and in which language. Raises NotFound."""
    row = connection.execute(select(person.c.email, person.c.language).where(person.c.id == person_id)).first()
    if row is None:
        raise NotFound("person", str(person_id))
    return row.email, row.language


def uninvite(connection: Connection, record_id: UUID, email: str, now: datetime, kind: str = PROJECT) -> None:
    """In the caller's transaction: the links that would let this address in open nothing any more; their rows stay a
    while, since they tell how much this address was written to."""
    for row in connection.execute(_invited(kind, now)).all():
        if row.email == email and row.argument.get(kind) == str(record_id):
            connection.execute(update(link).where(link.c.id == row.id).values(expires_at=now))


def plan(connection: Connection) -> None:
    """In the caller's transaction: each proof that gave rights is looked at again, whatever became of its job."""
    rows = connection.execute(
        select(proof.c.id, proof.c.checked_at, proof.c.lost_at).where(proof.c.state != OPEN)
    ).all()
    for row in rows:
        if row.lost_at is None or row.checked_at < row.lost_at + GRACE:
            key = (f"{VERIFICATION_JOB}:{row.id}", {"proof": str(row.id)}, 0)
            enqueue_all(connection, VERIFICATION_JOB, [key], run_at=row.checked_at + AGAIN_AFTER)


def _one(connection: Connection, condition: Any, *, hold: bool = False) -> Proof:
    wanted = select(*_PROOF).where(condition)
    row = connection.execute(wanted.with_for_update() if hold else wanted).first()
    if row is None:
        raise NotFound("proof", "")
    return Proof(*row)


def _invited(kind: str, now: datetime) -> Any:
    return (
        select(link.c.id, link.c.email, link.c.argument, link.c.expires_at)
        .where(link.c.purpose == _PURPOSES[kind], link.c.used_at.is_(None), link.c.expires_at > now)
        .order_by(link.c.created_at, link.c.email)
    )


_RANK = {INVITED: 0, "self-declared": 0, VERIFICATION["address"]: 1, BY_DESK: 1, VERIFICATION[FILE]: 2}
