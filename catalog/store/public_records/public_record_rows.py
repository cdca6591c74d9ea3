"""Public records as pages, lists and programs read them: one row each, whatever tables it was made of.

A row of an older shape, or a record without a row, is built on reading; `upkeep` writes it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from catalog.errors import OptedOut, Removed
from catalog.publication.body import Record, record_of, unpacked
from catalog.publication.cards import card_as_json, card_of, organization_card_of
from catalog.publication.model import VERSION, PublicOrganization, PublicProject, PublicRecord
from catalog.publication.projects import OF_VISITS
from catalog.record_kind import ORGANIZATION, PROJECT
from catalog.store.core.among import KEYS, among_keys
from catalog.store.core.engine import DatabasePart, is_among, reading
from catalog.store.core.read_models import Card, ConfirmedReach, OrganizationCard
from catalog.store.projects.slugs import GONE, missing_slug_error
from catalog.store.public_records.building import TABLES, build_records
from catalog.tables.adoptions import unnamed_adopters
from catalog.tables.core import mirror, project, takedown
from catalog.tables.public_records import public_record

_ROW = (public_record.c.change, public_record.c.version, public_record.c.body)
_VISIT = tuple(mirror.c[name] for name in OF_VISITS)
# Beside the record: what each visit writes, and the step of uses that are not named; no change is counted of either.
_BESIDE = (
    select(*_VISIT, unnamed_adopters.c.least)
    .outerjoin_from(project, mirror, mirror.c.project_id == project.c.id)
    .outerjoin(unnamed_adopters, unnamed_adopters.c.project_id == project.c.id)
    .where(project.c.id == bindparam("of"))
)
_PROJECT = (
    select(*_ROW, *_VISIT, unnamed_adopters.c.least)
    .outerjoin_from(public_record, mirror, mirror.c.project_id == public_record.c.id)
    .outerjoin(unnamed_adopters, unnamed_adopters.c.project_id == public_record.c.id)
    .where(public_record.c.kind == PROJECT, public_record.c.slug == bindparam("wanted"))
)
_ORGANIZATION = select(*_ROW).where(public_record.c.kind == ORGANIZATION, public_record.c.slug == bindparam("wanted"))
CARD_ROW = (public_record.c.id, public_record.c.version, public_record.c.card)
_CARDS = select(*CARD_ROW).where(public_record.c.kind == bindparam("of"), among_keys(public_record.c.id))
_CARDS_BY_SLUG = select(*CARD_ROW).where(public_record.c.kind == PROJECT, among_keys(public_record.c.slug))
_CARD = select(public_record.c.version, public_record.c.card).where(
    public_record.c.kind == PROJECT, public_record.c.slug == bindparam("wanted")
)


class PublicRecords(DatabasePart):
    def project(self, slug: str) -> PublicProject:
        """A project as everybody may see it.

        Raises NotFound, Moved for a former slug, Removed for a blocked project; OptedOut where nothing of it is shown.
        """
        public_record = self.source(slug)
        if public_record.opted_out and public_record.mirror and public_record.mirror.state == GONE:
            raise OptedOut(PROJECT, slug, public_record.opted_out.at, gone=True)
        return public_record

    def source(self, slug: str) -> PublicProject:
        """As `project`, for the pages of the code, which stay even when the origin is gone. Raises NotFound, Moved,
        Removed."""
        with reading(self._engine) as connection:
            return read_project(connection, slug)

    def organization(self, slug: str) -> PublicOrganization:
        """An organization as everybody may see it. Raises NotFound, also for one that withdrew itself; Moved, Removed
        for one that moderators hid."""
        with reading(self._engine) as connection:
            return read_organization(connection, slug)

    def cards(self, ids: Sequence[UUID], quoted: bool = False) -> tuple[Card, ...]:
        """The cards of these projects, in this order; those that are gone, blocked or not listed are left out.
        `quoted`: with the texts that search results quote."""
        with reading(self._engine) as connection:
            return cards(connection, ids, quoted)

    def reach(self, slug: str) -> ConfirmedReach:
        """The numbers on a project's badge. Raises NotFound, Moved, Removed, OptedOut."""
        with reading(self._engine) as connection:
            row = connection.execute(_CARD, {"wanted": slug}).first()
            card = row.card if row is not None and row.version == VERSION else None
            if not card:
                card = card_as_json(read_listed_project(connection, slug))
        cards = card_of(card, quoted=False)
        return ConfirmedReach(cards.slug, cards.name, cards.confirmed_uses, cards.countries, cards.context_only)


def read_project(connection: Connection, slug: str) -> PublicProject:
    """In the caller's transaction: as `PublicRecords.source`."""
    row = connection.execute(_PROJECT, {"wanted": slug}).first()
    if row is not None and row.version == VERSION:
        project = record_of(PublicProject, unpacked(row.body), row.change)
    else:
        project = _built(connection, PROJECT, slug)
        row = connection.execute(_BESIDE, {"of": project.id}).one()
    uses = replace(project.uses, unnamed=row.least) if row.least is not None else project.uses
    visit = {name: getattr(row, name) for name in OF_VISITS}
    return replace(project, uses=uses, mirror=project.mirror and replace(project.mirror, **visit))


def read_listed_project(connection: Connection, slug: str) -> PublicProject:
    """As `read_project`; raises OptedOut for one whose makers asked not to be listed."""
    project = read_project(connection, slug)
    if project.opted_out is not None:
        gone = project.mirror is not None and project.mirror.state == GONE
        raise OptedOut(PROJECT, slug, project.opted_out.at, gone)
    return project


def read_organization(connection: Connection, slug: str) -> PublicOrganization:
    """In the caller's transaction: as `PublicRecords.organization`."""
    row = connection.execute(_ORGANIZATION, {"wanted": slug}).first()
    if row is not None and row.version == VERSION:
        return record_of(PublicOrganization, unpacked(row.body), row.change)
    built: PublicOrganization = _built(connection, ORGANIZATION, slug)
    return built


def projects(connection: Connection, ids: Sequence[UUID], only: Collection[str]) -> tuple[PublicProject, ...]:
    """In the caller's transaction: those of these projects that have a record, by slug, with these of its fields;
    without what visits write."""
    return tuple(_records(connection, PublicProject, PROJECT, ids, only))


def organizations(connection: Connection, ids: Sequence[UUID], only: Collection[str]) -> tuple[PublicOrganization, ...]:
    """In the caller's transaction: those of these organizations that have a record, by slug, with these of its
    fields."""
    return tuple(_records(connection, PublicOrganization, ORGANIZATION, ids, only))


def _records(
    connection: Connection, shape: type[Record], kind: str, ids: Sequence[UUID], only: Collection[str]
) -> list[Record]:
    query = select(public_record.c.id, *_ROW).where(
        public_record.c.kind == kind, is_among(connection, public_record.c.id, ids)
    )
    rows = connection.execute(query).all()
    old = {row.id: row.change for row in rows if row.version != VERSION}
    built = build_records(connection, kind, list(old)) if old else {}
    records: list[Any] = [replace(record.record, change=old[key]) for key, record in built.items()]
    records += [record_of(shape, unpacked(row.body), row.change, only) for row in rows if row.version == VERSION]
    return sorted(records, key=lambda record: str(record.slug))


def cards(connection: Connection, ids: Sequence[UUID], quoted: bool = False) -> tuple[Card, ...]:
    """In the caller's transaction: as `PublicRecords.cards`."""
    cards_by_id = _cards_by_id(connection, PROJECT, ids)
    return tuple(card_of(cards_by_id[key], quoted=quoted) for key in ids if cards_by_id.get(key))


def cards_by_slug(connection: Connection, slugs: Collection[str], quoted: bool = False) -> dict[str, Card]:
    """In the caller's transaction: the cards of those of these projects that are shown, by slug, in that order."""
    if not slugs:
        return {}
    rows = connection.execute(_CARDS_BY_SLUG, {KEYS: sorted(slugs)}).all()
    cards = [card_of(card, quoted=quoted) for card in card_values(connection, PROJECT, rows).values() if card]
    return {card.slug: card for card in sorted(cards, key=lambda card: card.slug)}


def organization_cards(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, OrganizationCard]:
    """In the caller's transaction: the cards of those of these organizations that are shown."""
    return {key: organization_card_of(card) for key, card in _cards_by_id(connection, ORGANIZATION, ids).items()}


def _cards_by_id(connection: Connection, kind: str, ids: Sequence[UUID]) -> dict[UUID, Any]:
    if not ids:
        return {}
    return card_values(connection, kind, connection.execute(_CARDS, {"of": kind, KEYS: ids}).all())


def card_values(connection: Connection, kind: str, rows: Sequence[Any]) -> dict[UUID, Any]:
    """In the caller's transaction: what is stored of the cards of rows of CARD_ROW, by id."""
    old = [row.id for row in rows if row.version != VERSION]
    built = build_records(connection, kind, old) if old else {}
    return {row.id: row.card for row in rows if row.version == VERSION} | {
        key: card_as_json(record.record) for key, record in built.items()
    }


def _built(connection: Connection, kind: str, slug: str) -> Any:
    """The record as it is built now. Raises NotFound, Moved, Removed."""
    table = TABLES[kind]
    key = connection.execute(select(table.c.id, table.c.change).where(table.c.slug == slug)).first()
    record: PublicRecord | None = None
    if key is not None:
        built = build_records(connection, kind, [key.id]).get(key.id)
        record = replace(built.record, change=key.change) if built else None
    if record is None:
        if kind == PROJECT and key is not None:
            reason = connection.execute(select(takedown.c.reason).where(takedown.c.project_id == key.id)).scalar()
            raise Removed(kind, slug, reason or "")
        raise missing_slug_error(connection, kind, slug)
    return record
