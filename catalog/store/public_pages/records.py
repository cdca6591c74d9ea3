"""Read models for the pages of records, for feeds and the API, each in a fixed number of queries.

Only adoptions that may be shown are read (decision 067, rule 3): every query of adoptions uses `visibility.PUBLIC`.
Hidden organizations are on no page: every query of organizations uses `visibility.VISIBLE`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, func, select

from catalog.document import from_record
from catalog.errors import Moved, NotFound
from catalog.model import Collection
from catalog.store.adoptions import by_organization
from catalog.store.adoptions.by_project import (
    first_uses,
    provider_slugs,
    stop_reasons,
    uses_of_page,
)
from catalog.store.core.engine import is_among, reading
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.read_models import (
    AdoptionLine,
    Card,
    CollectionPage,
    OrganizationCard,
    OrganizationMaintenance,
    OrganizationUses,
    PreferredOrganizations,
    UsersPage,
)
from catalog.store.core.visibility import (
    IS_CONFIRMED,
    OPEN,
    PUBLIC,
    STOPPED,
    VISIBLE,
    adoption_line,
    organizations_by_slug,
)
from catalog.store.documents import collections
from catalog.store.organizations.search import (
    KindsAndCountries,
    OrganizationFacets,
    OrganizationFilter,
    best_known_first,
)
from catalog.store.projects.slugs import open_project, present_slugs
from catalog.store.public_records.public_record_rows import (
    cards,
    cards_by_slug,
    organization_cards,
    read_listed_project,
    read_organization,
)
from catalog.tables.adoptions import adoption
from catalog.tables.core import collection, organization, project, project_term

# Of how many times as many projects as are wanted the record is read, at first: few of them ended or stopped.
READ_TIMES = 4
EVERY_ORGANIZATION = OrganizationFilter()


class RecordPages:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = QueryCache(engine)

    def users(
        self, slug: str, page: int = 1, per_page: int = 50, like: PreferredOrganizations | None = None
    ) -> UsersPage:
        """One page of a project's adoptions: confirmed ones first, within each sort those of `like` first. Raises
        NotFound, Moved, Removed."""
        with reading(self._engine) as connection:
            project = read_listed_project(connection, slug)
            lines = uses_of_page(connection, project.id, page, per_page, like)
        return UsersPage(project.slug, project.name, lines, project.uses)

    def first_adoptions(self, project_id: UUID, like: PreferredOrganizations) -> tuple[AdoptionLine, ...]:
        """The first few adoptions of each sort, those of `like` first."""
        with reading(self._engine) as connection:
            rows = first_uses(connection, project_id, like)
            cards = organizations_by_slug(connection, provider_slugs(rows))
        return tuple(adoption_line(row, cards) for row in rows)

    def stop_reasons(self, project_id: UUID) -> tuple[tuple[str, int], ...]:
        """Why public uses of a project ended, and how many organizations gave each reason; the most first."""
        with reading(self._engine) as connection:
            return stop_reasons(connection, project_id)

    def project_id(self, slug: str, unlisted: bool = False) -> UUID:
        """The identity of a project that may be shown; `unlisted`: also of one whose makers asked not to be listed.

        Raises NotFound, Moved, Removed, OptedOut.
        """
        with reading(self._engine) as connection:
            key: UUID = open_project(connection, slug, unlisted=unlisted).id
        return key

    def organization_uses(self, slug: str, page: int = 1, per_page: int = 50) -> OrganizationUses:
        """One page of what an organization uses: confirmed first. Raises NotFound, Moved."""
        with reading(self._engine) as connection:
            organization = read_organization(connection, slug)
            lines = by_organization.uses_of_page(connection, organization.id, page, per_page)
        free, not_free = (tuple(line for line in lines if line.context_only == other) for other in (False, True))
        return OrganizationUses(
            organization.slug, organization.name, free, organization.uses, not_free, organization.lines
        )

    def organization_care(self, slug: str, page: int = 1, per_page: int = 50) -> OrganizationMaintenance:
        """One page of the projects that an organization maintains, hosts or helps with. Raises NotFound, Moved."""
        with reading(self._engine) as connection:
            organization = read_organization(connection, slug)
            slugs = by_organization.slugs_of_organization(connection, organization.id)
            lines = by_organization.maintenance_of_page(connection, organization.id, slugs, page, per_page)
        every = organization.maintained + organization.hosted + organization.provided_in_all
        return OrganizationMaintenance(organization.slug, organization.name, lines, every)

    def organizations(
        self, filters: OrganizationFilter = EVERY_ORGANIZATION, page: int = 1, per_page: int = 50
    ) -> tuple[int, tuple[OrganizationCard, ...]]:
        """How many organizations match, and one page of them by name."""
        return self._organization_counts(filters).total(filters), self._organization_cards(filters, page, per_page)

    def organization_list(
        self,
        filters: OrganizationFilter,
        above: Mapping[str, str],
        countries: Sequence[str] = (),
        page: int = 1,
        per_page: int = 50,
    ) -> tuple[int, tuple[OrganizationCard, ...], OrganizationFacets]:
        """How many organizations match, one page of them, and how many each value of a filter would leave under the
        other filters. `above`: the wider category of each narrower one; `countries`: their codes in the order in which
        organizations stand, below whether one's kind and country are known, and whether it confirmed a use."""
        counts = self._organization_counts(filters)
        total = counts.total(filters)
        if filters.is_by_category_alone:
            domains = self._organization_categories(above)
        else:
            with reading(self._engine) as connection:
                domains = filters.by_category(connection, above)
        offered = {"kind": counts.by_kind(filters), "country": counts.by_country(filters), "domain": domains}
        return total, self._organization_cards(filters, page, per_page, best_known_first(countries)), offered

    def organization_facets(self, above: Mapping[str, str]) -> OrganizationFacets:
        """How many organizations there are of each "kind", in each "country", and with a present use for each "domain";
        unknown ones are left out."""
        counts, domains = self._organization_counts(EVERY_ORGANIZATION), self._organization_categories(above)
        kinds, countries = counts.by_kind(EVERY_ORGANIZATION), counts.by_country(EVERY_ORGANIZATION)
        return {"kind": kinds, "country": countries, "domain": domains}

    def _organization_categories(self, above: Mapping[str, str]) -> dict[str, int] | None:
        """How many organizations use something of each category."""
        return self._once.numbers("organizations by category", partial(EVERY_ORGANIZATION.by_category, above=above))

    def _organization_counts(self, filters: OrganizationFilter) -> KindsAndCountries:
        if not filters.text and not filters.domains:
            return self._once.numbers("organizations by kind and country", filters.counts)
        with reading(self._engine) as connection:
            return filters.counts(connection)

    def _organization_cards(
        self, filters: OrganizationFilter, page: int, per_page: int, order: Sequence[ColumnElement[Any]] = ()
    ) -> tuple[OrganizationCard, ...]:
        ordered = select(organization.c.id).where(*filters.conditions())
        ordered = ordered.order_by(*order, organization.c.folded, organization.c.slug)
        with reading(self._engine) as connection:
            ids = connection.execute(ordered.limit(per_page).offset((page - 1) * per_page)).scalars().all()
            cards = organization_cards(connection, ids)
        return tuple(cards[key] for key in ids if key in cards)

    def domain_cards(self, terms: Sequence[str], limit: int, first: Sequence[str] = ()) -> tuple[Card, ...]:
        """Projects with any of these domain terms: those of the slugs in `first`, then those whose first domain is one
        of the terms, then those with most confirmed uses, then by name; what has ended or stopped comes after
        them, context last."""
        with reading(self._engine) as connection:
            return cards(connection, _first_of_domains(connection, terms, limit, first))

    def collection(self, slug: str) -> CollectionPage:
        """A curated list with the cards of its projects. Raises NotFound; Moved for a slug in capitals."""
        with reading(self._engine) as connection:
            row = connection.execute(
                select(collection.c.record).where(collection.c.slug == slug.lower(), ~collection.c.hidden)
            ).scalar()
            if row is None:
                raise NotFound("collection", slug)
            if slug != slug.lower():
                raise Moved("collection", slug, slug.lower())
            present = present_slugs(connection, collections.projects_of([row]))
            record = from_record(Collection, collections.with_projects(row, present))
            by_slug = cards_by_slug(connection, [line.project for line in record.projects])
        listed = tuple(line for line in record.projects if line.project in by_slug)
        return CollectionPage(replace(record, projects=listed), tuple(by_slug[line.project] for line in listed))

    def present(self, slugs: Sequence[str]) -> dict[str, str]:
        """The present slug for each of these slugs, former ones included, under which a project may be shown."""
        with reading(self._engine) as connection:
            return present_slugs(connection, slugs)

    def slugs(self) -> Iterator[tuple[str, str]]:
        """Kind and slug of every page that may be shown, for the site map; in batches of a thousand."""
        with reading(self._engine) as connection:
            queries = {
                "project": select(project.c.slug).where(OPEN),
                "organization": select(organization.c.slug).where(VISIBLE),
            }
            for kind, query in queries.items():
                rows = connection.execute(query.order_by("slug"), execution_options={"yield_per": 1000})
                for slug in rows.scalars():
                    yield kind, slug


def _first_of_domains(connection: Connection, terms: Sequence[str], limit: int, first: Sequence[str]) -> list[UUID]:
    """The order of `RecordPages.domain_cards`. Whether a project ended is in its record, which is large: it is read of
    those alone that come first without it, and of more as long as too few go on."""
    categories = (
        select(project_term.c.project_id, func.min(project_term.c.position).label("place"))
        .where(project_term.c.vocabulary == "domain", project_term.c.term.in_(terms))
        .group_by(project_term.c.project_id)
        .subquery()
    )
    uses = select(func.count()).where(PUBLIC, IS_CONFIRMED, adoption.c.project_id == project.c.id).scalar_subquery()
    ranked = (
        select(project.c.id)
        .join(categories, categories.c.project_id == project.c.id)
        .where(OPEN)
        .order_by(
            project.c.context_only,
            project.c.slug.in_(first).desc(),
            (categories.c.place == 0).desc(),
            uses.desc(),
            project.c.folded,
        )
    )
    most = limit * READ_TIMES
    while True:
        ids = list(connection.execute(ranked.limit(most)).scalars())
        query = select(project.c.id, project.c.context_only, STOPPED).where(is_among(connection, project.c.id, ids))
        behind = {key: (bool(context), bool(stopped)) for key, context, stopped in connection.execute(query)}
        if len(ids) < most or sum(not any(place) for place in behind.values()) >= limit:
            return sorted(ids, key=behind.__getitem__)[:limit]
        most *= READ_TIMES
