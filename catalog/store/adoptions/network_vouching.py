"""Match cells of a network's sheet to projects and organizations, and record which adoptions networks vouch for.

Whether a network may vouch is decided in `catalog.submissions`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, or_, select

from catalog.errors import NotFound
from catalog.rules.accepted_values import accepted_values
from catalog.rules.registrable_domain import is_confirming, registrable_domain
from catalog.store.core.engine import insert, reading
from catalog.store.core.folded import folded
from catalog.store.core.visibility import OPEN, VISIBLE_OR_UNNAMED
from catalog.tables.adoptions import network_vouch
from catalog.tables.core import former_slug, organization, project

NETWORK_CONFIRMED = "network-confirmed"
NETWORK = "network-federation"  # function of an organization whose word counts for its members
SECONDARY_COOPERATIVE = "secondary-cooperative"  # kind of one: its members are organizations


@dataclass(frozen=True)
class RecordName:
    id: UUID
    slug: str
    name: str
    hidden: bool = False  # nothing of an organization is public yet


@dataclass(frozen=True)
class VouchedAdoption:
    """An adoption that a network vouches for."""

    slug: str  # of the member
    name: str
    project_slug: str
    project_name: str
    at: datetime


class NetworkVouching:
    def __init__(self, engine: Engine):
        self._engine = engine

    def is_network(self, organization_id: UUID) -> bool:
        """Whether an organization is a network of others, as its record states."""
        with reading(self._engine) as connection:
            return is_network(connection, organization_id)

    def of_network(self, network_id: UUID, limit: int = 500) -> tuple[VouchedAdoption, ...]:
        """What a network vouches for, by name of the member; for representatives of the network only."""
        wanted = (
            select(organization.c.slug, organization.c.name, project.c.slug, project.c.name, network_vouch.c.at)
            .join_from(network_vouch, organization, organization.c.id == network_vouch.c.organization_id)
            .join(project, project.c.id == network_vouch.c.project_id)
            .where(network_vouch.c.network_id == network_id, VISIBLE_OR_UNNAMED, OPEN)
            .order_by(organization.c.folded, project.c.folded)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return tuple(VouchedAdoption(*row) for row in connection.execute(wanted))

    def member(self, network_id: UUID, slug: str) -> UUID:
        """A member that a network vouches for, by its slug, also one of which nothing is public. Raises NotFound."""
        wanted = (
            select(organization.c.id)
            .join(network_vouch, network_vouch.c.organization_id == organization.c.id)
            .where(network_vouch.c.network_id == network_id, organization.c.slug == slug, VISIBLE_OR_UNNAMED)
        )
        with reading(self._engine) as connection:
            key: UUID | None = connection.execute(wanted.limit(1)).scalar()
        if key is None:
            raise NotFound("organization", slug)
        return key


def is_network(connection: Connection, organization_id: UUID) -> bool:
    """In the caller's transaction: whether it is a network, as the document states or a moderator accepted, wherever
    its record came from.

    Its own statement does not count here: its representatives could then confirm what anybody says.
    """
    row = connection.execute(
        select(organization).where(organization.c.id == organization_id, VISIBLE_OR_UNNAMED)
    ).first()
    return row is not None and makes_network(accepted_values(row))


def makes_network(values: Mapping[str, Any]) -> bool:
    """Whether these values of an organization say that it is a network of others."""
    return values.get("kind") == SECONDARY_COOPERATIVE or values.get("function") == NETWORK


def networks_of(connection: Connection, organizations: Sequence[UUID]) -> set[str]:
    """In the caller's transaction: the networks that these organizations belong to, as others state it, and those that
    they are; as slugs and names without case and accents. That an organization names a network opens no member to it.
    """
    if not organizations:
        return set()
    mine = select(organization).where(organization.c.id.in_(organizations), VISIBLE_OR_UNNAMED)
    found = set[str]()
    for row in connection.execute(mine):
        values = accepted_values(row)
        found |= {folded(name) for name in values.get("networks") or ()}
        found |= {row.slug, row.folded} if makes_network(values) else set()
    vouching = select(network_vouch.c.network_id).where(network_vouch.c.organization_id.in_(organizations))
    others = select(organization).where(organization.c.id.in_(vouching), VISIBLE_OR_UNNAMED)
    for row in connection.execute(others):  # who confirms what an organization uses knows it for a member
        found |= {row.slug, row.folded} if makes_network(accepted_values(row)) else set()
    return found


def may_learn_of(connection: Connection, network_id: UUID, organization_id: UUID, visibility: str) -> bool:
    """In the caller's transaction: whether a network may learn of an adoption of this visibility: of a public one, or
    of one for networks where the organization names this network. Otherwise a sheet of guesses would reveal hidden
    ones."""
    if visibility != "network":
        return visibility == "public"
    wanted = select(organization.c.id, organization.c.slug, organization.c.folded, organization.c.record)
    rows = connection.execute(wanted.where(organization.c.id.in_([network_id, organization_id])))
    by_id = {row.id: row for row in rows}
    if len(by_id) < 2:
        return False
    named = {folded(name) for name in by_id[organization_id].record.get("networks") or ()}
    return bool(named & {by_id[network_id].slug, by_id[network_id].folded})


def find_projects(connection: Connection, text: str) -> tuple[RecordName, ...]:
    """In the caller's transaction: at most 3 open projects of this slug, former slug or name."""
    wanted = (
        select(project.c.id, project.c.slug, project.c.name)
        .outerjoin(former_slug, (former_slug.c.record_id == project.c.id) & (former_slug.c.kind == "project"))
        .where(
            OPEN,
            or_(
                project.c.slug == text.lower(),
                project.c.folded == folded(text),
                former_slug.c.slug == text.lower(),
            ),
        )
        .distinct()
        .order_by(project.c.slug)
        .limit(3)
    )
    return tuple(RecordName(*row) for row in connection.execute(wanted))


def find_organizations(connection: Connection, name: str, website: str, country: str) -> tuple[RecordName, ...]:
    """In the caller's transaction: at most 3 organizations of this name, also of which nothing is public; a website
    tells them apart."""
    columns = (organization.c[key] for key in ("id", "slug", "name", "homepage", "hidden"))
    wanted = select(*columns).where(organization.c.folded == folded(name), VISIBLE_OR_UNNAMED)
    if len(country) == 2:
        wanted = wanted.where(or_(organization.c.country == country.upper(), organization.c.country.is_(None)))
    rows = connection.execute(wanted.order_by(organization.c.slug).limit(20)).all()
    domain = registrable_domain(website) if website else None
    if domain and is_confirming(domain):
        same = [row for row in rows if row.homepage and registrable_domain(row.homepage) == domain]
        rows = same or [row for row in rows if not row.homepage]
    return tuple(RecordName(row.id, row.slug, row.name, row.hidden is not None) for row in rows[:3])


def add_vouch(
    connection: Connection,
    network_id: UUID,
    project_id: UUID,
    organization_id: UUID,
    person_id: UUID,
    *,
    now: datetime,
) -> None:
    """In the caller's transaction: record that a network vouches for an adoption of its member."""
    statement = insert(connection, network_vouch).values(
        network_id=network_id, project_id=project_id, organization_id=organization_id, person_id=person_id, at=now
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["network_id", "project_id", "organization_id"],
            set_={"person_id": statement.excluded.person_id, "at": statement.excluded.at},
        )
    )


def delete_vouch(connection: Connection, network_id: UUID, project_id: UUID, organization_id: UUID) -> bool:
    """In the caller's transaction: delete the vouch of a network; whether another network still vouches."""
    mine = (network_vouch.c.project_id == project_id) & (network_vouch.c.organization_id == organization_id)
    connection.execute(delete(network_vouch).where(mine, network_vouch.c.network_id == network_id))
    return connection.execute(select(network_vouch.c.network_id).where(mine)).first() is not None
