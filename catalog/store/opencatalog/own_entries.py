"""Our own projects, organizations and this instance as the Open Catalog API shows them. Nothing is written here.

A project is a `software` where it may be listed, is free and has a repository; an organization that leads one is a
`publisher`; the instance is the catalog that holds them. Blocked, unlisted and hidden records are left out.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, Text, cast, func, or_, select

from catalog.document import from_record
from catalog.model import Manifest
from catalog.record_kind import PROJECT
from catalog.rules.fact import PEER
from catalog.rules.open_catalog import normalized_url
from catalog.store.core.engine import get_meta
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.tables.core import fact, maintenance, mirror, organization, project
from catalog.tables.public_records import public_record
from catalog.text_rules import repository_key

LEAD = "lead"
_IS_FREE = (
    select(public_record.c.id)
    .where(public_record.c.kind == PROJECT, public_record.c.id == project.c.id)
    .where(public_record.c.card["free"].as_boolean())
    .exists()
)
# What another catalogue is home of is told by that one, and what a layer alone says stands under the layer's license.
_SAID_HERE = select(fact.c.id).where(
    fact.c.project_id == project.c.id, fact.c.until.is_(None), ~fact.c.origin.startswith(PEER)
)
_HOME = project.c.peer_id.is_(None) & or_(project.c.curated, _SAID_HERE.exists())
OWN = OPEN & _HOME & project.c.repository.is_not(None) & _IS_FREE
_LED = maintenance.c.organization_id == organization.c.id
PUBLISHING = (
    VISIBLE
    & organization.c.peer_id.is_(None)
    & select(maintenance.c.id)
    .join(project, project.c.id == maintenance.c.project_id)
    .where(_LED, maintenance.c.role == LEAD, OWN)
    .exists()
)
OWN_SOFTWARE = select(project.c.id, project.c.added_at.label("created_at")).where(OWN)
OWN_PUBLISHERS = select(organization.c.id, organization.c.added_at.label("created_at")).where(PUBLISHING)


@dataclass(frozen=True)
class SoftwareEntry:
    """`publiccode`: a file as the catalogue writes it, None until it is written or where too little is known."""

    id: UUID
    url: str
    aliases: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    publiccode: str | None = None


@dataclass(frozen=True)
class CodeEntry:
    """A repository of a publisher."""

    url: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class PublisherEntry:
    id: UUID
    description: str
    alternative_id: str
    code: tuple[CodeEntry, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class OwnCatalog:
    """This instance as a catalog: the root."""

    manifest: Manifest
    created_at: datetime
    updated_at: datetime

    @property
    def id(self) -> UUID:
        return self.manifest.id


def software(connection: Connection, ids: Collection[UUID]) -> dict[UUID, SoftwareEntry]:
    """Our projects among these, those that may be shown."""
    if not ids:
        return {}
    rows = connection.execute(
        select(
            project.c.id,
            project.c.repository,
            project.c.record["other_repositories"].label("others"),
            project.c.added_at,
            project.c.changed_at,
            mirror.c.canonical_url,
        )
        .outerjoin(mirror, mirror.c.project_id == project.c.id)
        .where(project.c.id.in_(ids), OWN)
    ).all()
    entries = {}
    for row in rows:
        url = normalized_url(row.repository)
        others = {normalized_url(other) for other in (*(row.others or ()), *filter(None, [row.canonical_url]))} - {url}
        entries[row.id] = SoftwareEntry(row.id, url, tuple(sorted(others)), row.added_at, row.changed_at)
    return entries


def publishers(connection: Connection, ids: Collection[UUID]) -> dict[UUID, PublisherEntry]:
    """Our organizations among these, those that may be shown and lead what may be."""
    if not ids:
        return {}
    led: dict[UUID, dict[str, CodeEntry]] = {}
    for row in connection.execute(
        select(maintenance.c.organization_id, project.c.repository, project.c.added_at, project.c.changed_at)
        .join(project, project.c.id == maintenance.c.project_id)
        .where(maintenance.c.organization_id.in_(ids), maintenance.c.role == LEAD, OWN)
        .order_by(project.c.slug)
    ):
        url = normalized_url(row.repository)
        led.setdefault(row.organization_id, {}).setdefault(url, CodeEntry(url, row.added_at, row.changed_at))
    rows = connection.execute(select(organization).where(organization.c.id.in_(ids), PUBLISHING))
    return {
        row.id: PublisherEntry(
            row.id,
            row.name,
            row.slug,
            tuple(code for _, code in sorted(led[row.id].items())),
            row.added_at,
            row.changed_at,
        )
        for row in rows
    }


def publisher_id(connection: Connection, key: str) -> UUID | None:
    """The organization of ours that is the publisher with this slug."""
    organization_id: UUID | None = connection.execute(
        select(organization.c.id).where(organization.c.slug == key, PUBLISHING)
    ).scalar()
    return organization_id


def home(connection: Connection) -> OwnCatalog | None:
    """This instance; None before the first load. It is as old as the first record that may be shown."""
    manifest = get_meta(connection, "manifest")
    if manifest is None:
        return None
    # Each along its index: SQLite reads all projects for a smallest and a largest value in one statement.
    first, last = (
        connection.execute(select(time).where(OPEN).order_by(order).limit(1)).scalar()
        for time, order in (
            (project.c.added_at, project.c.added_at),
            (project.c.changed_at, project.c.changed_at.desc()),
        )
    )
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return OwnCatalog(from_record(Manifest, manifest), first or start, last or start)


def projects_at(connection: Connection, url: str) -> set[UUID]:
    """The projects, shown or not, whose code is at this address, in whatever spelling; where none is, those whose
    records state it among their other addresses, which reads all records that hold the text."""
    key = repository_key(url)
    spelled = [f"{scheme}{www}{key}{end}" for scheme in ("https://", "http://") for www in ("", "www.")
               for end in ("", ".git", "/", ".git/")]  # fmt: skip
    halves = (
        select(project.c.id).where(func.lower(project.c.repository).in_(spelled)),
        select(mirror.c.project_id).where(func.lower(mirror.c.canonical_url).in_(spelled)),
    )
    if ids := {id for half in halves for id in connection.execute(half).scalars()}:
        return ids
    others = cast(project.c.record["other_repositories"], Text)
    query = select(project.c.id, project.c.record["other_repositories"].label("others"))
    rows = connection.execute(query.where(func.lower(others).contains(key, autoescape=True)))
    return {row.id for row in rows if key in map(repository_key, row.others or ())}
