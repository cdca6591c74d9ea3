"""What an organization states of its use of a project, as one row a pair: write, show or hide, withdraw, put back.

Each function runs in the caller's transaction. A change that no reader can see counts no change. The caller decides who
may state what. What is read of it: `by_project`, `by_organization` and `restricted`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, delete, select, update

from catalog.document import as_record, from_record
from catalog.model import Adoption
from catalog.record_kind import ORGANIZATION
from catalog.rules.fact import CURATED, DECLARED
from catalog.rules.submission import CONFIRMING, adoption_id
from catalog.rules.today import last_sign
from catalog.store.core.engine import insert
from catalog.store.core.mentions import providers_of
from catalog.store.core.public_changes import PublicChange, lock_changes
from catalog.store.core.visibility import PUBLIC, UNNAMED
from catalog.store.federation.received import adoptions
from catalog.store.ownership.memberships import has_members
from catalog.tables.adoptions import adoption
from catalog.tables.core import hosting, maintenance, organization
from catalog.tables.submissions import tombstone

WITHDRAWN_GROUND = "withdrawn"  # why there is a tombstone
_COLUMNS_BESIDE_RECORD = (
    "confirmed",
    "confirmed_at",
    "previous_verification",
    "asked_at",
)  # columns that no record holds
NEVER_PUBLIC = 0  # the change of a tombstone of what nobody saw: no load brings it back, and no peer is sent it

ADOPTION_COLUMNS = (
    adoption.c.record,
    adoption.c.visibility,
    adoption.c.verification,
    adoption.c.confirmed,
    adoption.c.origin,
)
# Of two rows of a pair, the organization's own comes first.
_OWN_FIRST = case({DECLARED: 0, CURATED: 1}, value=adoption.c.origin, else_=2)


def standing_adoption(connection: Connection, project_id: UUID, organization_id: UUID) -> Adoption | None:
    """In the caller's transaction: the adoption that stands, of any visibility."""
    row = connection.execute(
        select(*ADOPTION_COLUMNS)
        .where(_is_pair(project_id, organization_id), adoption.c.stands)
        .order_by(_OWN_FIRST)
        .limit(1)
    ).first()
    return adoption_from_row(row) if row else None


def public_adoption(connection: Connection, project_id: UUID, organization_id: UUID) -> Adoption | None:
    """In the caller's transaction: the adoption that everybody may read."""
    query = select(*ADOPTION_COLUMNS).where(_is_pair(project_id, organization_id), PUBLIC).order_by(_OWN_FIRST).limit(1)
    row = connection.execute(query).first()
    return adoption_from_row(row) if row else None


def own_adoption(connection: Connection, project_id: UUID, organization_id: UUID) -> Adoption | None:
    """In the caller's transaction: the adoption as the organization itself states it."""
    query = select(*ADOPTION_COLUMNS).where(_is_pair(project_id, organization_id), adoption.c.origin == DECLARED)
    row = connection.execute(query).first()
    return adoption_from_row(row) if row else None


def was_withdrawn(connection: Connection, project_id: UUID, organization_id: UUID) -> bool:
    """In the caller's transaction: whether this adoption was withdrawn here, and not stated again since."""
    key = adoption_id(project_id, organization_id)
    query = select(tombstone.c.id).where(tombstone.c.kind == "adoption", tombstone.c.record_id == key)
    return connection.execute(query).first() is not None


def snapshot(connection: Connection, project_id: UUID, organization_id: UUID) -> dict[str, Any]:
    """In the caller's transaction: what `restore_snapshot` needs to undo the next change; JSON-safe."""
    columns = (adoption.c[name] for name in ("record", "visibility", "verification", *_COLUMNS_BESIDE_RECORD))
    mine = and_(_is_pair(project_id, organization_id), adoption.c.origin == DECLARED)
    row = connection.execute(select(*columns).where(mine)).first()
    key = adoption_id(project_id, organization_id)
    query = select(tombstone.c.ground, tombstone.c.at, tombstone.c.change)
    gone = connection.execute(query.where(tombstone.c.kind == "adoption", tombstone.c.record_id == key)).first()
    return {
        "said": as_record(adoption_from_row(row)) if row else None,
        "kept": {name: _as_json(getattr(row, name)) for name in _COLUMNS_BESIDE_RECORD} if row else None,
        "tombstone": {"ground": gone.ground, "at": gone.at.isoformat(), "change": gone.change} if gone else None,
    }


def write_adoption(
    connection: Connection,
    project_id: UUID,
    organization_id: UUID,
    adoption: Adoption,
    *,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: write the organization's statement, already joined with the one before.

    What was found in a public source stands no longer; a withdrawal ends.
    """
    with _counting_change(connection, project_id, organization_id, change):
        key = adoption_id(project_id, organization_id)
        end_withdrawal = delete(tombstone).where(tombstone.c.kind == "adoption", tombstone.c.record_id == key)
        connection.execute(end_withdrawal)
        statement = replace(adoption, seen_at=now.date().isoformat())
        fresh = dict.fromkeys(_COLUMNS_BESIDE_RECORD) | {
            "confirmed": adoption.verification in CONFIRMING,
            "confirmed_at": now,
        }
        _write_adoption(connection, project_id, organization_id, statement, fresh)


def restore_snapshot(
    connection: Connection,
    project_id: UUID,
    organization_id: UUID,
    before: Mapping[str, Any],
    *,
    change: PublicChange,
) -> None:
    """In the caller's transaction: restore what `snapshot` found."""
    with _counting_change(connection, project_id, organization_id, change):
        _delete_own(connection, project_id, organization_id)
        key = adoption_id(project_id, organization_id)
        connection.execute(delete(tombstone).where(tombstone.c.kind == "adoption", tombstone.c.record_id == key))
        if before["said"] is not None:
            columns = {name: _from_json(name, value) for name, value in before["kept"].items()}
            _write_adoption(connection, project_id, organization_id, from_record(Adoption, before["said"]), columns)
        if before["tombstone"] is not None:
            at = datetime.fromisoformat(before["tombstone"]["at"])
            number = change() if before["tombstone"]["change"] else NEVER_PUBLIC
            _add_tombstone(connection, project_id, organization_id, before["tombstone"]["ground"], number, at)


def withdraw_adoption(
    connection: Connection,
    project_id: UUID,
    organization_id: UUID,
    *,
    ground: str = WITHDRAWN_GROUND,
    change: PublicChange,
    now: datetime,
) -> None:
    """In the caller's transaction: show this adoption nowhere any more, of whatever origin; no load brings it back."""
    with _counting_change(connection, project_id, organization_id, change):
        number = change() if _public_rows(connection, project_id, organization_id) else NEVER_PUBLIC
        _delete_own(connection, project_id, organization_id)
        _add_tombstone(connection, project_id, organization_id, ground, number, now)


def set_visibility(
    connection: Connection, project_id: UUID, organization_id: UUID, visibility: str, *, change: PublicChange
) -> bool:
    """In the caller's transaction: set who may see the organization's own statement; whether there is one."""
    with _counting_change(connection, project_id, organization_id, change):
        statement = own_adoption(connection, project_id, organization_id)
        if statement is None:
            return False
        record = as_record(replace(statement, visibility=visibility))
        mine = and_(_is_pair(project_id, organization_id), adoption.c.origin == DECLARED)
        connection.execute(update(adoption).where(mine).values(visibility=visibility, record=record))
    return True


def _is_pair(project_id: UUID, organization_id: UUID) -> ColumnElement[bool]:
    return and_(adoption.c.project_id == project_id, adoption.c.organization_id == organization_id)


def adoption_from_row(row: Any) -> Adoption:
    """Read an adoption from its row: visibility and verification from their columns, all else from the record."""
    recorded: Adoption = from_record(Adoption, row.record)
    return replace(recorded, visibility=row.visibility, verification=row.verification)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _from_json(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if value and name.endswith("_at") else value


def _write_adoption(
    connection: Connection, project_id: UUID, organization_id: UUID, stated_use: Adoption, columns: Mapping[str, Any]
) -> None:
    values = {
        "stage": stated_use.stage,
        "last_sign": last_sign(as_record(stated_use)),
        "visibility": stated_use.visibility,
        "verification": stated_use.verification,
        **columns,
        "stands": True,
        "record": as_record(stated_use),
    }
    mine = and_(_is_pair(project_id, organization_id), adoption.c.origin == DECLARED)
    if not connection.execute(update(adoption).where(mine).values(values)).rowcount:
        key = {"project_id": project_id, "organization_id": organization_id, "origin": DECLARED, "position": 0}
        connection.execute(adoption.insert().values(key | values))
    curated = and_(_is_pair(project_id, organization_id), adoption.c.origin == CURATED)
    connection.execute(update(adoption).where(curated).values(stands=False))


def _delete_own(connection: Connection, project_id: UUID, organization_id: UUID) -> None:
    mine = and_(_is_pair(project_id, organization_id), adoption.c.origin == DECLARED)
    connection.execute(delete(adoption).where(mine))
    curated = and_(_is_pair(project_id, organization_id), adoption.c.origin == CURATED)
    connection.execute(update(adoption).where(curated).values(stands=True))


def _add_tombstone(
    connection: Connection, project_id: UUID, organization_id: UUID, ground: str, number: int, at: datetime
) -> None:
    connection.execute(update(adoption).where(_is_pair(project_id, organization_id)).values(stands=False))
    statement = insert(connection, tombstone).values(
        kind="adoption",
        record_id=adoption_id(project_id, organization_id),
        project_id=project_id,
        organization_id=organization_id,
        ground=ground,
        at=at,
        change=number,
    )
    replaced = {name: statement.excluded[name] for name in ("ground", "at", "change")}
    connection.execute(statement.on_conflict_do_update(index_elements=["kind", "record_id"], set_=replaced))


@contextmanager
def _counting_change(
    connection: Connection, project_id: UUID, organization_id: UUID, change: PublicChange
) -> Iterator[None]:
    """Compare what a reader sees of the pair before and after: where it differs, count a change of the project's page.
    So an unnamed adoption shows in no number, order or ETag."""
    lock_changes(connection)  # of two people who change one pair at once, the second waits
    before = _public_rows(connection, project_id, organization_id)
    helped = providers_of(connection, _is_pair(project_id, organization_id))
    yield
    adoptions.choose_counted(connection, project_id, organization_id)
    update_listing(connection, organization_id, change)
    after = _public_rows(connection, project_id, organization_id)
    if after != before:
        change.touch_adoptions([(project_id, organization_id)])
        change.touch("organization", *helped)


def update_listing(connection: Connection, organization_id: UUID, change: PublicChange) -> None:
    """In the caller's transaction: list an organization that only submissions made while something public refers to
    it, and hide it otherwise. A verified one that was listed stays so without a use, unless it still has uses that are
    not public: then it is not to be named."""
    row = connection.execute(
        select(organization.c.curated, organization.c.hidden, organization.c.peer_id).where(
            organization.c.id == organization_id
        )
    ).first()
    if row is None or row.curated or row.peer_id is not None or row.hidden not in (None, UNNAMED):
        return
    adopts = select(adoption.c.id).where(
        adoption.c.organization_id == organization_id, adoption.c.stands, adoption.c.visibility == "public"
    )
    contributes = (select(table.c.organization_id).where(table.c.organization_id == organization_id)
              for table in (maintenance, hosting))  # fmt: skip
    listed = any(connection.execute(query.limit(1)).first() for query in (adopts, *contributes))
    if not listed and row.hidden is None and has_members(connection, ORGANIZATION, organization_id):
        unnamed = select(adoption.c.id).where(adoption.c.organization_id == organization_id, adoption.c.stands)
        listed = connection.execute(unnamed.limit(1)).first() is None
    if listed != (row.hidden is None):
        values = {"hidden": None if listed else UNNAMED}
        connection.execute(update(organization).where(organization.c.id == organization_id).values(values))
        change.touch("organization", organization_id)


def _public_rows(connection: Connection, project_id: UUID, organization_id: UUID) -> list[Any]:
    rows = connection.execute(
        select(adoption.c.record, adoption.c.confirmed, adoption.c.confirmed_at)
        .where(_is_pair(project_id, organization_id), PUBLIC)
        .order_by(adoption.c.id)
    )
    return [tuple(row) for row in rows]
