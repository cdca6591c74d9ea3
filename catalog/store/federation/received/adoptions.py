"""Uses that other catalogues state, as rows of adoptions: one for each origin and pair, of which at most one counts, so
that an organization that three catalogues know counts once.

What is stated here precedes, and what was withdrawn here is shown from no other catalogue. The records of uses are rows
of `received_record`.
"""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Table, delete, or_, select, update

from catalog.document import as_record, from_record
from catalog.model import Adoption
from catalog.record_kind import ADOPTION, ORGANIZATION, PROJECT
from catalog.rules.submission import adoption_id
from catalog.rules.today import last_sign
from catalog.store.core.engine import BATCH, batches, is_among, is_among_pairs
from catalog.store.core.public_changes import PublicChange
from catalog.store.federation.peers import held
from catalog.store.federation.received.record_lookup import resolve_references
from catalog.store.federation.received.records import HIDDEN, NOWHERE, origin_of
from catalog.tables.adoptions import adoption
from catalog.tables.core import organization, project
from catalog.tables.federation import peer, received_record
from catalog.tables.submissions import tombstone

Pair = tuple[UUID, UUID]  # project, organization: rows
THEIRS = adoption.c.origin.startswith("peer:")
_POSITION = itemgetter("position")  # by the age of the peer that states it
_PAIRS = BATCH // 2  # in one statement
_TOLD: tuple[Any, ...] = tuple(
    received_record.c[name] for name in ("peer_id", "record_id", "kind", "stated", "project_id", "organization_id")
)


def renew(connection: Connection, pairs: Iterable[Pair], *, change: PublicChange) -> None:
    """In the caller's transaction: make the rows of what other catalogues tell of these pairs anew."""
    every = sorted(set(pairs), key=str)
    for start in range(0, len(every), _PAIRS):
        _renew(connection, every[start : start + _PAIRS], change)


def renew_of(connection: Connection, kind: str, keys: Iterable[UUID], *, change: PublicChange) -> None:
    """In the caller's transaction: as `renew`, for all pairs of these projects or organizations."""
    found: set[Pair] = set()
    for batch in batches(keys):
        for table in (adoption, received_record):
            told = THEIRS if table is adoption else received_record.c.kind == ADOPTION
            mine = select(table.c.project_id, table.c.organization_id).where(
                is_among(connection, table.c[f"{kind}_id"], batch), told
            )
            rows = connection.execute(mine)
            found |= {(row[0], row[1]) for row in rows if row[0] and row[1]}
    renew(connection, found, change=change)


def follow(connection: Connection, kind: str, keys: Iterable[UUID], *, change: PublicChange) -> None:
    """In the caller's transaction: what people joined, or parted, leads to another row: the records of uses that name
    these rows go with it."""
    pairs: set[Pair] = set()
    for batch in batches(keys):
        mine = received_record.c[f"{kind}_id"].in_(batch)
        columns = ("id", "peer_id", "refs", "project_id", "organization_id")
        rows = connection.execute(
            select(*(received_record.c[name] for name in columns)).where(mine, received_record.c.kind == ADOPTION)
        ).all()
        names = resolve_references(connection, [(row.peer_id, *ref) for row in rows for ref in _refs(row)])
        for row in rows:
            ends = [names.get((row.peer_id, *ref)) for ref in _refs(row)]
            if ends[0] is None or ends[1] is None:
                continue
            values = {
                "project_id": ends[0].id,
                "organization_id": ends[1].id,
                "resolved_refs": "\n".join(str(record.id) if record else NOWHERE for record in ends),
            }
            connection.execute(update(received_record).where(received_record.c.id == row.id).values(values))
            pairs |= {(row.project_id, row.organization_id), (ends[0].id, ends[1].id)}
    renew(connection, pairs, change=change)


def choose_counted(connection: Connection, project_id: UUID, organization_id: UUID) -> None:
    """In the caller's transaction: after something was said or taken back here, what others tell of the same pair
    stands only where nothing is said here."""
    pair = (project_id, organization_id)
    columns = (adoption.c[name] for name in ("id", "stands", "position"))
    found = connection.execute(select(*columns).where(_is_of_pairs(connection, adoption, [pair]), THEIRS))
    theirs = [dict(line) for line in found.mappings()]
    if not theirs:
        return
    first = None if _silent(connection, [pair]) else min(theirs, key=_POSITION)["id"]
    for line in theirs:
        if line["stands"] != (line["id"] == first):
            changed = update(adoption).where(adoption.c.id == line["id"])
            connection.execute(changed.values(stands=not line["stands"]))


def _renew(connection: Connection, pairs: list[Pair], change: PublicChange) -> None:
    gone = delete(adoption).where(_is_of_pairs(connection, adoption, pairs), THEIRS).returning(adoption.c.project_id)
    touched = set(connection.execute(gone).scalars())
    told: Any = (
        select(*_TOLD)
        .join(peer, peer.c.id == received_record.c.peer_id)
        .where(
            received_record.c.kind == ADOPTION,
            received_record.c.state != HIDDEN,
            _is_of_pairs(connection, received_record, pairs),
        )
        .order_by(peer.c.added_at, peer.c.slug, received_record.c.record_id)
    )
    rows = [row for row in connection.execute(told).all() if row.stated]
    if rows:
        names = resolve_references(
            connection,
            [(row.peer_id, ORGANIZATION, UUID(row.stated["provider"])) for row in rows if row.stated.get("provider")],
        )
        slugs = _slugs(connection, {row.organization_id for row in rows})
        here = _existing_projects(connection, {row.project_id for row in rows})
        origins = {key: origin_of(held(connection, key)) for key in {row.peer_id for row in rows}}
        made: dict[tuple[UUID, UUID, str], dict[str, Any]] = {}
        for at, row in enumerate(rows):
            key = (row.project_id, row.organization_id, origins[row.peer_id])
            if row.organization_id in slugs and row.project_id in here and key not in made:
                made[key] = _row(row, key, slugs[row.organization_id], names, at)
        if made:
            silent = _silent(connection, list({key[:2] for key in made}))
            for pair, lines in _by_pair(made.values()).items():
                if pair not in silent:
                    min(lines, key=_POSITION)["stands"] = True
            connection.execute(adoption.insert(), list(made.values()))
            touched |= {key[0] for key in made}
    if touched:
        change.touch_adoptions(pair for pair in pairs if pair[0] in touched)


def _row(
    row: Row[Any],
    key: tuple[UUID, UUID, str],
    slug: str,
    names: Mapping[tuple[UUID, str, UUID], Any],
    position: int,
) -> dict[str, Any]:
    stated = {name: value for name, value in row.stated.items() if name not in (PROJECT, "provider")}
    provider = row.stated.get("provider")
    named = names.get((row.peer_id, ORGANIZATION, UUID(provider))) if provider else None
    said: Adoption = from_record(
        Adoption, stated | {"organization": slug} | ({"provider": named.slug} if named else {})
    )
    return {
        "project_id": key[0],
        "organization_id": key[1],
        "stage": said.stage,
        "last_sign": last_sign(as_record(said)),
        "visibility": "public",
        "verification": said.verification,
        "confirmed": False,  # here: it is shown what the other catalogue says of it
        "stands": False,
        "origin": key[2],
        "position": 1000 + position,
        "record": as_record(said),
    }


def _by_pair(lines: Iterable[Mapping[str, Any]]) -> dict[Pair, list[Any]]:
    found: dict[Pair, list[Any]] = {}
    for line in lines:
        found.setdefault((line["project_id"], line["organization_id"]), []).append(line)
    return found


def _silent(connection: Connection, pairs: list[Pair]) -> set[Pair]:
    """The pairs for which no statement of another catalogue counts: one is stated here, or was withdrawn here."""
    ours = select(adoption.c.project_id, adoption.c.organization_id).where(
        _is_of_pairs(connection, adoption, pairs), ~THEIRS
    )
    said = {(row.project_id, row.organization_id) for row in connection.execute(ours)}
    return said | _taken_back(connection, [pair for pair in pairs if pair not in said])


def _taken_back(connection: Connection, pairs: list[Pair]) -> set[Pair]:
    """The pairs of which a use was taken back here, also under an identity that a record had before it was joined."""
    if not pairs:
        return set()
    spoken = select(
        received_record.c.kind, received_record.c.local_id, received_record.c.row_id, received_record.c.record_id
    ).where(or_(*(is_among(connection, received_record.c.local_id, {pair[at] for pair in pairs}) for at in (0, 1))))
    also: dict[UUID, set[UUID]] = {}
    for row in connection.execute(spoken):
        also.setdefault(row.local_id, {row.local_id}).update({row.row_id, row.record_id} - {None})
    keys = {
        adoption_id(project_id, organization_id): pair
        for pair in pairs
        for project_id in also.get(pair[0], {pair[0]})
        for organization_id in also.get(pair[1], {pair[1]})
    }
    found: set[Pair] = set()
    for batch in batches(keys):
        wanted = select(tombstone.c.record_id).where(
            tombstone.c.kind == ADOPTION, is_among(connection, tombstone.c.record_id, batch)
        )
        found |= {keys[key] for key in connection.execute(wanted).scalars()}
    return found


def _is_of_pairs(connection: Connection, table: Table, pairs: list[Pair]) -> ColumnElement[bool]:
    return is_among_pairs(connection, (table.c.project_id, table.c.organization_id), pairs)


def _slugs(connection: Connection, keys: set[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for batch in batches(keys):
        wanted = select(organization.c.id, organization.c.slug).where(is_among(connection, organization.c.id, batch))
        found |= {row.id: row.slug for row in connection.execute(wanted).all()}
    return found


def _existing_projects(connection: Connection, keys: set[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for batch in batches(keys):
        found |= set(
            connection.execute(select(project.c.id).where(is_among(connection, project.c.id, batch))).scalars()
        )
    return found


def _refs(row: Row[Any]) -> list[tuple[str, UUID]]:
    return [(kind, UUID(key)) for kind, _, key in (line.partition(":") for line in row.refs.split())]
