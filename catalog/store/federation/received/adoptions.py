"""Uses that other catalogues state, as rows of adoptions: one for each origin and pair, of which at most one counts, so
that an organization that three catalogues know counts once.

What is stated here precedes, and what was withdrawn here is shown from no other catalogue. They stand in the lines of
their projects.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select, update

from catalog.document import as_record, from_record
from catalog.model import Adoption
from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.rules.today import last_sign
from catalog.store.core.engine import batches, is_among
from catalog.store.core.mentions import organizations_called
from catalog.store.core.public_changes import PublicChange
from catalog.store.federation.received.record_lookup import ReferencedRecord, references_of_uses, rows_named
from catalog.store.federation.received.records import statements
from catalog.tables.adoptions import adoption
from catalog.tables.core import project
from catalog.tables.federation import received_record
from catalog.tables.submissions import tombstone

Pair = tuple[UUID, UUID]  # project, organization: rows
THEIRS = adoption.c.origin.startswith("peer:")
_POSITION = itemgetter("position")  # by the age of the peer that states it


def renew(connection: Connection, projects: Iterable[UUID], *, change: PublicChange) -> None:
    """In the caller's transaction: make the rows of what other catalogues tell of the uses of these projects anew."""
    for batch in batches(set(projects)):
        _renew(connection, batch, change)


def projects_of(connection: Connection, kind: str, keys: Iterable[UUID]) -> set[UUID]:
    """In the caller's transaction: these projects, or those that these organizations use, as other catalogues say."""
    if kind == PROJECT:
        return set(keys)
    ids: set[UUID] = set()
    for batch in batches(keys):
        query = select(adoption.c.project_id).where(is_among(connection, adoption.c.organization_id, batch), THEIRS)
        ids.update(connection.execute(query).scalars())
    return ids


def choose_counted(connection: Connection, project_id: UUID, organization_id: UUID) -> None:
    """In the caller's transaction: after something was said or taken back here, what others tell of the same pair
    stands only where nothing is said here."""
    pair = (project_id, organization_id)
    columns = (adoption.c[name] for name in ("id", "stands", "position"))
    of_pair = adoption.c.project_id == project_id, adoption.c.organization_id == organization_id
    theirs = [dict(line) for line in connection.execute(select(*columns).where(*of_pair, THEIRS)).mappings()]
    if not theirs:
        return
    first = None if _silent(connection, {pair}) else min(theirs, key=_POSITION)["id"]
    for line in theirs:
        if line["stands"] != (line["id"] == first):
            changed = update(adoption).where(adoption.c.id == line["id"])
            connection.execute(changed.values(stands=not line["stands"]))


def _renew(connection: Connection, keys: list[UUID], change: PublicChange) -> None:
    is_theirs = is_among(connection, adoption.c.project_id, keys) & THEIRS
    old = {_key(row): row for row in map(dict, connection.execute(select(adoption).where(is_theirs)).mappings())}
    new_rows = _rows(connection, keys)
    silent = _silent(connection, {key[:2] for key in new_rows})
    for pair, lines in _by_pair(new_rows.values()).items():
        min(lines, key=_POSITION)["stands"] = pair not in silent
    differ = {
        key
        for key in old.keys() | new_rows.keys()
        if key not in old
        or key not in new_rows
        or any(old[key][name] != new_rows[key].get(name) for name in new_rows[key])
    }
    rows_that_differ = [row for rows in (old, new_rows) for key, row in rows.items() if key in differ]
    change.touch(PROJECT, *(row["project_id"] for row in rows_that_differ))
    change.touch(ORGANIZATION, *(row["organization_id"] for row in rows_that_differ))
    helpers = (row["record"].get("provider") for row in rows_that_differ)
    change.touch(ORGANIZATION, *organizations_called(connection, helpers))
    for batch in batches(old[key]["id"] for key in differ & old.keys()):
        connection.execute(delete(adoption).where(adoption.c.id.in_(batch)))
    if rows := [row for key, row in new_rows.items() if key in differ]:
        connection.execute(adoption.insert(), rows)


def _rows(connection: Connection, keys: list[UUID]) -> dict[tuple[UUID, UUID, str], dict[str, Any]]:
    """The rows by project, organization and origin: of one catalogue's statements of a pair, the first."""
    lines = [line for line in statements(connection, PROJECT, keys) if line.uses]
    if not lines:
        return {}
    row_of = rows_named(connection, [(line, references_of_uses(line.uses)) for line in lines])
    here = set(connection.execute(select(project.c.id).where(is_among(connection, project.c.id, keys))).scalars())
    rows: dict[tuple[UUID, UUID, str], dict[str, Any]] = {}
    for place, line in enumerate(lines):
        for use in line.uses if line.local_id in here else ():
            user = row_of(line, ORGANIZATION, use["organization"])
            if user and (key := (line.local_id, user.id, line.origin)) not in rows:
                provider = row_of(line, ORGANIZATION, use["provider"]) if use.get("provider") else None
                rows[key] = _row(key, user, provider, use, place)
    return rows


def _row(
    key: tuple[UUID, UUID, str],
    user: ReferencedRecord,
    provider: ReferencedRecord | None,
    use: Mapping[str, Any],
    position: int,
) -> dict[str, Any]:
    values = {name: value for name, value in use.items() if name not in ("id", "provider")}
    adoption: Adoption = from_record(
        Adoption, values | {"organization": user.slug} | ({"provider": provider.slug} if provider else {})
    )
    record = as_record(adoption)
    return {
        "project_id": key[0],
        "organization_id": key[1],
        "stage": adoption.stage,
        "last_sign": last_sign(record),
        "visibility": "public",
        "verification": adoption.verification,
        "confirmed": False,  # here: it is shown what the other catalogue says of it
        "stands": False,
        "origin": key[2],
        "position": 1000 + position,
        "record": record,
    }


def _key(row: Mapping[str, Any]) -> tuple[UUID, UUID, str]:
    return row["project_id"], row["organization_id"], row["origin"]


def _by_pair(lines: Iterable[Mapping[str, Any]]) -> dict[Pair, list[Any]]:
    rows: dict[Pair, list[Any]] = {}
    for line in lines:
        rows.setdefault((line["project_id"], line["organization_id"]), []).append(line)
    return rows


def _silent(connection: Connection, pairs: set[Pair]) -> set[Pair]:
    """The pairs for which no statement of another catalogue counts: one is stated here, or was withdrawn here."""
    if not pairs:
        return set()
    of_these = is_among(connection, adoption.c.project_id, {pair[0] for pair in pairs})
    ours = select(adoption.c.project_id, adoption.c.organization_id).where(of_these, ~THEIRS)
    pairs_stated = {(row.project_id, row.organization_id) for row in connection.execute(ours)} & pairs
    return pairs_stated | _taken_back(connection, pairs - pairs_stated)


def _taken_back(connection: Connection, pairs: set[Pair]) -> set[Pair]:
    """The pairs of which a use was taken back here, also under an identity that a record had before it was joined."""
    if not pairs:
        return set()
    projects = _identities(connection, {pair[0] for pair in pairs})
    query = select(tombstone.c.project_id, tombstone.c.organization_id).where(tombstone.c.kind == ADOPTION)
    gone: set[Pair] = set()
    for batch in batches(key for keys in projects.values() for key in keys):
        rows = connection.execute(query.where(is_among(connection, tombstone.c.project_id, batch)))
        gone |= {(row.project_id, row.organization_id) for row in rows}
    if not gone:
        return set()
    users = _identities(connection, {pair[1] for pair in pairs})
    return {pair for pair in pairs if not gone.isdisjoint(product(projects[pair[0]], users[pair[1]]))}


def _identities(connection: Connection, keys: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The identities of the records that these rows show, their own among them."""
    identities = {key: {key} for key in keys}
    columns = (received_record.c[name] for name in ("local_id", "row_id", "record_id"))
    query = select(*columns)
    for batch in batches(identities):
        for row in connection.execute(query.where(is_among(connection, received_record.c.local_id, batch))):
            identities[row.local_id] |= {row.row_id, row.record_id} - {None}
    return identities
