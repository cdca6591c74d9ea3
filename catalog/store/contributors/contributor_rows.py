"""Contributors that were stated here: an organization, or a display name that a person gave, and a role. Add, withdraw,
put back; contributors of the document are written in `catalog.store.projects`.

Writing runs in the caller's transaction. The caller decides who may state or withdraw what.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from catalog.rules.fact import DECLARED, PEER
from catalog.rules.submission import HELP, PUBLISHED, WITHDRAWN, help_id
from catalog.store.adoptions.adoption_rows import NEVER_PUBLIC, update_listing
from catalog.store.core import cases
from catalog.store.core.engine import DatabasePart, insert, reading
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import NAME_COLUMNS, OPEN, VISIBLE
from catalog.store.merges import merge_rows
from catalog.store.organizations.organization_rows import KnownOrganization
from catalog.tables.core import hosting, maintenance, organization, project
from catalog.tables.submissions import submission, tombstone

BY_PROJECT, BY_ORGANIZATION, BY_PERSON, BY_DESK = "project", "organization", "person", "desk"
HOST = "host"
POSITION = 50  # after what the document states, before what other catalogues state


@dataclass(frozen=True)
class Contributor:
    """A contributor stated here. `person_id`: who gave the display name, and alone may remove it with one click."""

    project_id: UUID
    project_slug: str
    project_name: str
    role: str
    organization: OrganizationCard | None
    person: str | None
    stated_by: str | None
    stated_at: datetime | None
    submission_id: UUID | None
    person_id: UUID | None


class Contributors(DatabasePart):
    def of_project(self, project_id: UUID) -> tuple[Contributor, ...]:
        """Contributors of a project as stated here, in the order of its page."""
        with reading(self._engine) as connection:
            return _select_contributors(connection, maintenance.c.project_id == project_id)

    def of_organization(self, organization_id: UUID) -> tuple[Contributor, ...]:
        """What an organization helps with as stated here, for its representatives."""
        with reading(self._engine) as connection:
            return _select_contributors(connection, maintenance.c.organization_id == organization_id)


def is_stated(
    connection: Connection,
    project_id: UUID,
    role: str,
    organization_id: UUID | None,
    person: str | None = None,
    *,
    adds: bool = False,
) -> bool:
    """In the caller's transaction: whether this is stated here already. `adds`: it says more than the document's line,
    and takes its place."""
    mine = and_(maintenance.c.project_id == project_id, maintenance.c.role == role)
    who = (
        maintenance.c.person == person if organization_id is None else maintenance.c.organization_id == organization_id
    )
    here = maintenance.c.origin == DECLARED if adds else ~maintenance.c.origin.startswith(PEER)
    queries = [select(maintenance.c.id).where(mine, who, here)]
    if role == HOST and organization_id is not None and not adds:
        hosts = (hosting.c.project_id == project_id, hosting.c.organization_id == organization_id)
        queries.append(select(hosting.c.organization_id).where(*hosts))
    return any(connection.execute(query.limit(1)).first() is not None for query in queries)


def withdrawn_by(connection: Connection, project_id: UUID, organization_id: UUID, role: str) -> str | None:
    """In the caller's transaction: which side withdrew this since it was last stated; None: neither."""
    stone = _read_tombstone(connection, project_id, organization_id, role)
    return stone["ground"] if stone else None


def add_contributor(
    connection: Connection,
    project_id: UUID,
    roles: Sequence[str],
    *,
    organization: KnownOrganization | None,
    person: str | None,
    record: Mapping[str, Any],
    stated_by: str,
    submission_id: UUID,
    change: PublicChange,
    now: datetime,
) -> dict[str, Any]:
    """In the caller's transaction: show this from now on, in place of what the document or other catalogues state;
    returns what `undo_contributor` needs. `record`: what each line holds beside role and name."""
    before = dict[str, Any]()
    for role in roles:
        if organization is not None:
            if (gone := _read_tombstone(connection, project_id, organization.id, role)) is not None:
                before[role] = gone
            _delete_tombstone(connection, project_id, organization.id, role)
            connection.execute(delete(maintenance).where(_is_contributor(project_id, organization.id, role)))
        who: dict[str, Any] = {"organization": organization.slug} if organization else {"person": person}
        connection.execute(
            maintenance.insert().values(
                project_id=project_id,
                organization_id=organization.id if organization else None,
                person=person if organization is None else None,
                role=role,
                origin=DECLARED,
                position=POSITION,
                record={"role": role, **who, **record},
                stated_by=stated_by,
                stated_at=now,
                submission_id=submission_id,
            )
        )
    _count_changes(connection, project_id, organization.id if organization else None, change, now)
    return {"tombstones": before}


def undo_contributor(
    connection: Connection,
    submission_id: UUID,
    before: Mapping[str, Any],
    project_id: UUID,
    *,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: undo this submission, as if it had never been."""
    query = select(maintenance).where(maintenance.c.submission_id == submission_id)
    for row in connection.execute(query).all():
        connection.execute(delete(maintenance).where(maintenance.c.id == row.id))
        if row.organization_id is not None and (gone := before.get("tombstones", {}).get(row.role)):
            at = datetime.fromisoformat(gone["at"])
            add_tombstone(connection, project_id, row.organization_id, row.role, gone["ground"], now=at)
        merge_rows.rebuild_project_rows(
            connection, [project_id], change
        )  # what the document states of the same stands again
        _count_changes(connection, project_id, row.organization_id, change, now)


def confirm_offers(
    connection: Connection, project_id: UUID, organization_id: UUID, *, change: PublicChange, now: datetime
) -> None:
    """In the caller's transaction: an organization says that what was stated here of its help still holds."""
    mine = and_(maintenance.c.project_id == project_id, maintenance.c.organization_id == organization_id)
    values = {"stated_at": now, "stated_by": BY_ORGANIZATION}
    connection.execute(update(maintenance).where(mine, maintenance.c.origin == DECLARED).values(values))
    _count_changes(connection, project_id, organization_id, change, now)


def withdraw_contributor(
    connection: Connection,
    project_id: UUID,
    organization_id: UUID,
    role: str,
    side: str,
    *,
    change: PublicChange,
    now: datetime,
) -> bool:
    """In the caller's transaction: show this no more, and let no load bring it back; whether it was stated here."""
    mine = and_(_is_contributor(project_id, organization_id, role), maintenance.c.origin == DECLARED)
    rows = connection.execute(select(maintenance.c.id, maintenance.c.submission_id).where(mine)).all()
    if not rows:
        return False
    connection.execute(delete(maintenance).where(_is_contributor(project_id, organization_id, role)))
    add_tombstone(connection, project_id, organization_id, role, side, now=now)
    _withdraw_submissions(connection, [row.submission_id for row in rows if row.submission_id], now)
    _count_changes(connection, project_id, organization_id, change, now)
    return True


def withdraw_name(connection: Connection, submission_id: UUID, *, change: PublicChange, now: datetime) -> None:
    """In the caller's transaction: show a display name no more; it is kept only as long as other withdrawn data."""
    mine = and_(maintenance.c.submission_id == submission_id, maintenance.c.person.is_not(None))
    for row in connection.execute(select(maintenance.c.id, maintenance.c.project_id).where(mine)).all():
        connection.execute(delete(maintenance).where(maintenance.c.id == row.id))
        _count_changes(connection, row.project_id, None, change, now)
    _withdraw_submissions(connection, [submission_id], now)


def withdraw_names_of_person(connection: Connection, person_id: UUID, *, change: PublicChange) -> None:
    """In the caller's transaction, before a person is deleted: delete the display names that they gave, published or
    still waiting."""
    query = select(submission.c.id, submission.c.answers, submission.c.changed_at).where(
        submission.c.kind == HELP, submission.c.person_id == person_id
    )
    for row in connection.execute(query).all():
        if row.answers.get("person"):
            withdraw_name(connection, row.id, change=change, now=row.changed_at)
            connection.execute(update(submission).where(submission.c.id == row.id).values(state=WITHDRAWN))
            cases.follow_submission(connection, row.id)


def add_tombstone(
    connection: Connection, project_id: UUID, organization_id: UUID, role: str, side: str, *, now: datetime
) -> None:
    """In the caller's transaction: let no load and no other catalogue state this again. Peers get it with the project's
    record, so that its tombstone needs no change number."""
    statement = insert(connection, tombstone).values(
        kind=HELP,
        record_id=help_id(project_id, organization_id, role),
        project_id=project_id,
        organization_id=organization_id,
        ground=side,
        at=now,
        change=NEVER_PUBLIC,
    )
    replaced = {name: statement.excluded[name] for name in ("ground", "at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_=replaced))


def delete_withdrawn(connection: Connection, project_id: UUID, organization_id: UUID, record_id: UUID) -> int:
    """In the caller's transaction, after a restore: delete the rows that a tombstone stands for; how many."""
    pair = and_(maintenance.c.project_id == project_id, maintenance.c.organization_id == organization_id)
    rows = connection.execute(select(maintenance.c.id, maintenance.c.role).where(pair)).all()
    gone = [row.id for row in rows if help_id(project_id, organization_id, row.role) == record_id]
    connection.execute(delete(maintenance).where(maintenance.c.id.in_(gone)))
    return len(gone)


def _is_contributor(project_id: UUID, organization_id: UUID, role: str) -> ColumnElement[bool]:
    return and_(
        maintenance.c.project_id == project_id,
        maintenance.c.organization_id == organization_id,
        maintenance.c.role == role,
    )


def _read_tombstone(
    connection: Connection, project_id: UUID, organization_id: UUID, role: str
) -> dict[str, str] | None:
    mine = (tombstone.c.kind == HELP, tombstone.c.record_id == help_id(project_id, organization_id, role))
    row = connection.execute(select(tombstone.c.ground, tombstone.c.at).where(*mine)).first()
    return {"ground": row.ground, "at": row.at.isoformat()} if row else None


def _delete_tombstone(connection: Connection, project_id: UUID, organization_id: UUID, role: str) -> None:
    mine = (tombstone.c.kind == HELP, tombstone.c.record_id == help_id(project_id, organization_id, role))
    connection.execute(delete(tombstone).where(*mine))


def _withdraw_submissions(connection: Connection, keys: Sequence[UUID], now: datetime) -> None:
    standing = select(maintenance.c.submission_id).where(maintenance.c.submission_id.in_(keys))
    mine = (submission.c.id.in_(keys), submission.c.id.not_in(standing), submission.c.state == PUBLISHED)
    values = {"state": WITHDRAWN, "before": None, "changed_at": now}
    connection.execute(update(submission).where(*mine).values(values))
    cases.follow(connection, submission.c.id.in_(keys))


def _count_changes(
    connection: Connection, project_id: UUID, organization_id: UUID | None, change: PublicChange, now: datetime
) -> None:
    """Count changes of both pages; an organization that only submissions made is listed while something refers to
    it."""
    change.touch("project", project_id)
    connection.execute(update(project).where(project.c.id == project_id).values(changed_at=now))
    if organization_id is not None:
        update_listing(connection, organization_id, change)
        change.touch("organization", organization_id)


def _select_contributors(connection: Connection, mine: ColumnElement[bool]) -> tuple[Contributor, ...]:
    columns = (maintenance.c[name] for name in ("role", "person", "stated_by", "stated_at", "submission_id"))
    query = (
        select(project.c.id.label("project_id"), *NAME_COLUMNS, *columns, submission.c.person_id)
        .join_from(maintenance, project, project.c.id == maintenance.c.project_id)
        .outerjoin(organization, organization.c.id == maintenance.c.organization_id)
        .outerjoin(submission, submission.c.id == maintenance.c.submission_id)
        .where(mine, OPEN, maintenance.c.origin == DECLARED, or_(maintenance.c.organization_id.is_(None), VISIBLE))
        .order_by(maintenance.c.position, project.c.folded, maintenance.c.id)
    )
    return tuple(_contributor_from_row(row) for row in connection.execute(query))


def _contributor_from_row(row: Any) -> Contributor:
    card = OrganizationCard(row.id, row.slug, row.name, row.kind, row.country) if row.id is not None else None
    name_giver = row.person_id if row.person else None
    values = (row.person, row.stated_by, row.stated_at, row.submission_id, name_giver)
    return Contributor(row.project_id, row.project_slug, row.project_name, row.role, card, *values)
