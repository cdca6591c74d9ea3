"""Bundles of software as the Open Catalog API lists them. Which software may be shown is decided in
`catalog.store.opencatalog.software`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from catalog.errors import AlreadyExists, Invalid
from catalog.rules.open_catalog import BUNDLES, SOFTWARE
from catalog.store.opencatalog.records import PostedRecords, columns_of
from catalog.store.opencatalog.software import shown_ids
from catalog.tables.opencatalog import posted_bundle


@dataclass(frozen=True)
class BundleValues:
    name: str
    description: str | None
    software_ids: tuple[UUID, ...]
    active: bool


@dataclass(frozen=True)
class Bundle(BundleValues):
    id: UUID
    created_at: datetime
    updated_at: datetime


class PostedBundles(PostedRecords[BundleValues, Bundle]):
    """Bundles name software. What may not be shown, or is gone, is left out as it is read: none may be left.

    A bundle without software is renamed and filled like any other. Software that is hidden for a while stays in the
    row, so that it comes back with its project.
    """

    noun, kind, table, unique = "Bundle", BUNDLES, posted_bundle, "name"

    def _read(self, connection: Connection, rows: Iterable[Any]) -> Iterable[Bundle]:
        bundles = [
            Bundle(**columns_of(row, Bundle) | {"software_ids": tuple(map(UUID, row.software_ids))}) for row in rows
        ]
        named = sorted({id for bundle in bundles for id in bundle.software_ids}, key=str)
        shown = shown_ids(connection, named)
        return [
            replace(bundle, software_ids=tuple(id for id in bundle.software_ids if id in shown)) for bundle in bundles
        ]

    def _demand_free(self, connection: Connection, values: BundleValues, mine: UUID | None) -> None:
        same = select(posted_bundle.c.id).where(posted_bundle.c.name == values.name)
        if connection.execute(same.where(posted_bundle.c.id.is_distinct_from(mine))).first():
            raise AlreadyExists("name", "")
        missing = set(values.software_ids) - shown_ids(connection, values.software_ids)
        if missing:
            raise Invalid({"softwareIds": f"There is no {SOFTWARE} {min(map(str, missing))}."})

    def _columns(self, values: BundleValues, before: Bundle | None = None) -> Mapping[str, Any]:
        columns = {"name": values.name, "description": values.description, "active": values.active}
        if before is not None and values.software_ids == before.software_ids:
            return columns  # what was left out as it was shown stays too
        return columns | {"software_ids": [str(id) for id in dict.fromkeys(values.software_ids)]}
