"""Whose record each row is, and who else states something of it: other catalogues, and imported lists, each under its
license.

Many rows are read at once, for the lists that programs get. Nothing is decided here: evidence and people did.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, select

from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.rules.fact import DECLARED, NAMING_FIELDS, PEER
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.engine import DatabasePart, is_among, reading
from catalog.store.core.read_models import AdoptionLine, OtherCatalogue, RecordOrigin
from catalog.store.federation.received.record_lookup import references_of_uses, rows_named
from catalog.store.federation.received.records import PeerStatement, statements
from catalog.tables.core import fact, project
from catalog.tables.federation import imported_list, imported_record

USERS = "/users"  # below a project's page: who uses it


class RecordOrigins(DatabasePart):
    def organizations(self, ids: Collection[UUID]) -> Mapping[UUID, RecordOrigin]:
        """The origins of those organizations among `ids` (at most BATCH) that other catalogues state."""
        if not ids:
            return {}
        with reading(self._engine) as connection:
            catalogues = _by_row(statements(connection, ORGANIZATION, ids))
        return {key: origin_told_by(others) for key, others in catalogues.items()}

    def uses(self, lines: Sequence[AdoptionLine]) -> tuple[RecordOrigin, ...]:
        """For each of these uses, in their order: the catalogue whose statement counts, and those that state it too."""
        if not lines:
            return ()
        slugs = sorted({line.project_slug for line in lines})
        catalogues: dict[tuple[str, UUID], list[OtherCatalogue]] = {}
        with reading(self._engine) as connection:
            query = select(project.c.id, project.c.slug).where(is_among(connection, project.c.slug, slugs))
            called = {row.id: row.slug for row in connection.execute(query)}
            received = [line for line in statements(connection, PROJECT, list(called)) if line.uses]
            row_of = rows_named(connection, [(line, references_of_uses(line.uses)) for line in received])
            for line in received:
                for use in line.uses:
                    if user := row_of(line, ORGANIZATION, use["organization"]):
                        catalogue = replace(line.catalogue(USERS), record_id=UUID(use["id"]))
                        catalogues.setdefault((called[line.local_id], user.id), []).append(catalogue)
        return tuple(
            _of_use(line.origin, catalogues.get((line.project_slug, line.organization.id), ())) for line in lines
        )


_LISTED = (
    select(imported_record.c.project_id, imported_list)
    .join(imported_list, imported_list.c.name == imported_record.c.layer)
    .where(among_keys(imported_record.c.project_id))
    .order_by(imported_list.c.name, imported_record.c.key)
)


def origins_of_projects(
    connection: Connection, ids: Collection[UUID], stated: Iterable[PeerStatement]
) -> dict[UUID, RecordOrigin]:
    """In the caller's transaction: the origins of those of these projects that other catalogues (`stated`: what they
    state of these) or imported lists state. A project whose name or sentence comes from an imported list belongs to
    that list."""
    catalogues = _by_row(stated)
    for key, others in _listed(connection, ids).items():
        catalogues.setdefault(key, []).extend(others)
    return {key: origin_told_by(others) for key, others in catalogues.items()}


def origin_told_by(catalogues: Sequence[OtherCatalogue]) -> RecordOrigin:
    """The origin of a record of which these catalogues tell."""
    home = next((statement for statement in catalogues if statement.home_of), None)
    return RecordOrigin(home, tuple(statement for statement in catalogues if statement is not home))


def _by_row(stated: Iterable[PeerStatement]) -> dict[UUID, list[OtherCatalogue]]:
    """The catalogues that tell of each row."""
    catalogues: dict[UUID, list[OtherCatalogue]] = {}
    for statement in stated:
        catalogues.setdefault(statement.local_id, []).append(statement.catalogue())
    return catalogues


def _listed(connection: Connection, ids: Collection[UUID]) -> dict[UUID, list[OtherCatalogue]]:
    """The imported lists that tell of these projects, by name; the first of them is home of what is not ours."""
    rows = connection.execute(_LISTED, {KEYS: ids}).all()
    lent = _lent(connection, {row.project_id for row in rows}) if rows else frozenset()
    catalogues: dict[UUID, list[OtherCatalogue]] = {}
    for row in rows:
        others = catalogues.setdefault(row.project_id, [])
        if row.name not in [statement.host for statement in others]:
            others.append(_of_list(row, home_of=row.project_id in lent and not others))
    return catalogues


def _of_list(row: Any, *, home_of: bool) -> OtherCatalogue:
    return OtherCatalogue(
        peer_id=None,
        names={},
        host=row.name,
        address=None,
        updated_at=row.read_at,
        license=row.license,
        texts_license=row.license,
        record_id=None,
        home_of=home_of,
        origin=f"{PEER}{row.name}",
    )


def _lent(connection: Connection, ids: Collection[UUID]) -> frozenset[UUID]:
    """The projects of `ids`, all stated by imported lists, whose name or sentence nobody here states."""
    bare = select(project.c.id).where(project.c.id.in_(ids), ~project.c.curated, project.c.peer_id.is_(None))
    keys = set(connection.execute(bare).scalars())
    ours = and_(fact.c.origin == DECLARED, fact.c.field.in_(NAMING_FIELDS), fact.c.until.is_(None))
    names: dict[UUID, set[str]] = {}
    for row in connection.execute(select(fact.c.project_id, fact.c.field).where(fact.c.project_id.in_(keys), ours)):
        names.setdefault(row.project_id, set()).add(row.field)
    return frozenset(key for key in keys if names.get(key, set()) != NAMING_FIELDS)


def _of_use(origin: str, catalogues: Sequence[OtherCatalogue]) -> RecordOrigin:
    """The statement that stands is the first of its origin's."""
    if not origin.startswith(PEER):
        return RecordOrigin(None, tuple(replace(statement, home_of=False) for statement in catalogues))
    home = next((statement for statement in catalogues if statement.origin == origin), None)
    return RecordOrigin(
        home, tuple(replace(statement, home_of=False) for statement in catalogues if statement is not home)
    )
