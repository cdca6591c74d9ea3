"""Offers of help: which organization installs, hosts, develops or teaches which program, where, and on which terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, literal, null, select

from catalog.document import from_record
from catalog.model import HELPER_ROLES, Maintenance
from catalog.store.contributors.contributor_rows import HOST
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.read_models import OrganizationCard
from catalog.store.core.visibility import NAME_COLUMNS, OPEN, VISIBLE
from catalog.tables.core import hosting, maintenance, organization, project


@dataclass(frozen=True)
class HelpOffer:
    """What an organization does for those who use a project. `stated_at`: when it was said here last; None where the
    document or another catalogue says it."""

    organization: OrganizationCard
    project_slug: str
    project_name: str
    role: str
    countries: tuple[str, ...] = ()
    online: bool = False
    languages: tuple[str, ...] = ()
    terms: Mapping[str, str] = field(default_factory=dict)
    stated_at: datetime | None = None

    @property
    def places(self) -> tuple[str, ...]:
        """The countries where it helps, as it says, else the one where it is."""
        return self.countries or ((self.organization.country,) if self.organization.country else ())


@dataclass(frozen=True)
class HelpLine:
    """Kinds of help that an organization gives on the same terms with the same projects, which `offers` name."""

    roles: tuple[str, ...]
    offers: Sequence[HelpOffer]


@dataclass(frozen=True)
class HelpingOrganization:
    organization: OrganizationCard
    lines: Sequence[HelpLine]


class HelpOffers:
    def __init__(self, engine: Engine):
        self._once = QueryCache(engine)

    def all(self) -> tuple[HelpOffer, ...]:
        """All offers that everybody may see, of projects that are free, by name of the organization, then of the
        project."""
        return self._once("help offers", _select_offers)

    def who_help_with(self, slug: str) -> list[HelpingOrganization]:
        """Who offers help with a project."""
        return by_organization([offer for offer in self.all() if offer.project_slug == slug])


def by_organization(offers: Sequence[HelpOffer]) -> list[HelpingOrganization]:
    """Those who offer, in the order of their first offer."""
    of_each: dict[str, dict[Any, dict[str, list[HelpOffer]]]] = {}
    for offer in offers:
        terms = (offer.countries, offer.online, offer.languages, tuple(offer.terms.items()), offer.stated_at)
        by_role = of_each.setdefault(offer.organization.slug, {}).setdefault(terms, {})
        by_role.setdefault(offer.role, []).append(offer)
    helping = []
    for by_terms in of_each.values():
        lines = [line for by_role in by_terms.values() for line in _lines(by_role)]
        helping.append(HelpingOrganization(lines[0].offers[0].organization, lines))
    return helping


def _lines(by_role: Mapping[str, Sequence[HelpOffer]]) -> list[HelpLine]:
    roles_by_projects: dict[tuple[str, ...], list[str]] = {}
    for role, offers in by_role.items():
        roles_by_projects.setdefault(tuple(offer.project_slug for offer in offers), []).append(role)
    return [HelpLine(tuple(roles), by_role[roles[0]]) for roles in roles_by_projects.values()]


def _select_offers(connection: Connection) -> tuple[HelpOffer, ...]:
    names = (*NAME_COLUMNS, organization.c.folded, project.c.folded.label("project_folded"))
    shown = (OPEN, VISIBLE, project.c.context_only.is_(False))
    stated = (
        select(maintenance.c.role, maintenance.c.record, maintenance.c.stated_at, *names)
        .join_from(maintenance, organization, organization.c.id == maintenance.c.organization_id)
        .join(project, project.c.id == maintenance.c.project_id)
        .where(*shown, maintenance.c.role.in_(HELPER_ROLES))
    )
    hosted = (
        select(literal(HOST).label("role"), null().label("record"), null().label("stated_at"), *names)
        .join_from(hosting, organization, organization.c.id == hosting.c.organization_id)
        .join(project, project.c.id == hosting.c.project_id)
        .where(*shown)
    )
    offers: dict[tuple[str, str, str], HelpOffer] = {}
    for row in (*connection.execute(stated), *connection.execute(hosted)):
        offers.setdefault((row.folded, row.project_folded, f"{row.slug} {row.project_slug} {row.role}"), _offer(row))
    return tuple(offers[key] for key in sorted(offers))


def _offer(row: Row[Any]) -> HelpOffer:
    said = from_record(Maintenance, row.record) if row.record else Maintenance(row.role)
    return HelpOffer(
        OrganizationCard(row.id, row.slug, row.name, row.kind, row.country),
        row.project_slug,
        row.project_name,
        row.role,
        said.countries,
        said.online,
        said.languages,
        said.terms,
        row.stated_at,
    )
