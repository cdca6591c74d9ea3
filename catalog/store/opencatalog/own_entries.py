"""Our own projects, organizations and this instance as the Open Catalog API shows them. Nothing is written here.

A project is a `software` where it may be listed, is free and has a repository; an organization that leads one is a
`publisher`; the instance is the catalog that holds them. Blocked, unlisted and hidden records are left out, and the
address of such a project cannot be posted by anybody else.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Text, cast, func, literal, or_, select

from catalog.document import from_record
from catalog.model import Manifest
from catalog.rules.fact import PEER
from catalog.rules.open_catalog import normalized_url
from catalog.store.core.engine import get_meta
from catalog.store.core.render_cache import PUBLICCODE
from catalog.store.core.visibility import (
    CLOSED,
    CONFIRMED_COUNTRIES,
    OPEN,
    PRESENT,
    PRESENT_SORTS,
    PUBLIC,
    VISIBLE,
    count_of_sort,
)
from catalog.tables.adoptions import adoption
from catalog.tables.core import fact, maintenance, mirror, organization, project, rendering
from catalog.text_rules import repository_key

LEAD = "lead"
# Looked up for each project: PostgreSQL would read all mirrors first, even for a single one.
_IS_FREE = (
    select(mirror.c.project_id)
    .where(mirror.c.project_id == project.c.id, or_(mirror.c.free, mirror.c.decided))
    .correlate(project)
    .exists()
)
# What another catalogue is home of is told by that one, and what a layer alone says stands under the layer's license.
_SAID_HERE = select(fact.c.id).where(
    fact.c.project_id == project.c.id, fact.c.until.is_(None), fact.c.public, ~fact.c.origin.startswith(PEER)
)
_HOME = project.c.peer_id.is_(None) & or_(project.c.curated, _SAID_HERE.exists())
OWN = (
    OPEN
    & _HOME
    & project.c.context_only.is_(False)
    & project.c.repository.is_not(None)
    & or_(project.c.license.is_not(None), _IS_FREE)
)
_KNOWN = or_(_HOME, project.c.id.in_(CLOSED))
_LED = maintenance.c.organization_id == organization.c.id
PUBLISHING = (
    VISIBLE
    & organization.c.peer_id.is_(None)
    & select(maintenance.c.id)
    .join(project, project.c.id == maintenance.c.project_id)
    .where(_LED, maintenance.c.role == LEAD, OWN)
    .exists()
)
OWN_SOFTWARE = select(project.c.id, project.c.added_at.label("created_at"), literal(True).label("own")).where(OWN)
OWN_PUBLISHERS = select(
    organization.c.id, organization.c.added_at.label("created_at"), literal(True).label("own")
).where(PUBLISHING)


@dataclass(frozen=True)
class Software:
    """`publiccode` is the file as it is, `shown` the same without persons; None: there is none, or it cannot be told
    from persons. `own`: a project of ours, which nobody changes here."""

    id: UUID
    url: str
    aliases: tuple[str, ...]
    publiccode: str | None
    shown: str | None
    vitality: str | None
    active: bool
    catalog_id: UUID | None
    created_at: datetime
    updated_at: datetime
    own: bool = False


@dataclass(frozen=True)
class Code:
    """Where a publisher keeps code: one repository, or a group of them."""

    url: str
    group: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Publisher:
    id: UUID
    description: str
    email: str | None
    alternative_id: str | None
    code: tuple[Code, ...]
    active: bool
    catalog_id: UUID | None
    created_at: datetime
    updated_at: datetime
    own: bool = False


@dataclass(frozen=True)
class OwnCatalog:
    """This instance as a catalog: the root."""

    manifest: Manifest
    created_at: datetime
    updated_at: datetime

    @property
    def id(self) -> UUID:
        return self.manifest.id


def software(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Software]:
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
            mirror.c.observation["publiccode"].label("file"),
        )
        .outerjoin(mirror, mirror.c.project_id == project.c.id)
        .where(project.c.id.in_(ids), OWN)
    ).all()
    texts = _texts(connection, {row.file["oid"] for row in rows if row.file})
    found = {}
    for row in rows:
        url = normalized_url(row.repository)
        others = {normalized_url(other) for other in (*(row.others or ()), *filter(None, [row.canonical_url]))} - {url}
        text = texts.get(row.file["oid"]) if row.file else None
        given = (tuple(sorted(others)), text, text, None, True, None, row.added_at, row.changed_at, True)
        found[row.id] = Software(row.id, url, *given)
    return found


def _texts(connection: Connection, oids: Collection[str]) -> dict[str, str | None]:
    wanted = select(rendering.c.object_id, rendering.c.html)
    kept = wanted.where(rendering.c.object_id.in_(oids), rendering.c.renderer == PUBLICCODE)
    return {row.object_id: row.html for row in connection.execute(kept)} if oids else {}


def publishers(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Publisher]:
    """Our organizations among these, those that may be shown and lead what may be."""
    if not ids:
        return {}
    led: dict[UUID, dict[str, Code]] = {}
    for row in connection.execute(
        select(maintenance.c.organization_id, project.c.repository, project.c.added_at, project.c.changed_at)
        .join(project, project.c.id == maintenance.c.project_id)
        .where(maintenance.c.organization_id.in_(ids), maintenance.c.role == LEAD, OWN)
        .order_by(project.c.slug)
    ):
        url = normalized_url(row.repository)
        led.setdefault(row.organization_id, {}).setdefault(url, Code(url, False, row.added_at, row.changed_at))
    rows = connection.execute(select(organization).where(organization.c.id.in_(ids), PUBLISHING))
    return {
        row.id: Publisher(
            row.id, row.name, None, row.slug, tuple(code for _, code in sorted(led[row.id].items())), True, None,
            row.added_at, row.changed_at, True,
        )
        for row in rows
    }  # fmt: skip


def publisher_id(connection: Connection, key: str) -> UUID | None:
    """The organization of ours that is the publisher with this slug."""
    found: UUID | None = connection.execute(
        select(organization.c.id).where(organization.c.slug == key, PUBLISHING)
    ).scalar()
    return found


def is_publisher_name(connection: Connection, name: str) -> bool:
    """Whether a publisher of ours has this very name."""
    return (
        connection.execute(select(organization.c.id).where(organization.c.name == name, PUBLISHING)).first() is not None
    )


def home(connection: Connection) -> OwnCatalog | None:
    """This instance; None before the first load. It is as old as the first record that may be shown."""
    kept = get_meta(connection, "manifest")
    if kept is None:
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
    return OwnCatalog(from_record(Manifest, kept), first or start, last or start)


def projects_at(connection: Connection, keys: Iterable[str], *, aliases: bool = False) -> dict[str, UUID]:
    """The projects of ours, shown or not, whose code is at addresses with these `repository_key`s.

    What another catalogue is home of, or a layer alone tells of, counts where it is not to be shown.

    `aliases`: also by the other addresses that their records state, which reads all records that hold the text.
    """
    wanted = set(keys)
    if not wanted:
        return {}
    spelled = [f"{scheme}{www}{key}{end}" for key in wanted for scheme in ("https://", "http://")
               for www in ("", "www.") for end in ("", ".git", "/", ".git/")]  # fmt: skip
    halves = (
        select(project.c.id, project.c.repository).where(func.lower(project.c.repository).in_(spelled), _KNOWN),
        select(project.c.id, mirror.c.canonical_url)
        .join(mirror, mirror.c.project_id == project.c.id)
        .where(func.lower(mirror.c.canonical_url).in_(spelled), _KNOWN),
    )
    found: dict[str, UUID] = {}
    for half in halves:
        for id, url in connection.execute(half):
            found.setdefault(repository_key(url), id)
    for key in wanted - found.keys() if aliases else ():
        others = cast(project.c.record["other_repositories"], Text)
        held = select(project.c.id, project.c.record["other_repositories"].label("others"))
        for row in connection.execute(held.where(func.lower(others).contains(key, autoescape=True), _KNOWN)):
            if key in {repository_key(other) for other in row.others or ()}:
                found.setdefault(key, row.id)
    return found


def adoption_counts(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """What everybody may know of the uses of projects: how many of each sort, and in how many countries they are
    confirmed."""
    rows = connection.execute(
        select(
            adoption.c.project_id,
            *(count_of_sort(sort).label(name) for name, sort in PRESENT_SORTS),
            CONFIRMED_COUNTRIES.label("countries"),
        )
        .select_from(adoption)
        .join(organization, organization.c.id == adoption.c.organization_id)
        .where(PUBLIC, PRESENT, ~adoption.c.origin.startswith(PEER), adoption.c.project_id.in_(ids))
        .group_by(adoption.c.project_id)
    )
    none = {"usedBy": {name: 0 for name, _ in PRESENT_SORTS}, "countries": 0}
    found = {
        row.project_id: {"usedBy": {name: getattr(row, name) for name, _ in PRESENT_SORTS}, "countries": row.countries}
        for row in rows
    }
    return {id: found.get(id, none) for id in ids}


def listed(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """The projects of `ids` that are listed as `software`."""
    return set(connection.execute(select(project.c.id).where(project.c.id.in_(ids), OWN)).scalars())
