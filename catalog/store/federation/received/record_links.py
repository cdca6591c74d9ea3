"""Links each experience and call of another catalogue to our rows of what it is about. They have no rows of their own:
they are read from the records as they came, so that what a catalogue withdraws is gone with its record.

What is shown of them is read in `received.experiences` and `received.calls`.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from catalog.record_kind import CALL, EXPERIENCE, ORGANIZATION, PROJECT
from catalog.rules.peer import Peer
from catalog.store.core.engine import batches
from catalog.store.core.public_changes import PublicChange
from catalog.store.core.read_models import OrganizationCard
from catalog.store.federation.peers import held
from catalog.store.federation.received.record_lookup import resolve_references
from catalog.store.federation.received.records import NOWHERE, SHOWN, OtherCatalogue, catalogue_of
from catalog.tables.core import organization
from catalog.tables.federation import received_record

KINDS = (EXPERIENCE, CALL)
# Of a record and of the organization that it names: what `HomeCatalogues.catalogue_of` and `card_of` read.
COLUMNS = (
    *(received_record.c[name] for name in ("peer_id", "record_id", "page", "license", "updated_at", "state", "stated")),
    organization.c.id.label("organization_id"),
    organization.c.slug.label("organization_slug"),
    organization.c.name.label("organization_name"),
    organization.c.kind.label("organization_kind"),
    organization.c.country.label("organization_country"),
)


def ends(refs: str, led_to: str) -> dict[str, UUID | None]:
    """Our row for each record that one names, by kind; None where it is not here."""
    kinds = [line.partition(":")[0] for line in refs.split()]
    return {
        kind: None if row == NOWHERE else UUID(row) for kind, row in zip(kinds, led_to.split("\n"), strict=False) if row
    }


def follow(connection: Connection, kind: str, keys: Iterable[UUID], *, change: PublicChange) -> None:
    """In the caller's transaction: what people joined, or parted, leads to another row: what was told of these rows is
    told of that one."""
    for batch in batches(keys):
        mine = received_record.c[f"{kind}_id"].in_(batch)
        columns = (received_record.c.id, received_record.c.peer_id, received_record.c.refs, received_record.c.state)
        rows = connection.execute(select(*columns).where(mine, received_record.c.kind.in_(KINDS))).all()
        names = resolve_references(connection, [(row.peer_id, *ref) for row in rows for ref in _refs(row.refs)])
        for row in rows:
            found = [names.get((row.peer_id, *ref)) for ref in _refs(row.refs)]
            led_to = "\n".join(str(record.id) if record else NOWHERE for record in found)
            where = ends(row.refs, led_to)
            values = {
                "resolved_refs": led_to,
                "project_id": where.get(PROJECT),
                "organization_id": where.get(ORGANIZATION),
            }
            connection.execute(update(received_record).where(received_record.c.id == row.id).values(values))
            if row.state == SHOWN:
                change()
                change.touch(PROJECT, where.get(PROJECT))
                change.touch(ORGANIZATION, where.get(ORGANIZATION))


def card_of(row: Row[Any]) -> OrganizationCard:
    """The organization that a record names."""
    said = (row.organization_slug, row.organization_name, row.organization_kind, row.organization_country)
    return OrganizationCard(row.organization_id, *said)


class HomeCatalogues:
    """The catalogues whose records a statement found, each read once."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._known: dict[UUID, Peer] = {}

    def catalogue_of(self, row: Row[Any]) -> OtherCatalogue:
        if row.peer_id not in self._known:
            self._known[row.peer_id] = held(self._connection, row.peer_id)
        return catalogue_of(row, self._known[row.peer_id])


def _refs(refs: str) -> list[tuple[str, UUID]]:
    return [(kind, UUID(key)) for kind, _, key in (line.partition(":") for line in refs.split())]
