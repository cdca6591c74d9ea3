"""Who helps with a project, as people said it here: an organization, or a display name that a person gave, and a role.
Said, taken away, put back; what the document states of it is `statements`' matter.

Writing runs in the caller's transaction. Who may say or take away what is decided by whoever asks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, or_, select, update

from catalog.rules.fact import DECLARED, PEER
from catalog.rules.submission import HELP, PUBLISHED, WITHDRAWN, help_of
from catalog.store.adoptions.rows import NEVER_PUBLIC, relist
from catalog.store.core.engine import insert, reading
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import NAMES, OPEN, VISIBLE
from catalog.store.merges import rows as merge_rows
from catalog.store.organizations.rows import Known
from catalog.tables.core import hosting, maintenance, organization, project
from catalog.tables.submissions import declaration, tombstone

Change = Callable[[], int]
BY_PROJECT, BY_ORGANIZATION, BY_PERSON, BY_DESK = "project", "organization", "person", "desk"
HOST = "host"
PLACE = 50  # behind what the document states, before what other catalogues tell


@dataclass(frozen=True)
class Helps:
    """A line that was declared here. `person_id`: who gave the display name, for whom alone it opens a press."""

    project_id: UUID
    project_slug: str
    project_name: str
    role: str
    organization: OrganizationCard | None
    person: str | None
    said_by: str | None
    said_at: datetime | None
    declaration_id: UUID | None
    person_id: UUID | None


class Helping:
    def __init__(self, engine: Engine):
        self._engine = engine

    def of_project(self, project_id: UUID) -> tuple[Helps, ...]:
        """Who helps with a project as it was declared here, in the order of its page."""
        with reading(self._engine) as connection:
            return _found(connection, maintenance.c.project_id == project_id)

    def of_organization(self, organization_id: UUID) -> tuple[Helps, ...]:
        """With what an organization helps as it was declared here, for those who speak for it."""
        with reading(self._engine) as connection:
            return _found(connection, maintenance.c.organization_id == organization_id)


def stands(
    connection: Connection, project_id: UUID, role: str, organization_id: UUID | None, person: str | None = None
) -> bool:
    """In the caller's transaction: whether this is said here already, by whomever."""
    mine = and_(maintenance.c.project_id == project_id, maintenance.c.role == role)
    who = (
        maintenance.c.person == person if organization_id is None else maintenance.c.organization_id == organization_id
    )
    wanted = [select(maintenance.c.id).where(mine, who, ~maintenance.c.origin.startswith(PEER))]
    if role == HOST and organization_id is not None:
        hosts = (hosting.c.project_id == project_id, hosting.c.organization_id == organization_id)
        wanted.append(select(hosting.c.organization_id).where(*hosts))
    return any(connection.execute(one.limit(1)).first() is not None for one in wanted)


def taken_away_by(connection: Connection, project_id: UUID, organization_id: UUID, role: str) -> str | None:
    """In the caller's transaction: who took this away since it was last said; None: nobody."""
    found = _buried(connection, project_id, organization_id, role)
    return found["ground"] if found else None


def say(
    connection: Connection,
    project_id: UUID,
    role: str,
    *,
    organization: Known | None,
    person: str | None,
    sources: Sequence[str],
    said_by: str,
    declaration_id: UUID,
    change: Change,
    now: datetime,
) -> dict[str, Any]:
    """In the caller's transaction: from now on this is shown; what `unsay` needs."""
    before = None
    record: dict[str, Any] = {"role": role}
    if organization is not None:
        record["organization"] = organization.slug
        before = _buried(connection, project_id, organization.id, role)
        _exhume(connection, project_id, organization.id, role)
        theirs = and_(_of(project_id, organization.id, role), maintenance.c.origin.startswith(PEER))
        connection.execute(delete(maintenance).where(theirs))
    else:
        record["person"] = person
    connection.execute(
        maintenance.insert().values(
            project_id=project_id,
            organization_id=organization.id if organization else None,
            person=person if organization is None else None,
            role=role,
            origin=DECLARED,
            position=PLACE,
            record=record | ({"sources": list(sources)} if sources else {}),
            said_by=said_by,
            said_at=now,
            declaration_id=declaration_id,
        )
    )
    _touch(connection, project_id, organization.id if organization else None, change, now)
    return {"tombstone": before}


def unsay(
    connection: Connection,
    declaration_id: UUID,
    before: Mapping[str, Any],
    project_id: UUID,
    *,
    change: Change,
    now: datetime,
) -> None:
    """In the caller's transaction: this declaration says nothing any more, as if it never had."""
    wanted = select(maintenance).where(maintenance.c.declaration_id == declaration_id)
    for row in connection.execute(wanted).all():
        connection.execute(delete(maintenance).where(maintenance.c.id == row.id))
        if row.organization_id is not None and (gone := before.get("tombstone")):
            at = datetime.fromisoformat(gone["at"])
            bury(connection, project_id, row.organization_id, row.role, gone["ground"], now=at)
        merge_rows.anew(connection, [project_id], change())  # what the document states of the same stands again
        _touch(connection, project_id, row.organization_id, change, now)


def take_away(
    connection: Connection,
    project_id: UUID,
    organization_id: UUID,
    role: str,
    side: str,
    *,
    change: Change,
    now: datetime,
) -> bool:
    """In the caller's transaction: this is shown no more, and no load brings it in; whether it was declared here."""
    mine = and_(_of(project_id, organization_id, role), maintenance.c.origin == DECLARED)
    rows = connection.execute(select(maintenance.c.id, maintenance.c.declaration_id).where(mine)).all()
    if not rows:
        return False
    connection.execute(delete(maintenance).where(_of(project_id, organization_id, role)))
    bury(connection, project_id, organization_id, role, side, now=now)
    _close(connection, [row.declaration_id for row in rows if row.declaration_id], now)
    _touch(connection, project_id, organization_id, change, now)
    return True


def take_name_away(connection: Connection, declaration_id: UUID, *, change: Change, now: datetime) -> None:
    """In the caller's transaction: a display name is shown no more, and is kept only as long as what was taken back."""
    mine = and_(maintenance.c.declaration_id == declaration_id, maintenance.c.person.is_not(None))
    for row in connection.execute(select(maintenance.c.id, maintenance.c.project_id).where(mine)).all():
        connection.execute(delete(maintenance).where(maintenance.c.id == row.id))
        _touch(connection, row.project_id, None, change, now)
    _close(connection, [declaration_id], now)


def leave(connection: Connection, person_id: UUID, *, change: Change) -> None:
    """In the caller's transaction, before a person goes: the display names that they gave go with them, published or
    still waiting."""
    wanted = select(declaration.c.id, declaration.c.answers, declaration.c.changed_at).where(
        declaration.c.kind == HELP, declaration.c.person_id == person_id
    )
    for row in connection.execute(wanted).all():
        if row.answers.get("person"):
            take_name_away(connection, row.id, change=change, now=row.changed_at)
            connection.execute(update(declaration).where(declaration.c.id == row.id).values(state=WITHDRAWN))


def bury(
    connection: Connection, project_id: UUID, organization_id: UUID, role: str, side: str, *, now: datetime
) -> None:
    """In the caller's transaction: no load and no other catalogue says this again. It travels by the project's record,
    so that its tombstone needs no number."""
    statement = insert(connection, tombstone).values(
        kind=HELP,
        record_id=help_of(project_id, organization_id, role),
        project_id=project_id,
        organization_id=organization_id,
        ground=side,
        at=now,
        change=NEVER_PUBLIC,
    )
    kept = {name: statement.excluded[name] for name in ("ground", "at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_=kept))


def buried_again(connection: Connection, project_id: UUID, organization_id: UUID, record_id: UUID) -> int:
    """In the caller's transaction, after a restore: the rows that a tombstone stands for are gone; how many."""
    pair = and_(maintenance.c.project_id == project_id, maintenance.c.organization_id == organization_id)
    rows = connection.execute(select(maintenance.c.id, maintenance.c.role).where(pair)).all()
    gone = [row.id for row in rows if help_of(project_id, organization_id, row.role) == record_id]
    connection.execute(delete(maintenance).where(maintenance.c.id.in_(gone)))
    return len(gone)


def _of(project_id: UUID, organization_id: UUID, role: str) -> ColumnElement[bool]:
    return and_(
        maintenance.c.project_id == project_id,
        maintenance.c.organization_id == organization_id,
        maintenance.c.role == role,
    )


def _buried(connection: Connection, project_id: UUID, organization_id: UUID, role: str) -> dict[str, str] | None:
    mine = (tombstone.c.kind == HELP, tombstone.c.record_id == help_of(project_id, organization_id, role))
    row = connection.execute(select(tombstone.c.ground, tombstone.c.at).where(*mine)).first()
    return {"ground": row.ground, "at": row.at.isoformat()} if row else None


def _exhume(connection: Connection, project_id: UUID, organization_id: UUID, role: str) -> None:
    mine = (tombstone.c.kind == HELP, tombstone.c.record_id == help_of(project_id, organization_id, role))
    connection.execute(delete(tombstone).where(*mine))


def _close(connection: Connection, keys: Sequence[UUID], now: datetime) -> None:
    mine = (declaration.c.id.in_(keys), declaration.c.state == PUBLISHED)
    values = {"state": WITHDRAWN, "before": None, "changed_at": now}
    connection.execute(update(declaration).where(*mine).values(values))


def _touch(
    connection: Connection, project_id: UUID, organization_id: UUID | None, change: Change, now: datetime
) -> None:
    """The pages of both changed; an organization that only declarations made is listed while something hangs on it."""
    connection.execute(update(project).where(project.c.id == project_id).values(change=change(), changed_at=now))
    if organization_id is not None:
        relist(connection, organization_id, change)
        connection.execute(update(organization).where(organization.c.id == organization_id).values(change=change()))


def _found(connection: Connection, mine: ColumnElement[bool]) -> tuple[Helps, ...]:
    said = (maintenance.c[name] for name in ("role", "person", "said_by", "said_at", "declaration_id"))
    wanted = (
        select(project.c.id.label("project_id"), *NAMES, *said, declaration.c.person_id)
        .join_from(maintenance, project, project.c.id == maintenance.c.project_id)
        .outerjoin(organization, organization.c.id == maintenance.c.organization_id)
        .outerjoin(declaration, declaration.c.id == maintenance.c.declaration_id)
        .where(mine, OPEN, maintenance.c.origin == DECLARED, or_(maintenance.c.organization_id.is_(None), VISIBLE))
        .order_by(maintenance.c.position, project.c.folded, maintenance.c.id)
    )
    return tuple(_helps(row) for row in connection.execute(wanted))


def _helps(row: Any) -> Helps:
    card = OrganizationCard(row.id, row.slug, row.name, row.kind, row.country) if row.id is not None else None
    gave = row.person_id if row.person else None
    said = (row.person, row.said_by, row.said_at, row.declaration_id, gave)
    return Helps(row.project_id, row.project_slug, row.project_name, row.role, card, *said)
