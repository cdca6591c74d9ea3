"""Declared values of a record that count as its own word, because their sender is verified for it.

They precede what others state, and become submissions like any other once their sender is no longer verified.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select, update

from catalog.record_kind import ORGANIZATION
from catalog.rules.fact import DECLARED, UNREVIEWED
from catalog.store.core.public_changes import PublicChange
from catalog.store.documents import overrides
from catalog.tables.core import fact, organization
from catalog.tables.submissions import submission


def projects_with_own_values(connection: Connection) -> set[UUID]:
    """In the caller's transaction: the projects with values that their maintainers declared as the project itself."""
    query = select(fact.c.project_id, fact.c.source).where(fact.c.origin == DECLARED, fact.c.until.is_(None))
    return {row.project_id for row in connection.execute(query) if row.source.get("maintainer")}


def demote_own_values(
    connection: Connection, project_id: UUID, person_id: UUID | None, *, change: PublicChange, now: datetime
) -> None:
    """In the caller's transaction: turn what somebody (None: anybody) declared as the project itself into an ordinary
    submission, which is not said to be reviewed where no moderator read it; its dates stay."""
    query = select(fact.c.id, fact.c.source).where(
        fact.c.project_id == project_id, fact.c.origin == DECLARED, fact.c.until.is_(None)
    )
    rows = [row for row in connection.execute(query).all() if row.source.get("maintainer")]
    references = [str(row.source.get("declaration")) for row in rows]
    theirs, reviewed = _declared_by(connection, person_id, references), _reviewed(connection, references)
    for row in rows:
        if person_id is None or row.source.get("declaration") in theirs:
            source = {key: value for key, value in row.source.items() if key != "maintainer"}
            source |= {} if row.source.get("declaration") in reviewed else {UNREVIEWED: True}
            connection.execute(update(fact).where(fact.c.id == row.id).values(source=source))
    if rows:
        overrides.rebuild_records(connection, [project_id], change=change, now=now)


def demote_own_organization_values(
    connection: Connection, organization_id: UUID, person_id: UUID, *, change: PublicChange, now: datetime
) -> None:
    """In the caller's transaction: as `demote_own_values`, for what somebody declared as the organization itself."""
    declared = (
        connection.execute(select(organization.c.declared).where(organization.c.id == organization_id)).scalar() or {}
    )
    own = {name: entry for name, entry in declared.items() if entry.get("own")}
    theirs = _declared_by(connection, person_id, [str(entry.get("declaration")) for entry in own.values()])
    lowered = {
        name: dict(entry) | {"own": False, "accepted": bool(entry.get("accepted"))}
        for name, entry in own.items()
        if entry.get("declaration") in theirs
    }
    if lowered:
        overrides.declare_organization_values(connection, organization_id, lowered, change=change, now=now)


def promote_values(
    connection: Connection, kind: str, record_id: UUID, person_id: UUID, *, change: PublicChange, now: datetime
) -> None:
    """In the caller's transaction: what somebody declared of a record that they are verified for now, and a moderator
    accepted before, is the record's own word; its dates stay."""
    if kind == ORGANIZATION:
        declared = (
            connection.execute(select(organization.c.declared).where(organization.c.id == record_id)).scalar() or {}
        )
        others = {name: entry for name, entry in declared.items() if not entry.get("own")}
        theirs = _declared_by(connection, person_id, [str(entry.get("declaration")) for entry in others.values()])
        raised = {
            name: dict(entry) | {"own": True, "accepted": entry.get("accepted", True)}
            for name, entry in others.items()
            if entry.get("declaration") in theirs
        }
        if raised:
            overrides.declare_organization_values(connection, record_id, raised, change=change, now=now)
        return
    query = select(fact.c.id, fact.c.source).where(
        fact.c.project_id == record_id, fact.c.origin == DECLARED, fact.c.until.is_(None)
    )
    rows = [row for row in connection.execute(query).all() if not row.source.get("maintainer")]
    theirs = _declared_by(connection, person_id, [str(row.source.get("declaration")) for row in rows])
    raised_rows = [row for row in rows if row.source.get("declaration") in theirs]
    for row in raised_rows:
        source = {key: value for key, value in row.source.items() if key != UNREVIEWED} | {"maintainer": True}
        connection.execute(update(fact).where(fact.c.id == row.id).values(source=source))
    if raised_rows:
        overrides.rebuild_records(connection, [record_id], change=change, now=now)


def _reviewed(connection: Connection, references: Sequence[str]) -> set[str]:
    query = select(submission.c.reference).where(
        submission.c.reference.in_(references), submission.c.reviewed_at.is_not(None)
    )
    return set(connection.execute(query).scalars()) if references else set()


def _declared_by(connection: Connection, person_id: UUID | None, references: Sequence[str]) -> set[str]:
    query = select(submission.c.reference).where(
        submission.c.reference.in_(references), submission.c.person_id == person_id
    )
    return set(connection.execute(query).scalars()) if person_id is not None and references else set()
