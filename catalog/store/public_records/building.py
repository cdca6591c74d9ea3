"""Builds public records from all tables, of a kind and many at once."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from catalog.publication.model import BuiltRecord
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.store.core.engine import batches, reading_within
from catalog.store.public_records.organization_rows import build_organizations
from catalog.store.public_records.project_rows import build_projects
from catalog.tables.core import organization, project

BUILDERS: Mapping[str, Callable[[Connection, Sequence[UUID]], dict[UUID, BuiltRecord]]] = {
    PROJECT: build_projects,
    ORGANIZATION: build_organizations,
}
TABLES = {PROJECT: project, ORGANIZATION: organization}


def build_records(connection: Connection, kind: str, ids: Sequence[UUID]) -> dict[UUID, BuiltRecord]:
    """In the caller's transaction: those of these records that everybody may see, by id."""
    built: dict[UUID, BuiltRecord] = {}
    with reading_within(connection):
        for batch in batches(ids):
            built |= BUILDERS[kind](connection, batch)
    return built
