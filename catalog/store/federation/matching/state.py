"""Reads what must be known to decide which row each record of another catalogue belongs to, and writes what was
decided.

`catalog.federation` decides; `matching.rows` and `received.adoptions` make the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, bindparam, func, null, select, update

from catalog.record_kind import PROJECT
from catalog.store.core.engine import BATCH
from catalog.store.federation.received.record_lookup import TABLES as _TABLES
from catalog.store.federation.received.record_lookup import resolve_references
from catalog.store.federation.received.records import NOWHERE
from catalog.store.projects.merged_slugs import merged_into
from catalog.tables.core import mirror, organization, project
from catalog.tables.federation import peer, received_record

_COLUMNS = (
    *("id", "peer_id", "kind", "record_id", "refs", "resolved_refs", "state"),
    *("row_id", "local_id", "project_id", "organization_id", "due"),
)
# Of a use or of words only whether they can be shown: which rows they are of is said by their references.
_IS_STATED = received_record.c.stated.is_not(null()).label("stated")


@dataclass(frozen=True)
class KnownRecord:
    """The values by which one of our rows is compared."""

    id: UUID
    name: str
    homepage: str | None
    country: str | None
    repositories: tuple[str, ...]  # as stated, and where redirects led
    others: tuple[str, ...]
    identifiers: Mapping[str, str]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class RecordPlacement:
    """Where a record of number `id` belongs now; `resolved_refs`: what its references lead to."""

    id: int
    row_id: UUID | None
    local_id: UUID | None
    state: str
    resolved_refs: str
    project_id: UUID | None = None
    organization_id: UUID | None = None


def count_due(connection: Connection) -> int:
    """In the caller's transaction: of how many records the rows are not made yet."""
    return int(
        connection.execute(select(func.count()).select_from(received_record).where(received_record.c.due)).scalar_one()
    )


def rows(connection: Connection, kind: str) -> list[KnownRecord]:
    """In the caller's transaction: all rows of ours, shown or not: what is hidden here must not come back by another
    way."""
    table = _TABLES[kind]
    which = table.c.peer_id.is_(None)
    if kind == PROJECT:
        record = project.c.record
        wanted = (
            select(
                *(table.c.id, table.c.name, project.c.repository, mirror.c.canonical_url),
                record["homepage"].as_string().label("homepage"),
                record["other_repositories"].as_json().label("others"),
                record["sources"].as_json().label("sources"),
            )
            .outerjoin(mirror, mirror.c.project_id == project.c.id)
            .where(which)
        )
        return [
            KnownRecord(
                *(row.id, row.name, row.homepage, None),
                repositories=tuple(url for url in (row.repository, row.canonical_url) if url),
                others=tuple(row.others or ()),
                identifiers={},
                sources=tuple(row.sources or ()),
            )
            for row in connection.execute(wanted)
        ]
    columns = (organization.c[name] for name in ("id", "name", "homepage", "country"))
    wanted = select(*columns, organization.c.record["identifiers"].as_json().label("identifiers"))
    return [
        KnownRecord(row.id, row.name, row.homepage, row.country, (), (), row.identifiers or {}, ())
        for row in connection.execute(wanted.where(which))
    ]


def records(connection: Connection, kind: str) -> list[Row[Any]]:
    """In the caller's transaction: all foreign records of a kind, by the order in which their catalogues were added.
    `stated`: of a project or an organization all of it, of others whether there is any."""
    stated: Any = received_record.c.stated if kind in _TABLES else _IS_STATED
    wanted: Any = (
        select(*(received_record.c[name] for name in _COLUMNS), stated)
        .join(peer, peer.c.id == received_record.c.peer_id)
        .where(received_record.c.kind == kind)
        .order_by(peer.c.added_at, peer.c.slug, received_record.c.record_id)
    )
    return list(connection.execute(wanted).all())


def merged_rows(connection: Connection, kind: str) -> dict[UUID, UUID]:
    """In the caller's transaction: the rows that people joined away, and what stands for each."""
    return merged_into(connection, kind)


def leads(connection: Connection, every: Sequence[Row[Any]]) -> dict[int, str]:
    """In the caller's transaction: what the references of each record lead to here, by its number, a line each."""
    named = {(row.peer_id, line) for row in every for line in row.refs.split()}  # many name the same
    refs = {(peer_id, line): (peer_id, *_ref(line)) for peer_id, line in named}
    found = resolve_references(connection, refs.values())
    led = {key: str(found[ref].id) if ref in found else NOWHERE for key, ref in refs.items()}
    return {row.id: "\n".join(led[row.peer_id, line] for line in row.refs.split()) for row in every}


def settled(connection: Connection, every: Iterable[RecordPlacement]) -> None:
    """In the caller's transaction: note where these records belong, and that nothing of them is due."""
    names = ("row_id", "local_id", "state", "resolved_refs", "project_id", "organization_id")
    values = {name: bindparam(f"new_{name}", type_=received_record.c[name].type) for name in names}
    statement = (
        update(received_record).where(received_record.c.id == bindparam("number")).values(values | {"due": False})
    )
    rows_ = [{"number": settled.id} | {f"new_{name}": getattr(settled, name) for name in names} for settled in every]
    for start in range(0, len(rows_), BATCH):
        connection.execute(statement, rows_[start : start + BATCH])


def again(connection: Connection, peer_id: UUID, kind: str) -> None:
    """In the caller's transaction: the rows of a catalogue's records of this kind are to be made anew."""
    connection.execute(
        update(received_record)
        .where(received_record.c.peer_id == peer_id, received_record.c.kind == kind)
        .values(due=True)
    )


def _ref(line: str) -> tuple[str, UUID]:
    kind, _, key = line.partition(":")
    return kind, UUID(key)
