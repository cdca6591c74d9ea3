"""Read models for the pages of records, for feeds and the API, each in a fixed number of queries.

Only adoptions that may be shown are read (rules of trust, 3): every query of adoptions uses `visibility.PUBLIC`. Hidden
organizations are on no page: every query of organizations uses `visibility.VISIBLE`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, bindparam, func, select

from catalog.document import from_record
from catalog.errors import Moved, NotFound, OptedOut, Removed
from catalog.model import Collection, Organization
from catalog.store.adoptions import by_organization
from catalog.store.adoptions.by_project import (
    USE_COUNT_COLUMNS,
    ended_uses,
    first_uses,
    provider_slugs,
    stop_reasons,
    use_counts_of,
    use_tallies,
    uses_of_page,
)
from catalog.store.core.engine import reading
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.read_models import (
    NO_USES,
    Card,
    CollectionPage,
    EndedUses,
    OrganizationCard,
    OrganizationCare,
    OrganizationPage,
    OrganizationUses,
    PreferredOrganizations,
    ProjectPage,
    UsersPage,
    UseTallies,
)
from catalog.store.core.visibility import (
    CONFIRMED,
    OPEN,
    PUBLIC,
    STOPPED,
    VISIBLE,
    adoption_line,
    is_of_sort,
    maintenance_line,
    maintenance_lines,
    organizations_by_slug,
    page_record,
    relation_line,
    relation_lines,
)
from catalog.store.federation.received.facts import VOICED
from catalog.store.mirrors.rows import mirror_of
from catalog.store.organizations.search import facets, filter_conditions
from catalog.store.projects.slugs import GONE, missing_slug_error, open_project, present_slugs
from catalog.store.public_pages import unlisted_project
from catalog.store.public_pages.cards import cards
from catalog.store.public_pages.facts import current_facts
from catalog.store.public_pages.similar_slugs import similar_slugs
from catalog.tables.adoptions import adoption
from catalog.tables.core import block, collection, maintenance, mirror, organization, project, project_term
from catalog.tables.follows import advisory

# Statements of the most requested page are built once: building them took a fifth of its time.
_LAST_ADVISORY = select(func.max(advisory.c.at)).where(advisory.c.project_id == project.c.id).scalar_subquery()
_PROJECT = (
    select(
        project, mirror, block.c.reason.label("blocked"), VOICED, *USE_COUNT_COLUMNS, _LAST_ADVISORY.label("warned_at")
    )
    .select_from(
        project.outerjoin(mirror, mirror.c.project_id == project.c.id).outerjoin(
            block, block.c.project_id == project.c.id
        )
    )
    .where(project.c.slug == bindparam("wanted"))
)
_MAINTENANCE = maintenance_lines().where(maintenance.c.project_id == bindparam("of"))
_RELATIONS = relation_lines()


class RecordPages:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = QueryCache(engine)

    def project(self, slug: str, like: PreferredOrganizations | None = None) -> ProjectPage:
        """Everything that a project's page shows, in at most six queries; uses by organizations of `like` first.

        Raises NotFound, Moved for a former slug, Removed for a blocked project; OptedOut where nothing of it is shown.
        """
        found = self.source(slug, like)
        if found.opted_out and found.mirror and found.mirror.state == GONE:
            raise OptedOut("project", slug, found.opted_out.at, gone=True)
        return found

    def source(self, slug: str, like: PreferredOrganizations | None = None) -> ProjectPage:
        """As `project`, for the pages of the code, which stay even when the origin is gone. Raises NotFound, Moved,
        Removed."""
        with reading(self._engine) as connection:
            row = connection.execute(_PROJECT, {"wanted": slug}).first()
            if row is None:
                raise missing_slug_error(connection, "project", slug)
            if row.blocked is not None:
                raise Removed("project", slug, row.blocked)
            if row.opted_out_at is not None:
                return unlisted_project.page(connection, row)
            record = page_record(row.record)
            adoptions = first_uses(connection, row.id, like)
            maintained = connection.execute(_MAINTENANCE, {"of": row.id}).all()
            relations = connection.execute(_RELATIONS, {"project_id": row.id}).all()
            hosted = record.runs.hosted if record.runs else ()
            named = organizations_by_slug(connection, provider_slugs(adoptions) | set(hosted))
            facts = current_facts(connection, row, long=False)
        return ProjectPage(
            id=row.id,
            record=record,
            added_at=row.added_at,
            changed_at=row.changed_at,
            change=row.change,
            adoptions=tuple(adoption_line(line, named) for line in adoptions),
            uses=use_counts_of(row),
            maintenance=tuple(maintenance_line(line) for line in maintained),
            relations=tuple(relation_line(line) for line in relations),
            hosts=tuple(named[slug] for slug in hosted if slug in named),
            mirror=mirror_of(row) if row.project_id is not None else None,
            facts=facts,
            warned_at=row.warned_at,
        )

    def users(
        self, slug: str, page: int = 1, per_page: int = 50, like: PreferredOrganizations | None = None
    ) -> UsersPage:
        """One page of a project's adoptions: confirmed ones first, within each sort those of `like` first. Raises
        NotFound, Moved, Removed."""
        with reading(self._engine) as connection:
            row = open_project(connection, slug, *USE_COUNT_COLUMNS)
            lines = uses_of_page(connection, row.id, page, per_page, like)
            return UsersPage(row.slug, row.name, lines, use_counts_of(row))

    def tallies(self, project_id: UUID) -> UseTallies:
        """Totals over all public uses of a project."""
        with reading(self._engine) as connection:
            return use_tallies(connection, project_id)

    def stop_reasons(self, project_id: UUID) -> tuple[tuple[str, int], ...]:
        """Why public uses of a project ended, and how many organizations gave each reason; the most first."""
        with reading(self._engine) as connection:
            return stop_reasons(connection, project_id)

    def ended(self, slug: str, limit: int = 50) -> EndedUses:
        """Uses of a project that ended, the most recently updated first, and the reasons of all of them.

        Raises NotFound, Moved, Removed, OptedOut.
        """
        with reading(self._engine) as connection:
            row = open_project(connection, slug)
            lines = ended_uses(connection, row.id, limit)
            return EndedUses(row.id, row.slug, row.name, lines, stop_reasons(connection, row.id) if lines else ())

    def project_id(self, slug: str, unlisted: bool = False) -> UUID:
        """The identity of a project that may be shown; `unlisted`: also of one whose makers asked not to be listed.

        Raises NotFound, Moved, Removed, OptedOut.
        """
        with reading(self._engine) as connection:
            found: UUID = open_project(connection, slug, unlisted=unlisted).id
        return found

    def organization(self, slug: str) -> OrganizationPage:
        """An organization with the first few projects that it uses and maintains, in a fixed number of queries.

        Raises NotFound, also for a hidden organization; Moved for a former slug.
        """
        with reading(self._engine) as connection:
            row = self._organization(connection, slug)
            adoptions = by_organization.first_uses(connection, row.id)
            maintained, hosting = (
                by_organization.first_maintenance(connection, row.id),
                by_organization.first_hosting(connection, row.id),
            )
            provided = by_organization.first_helped_uses(connection, row.id, by_organization.slugs_of(row))
            counts = by_organization.count_uses_and_maintenance(connection, row.id, by_organization.slugs_of(row))
            named = organizations_by_slug(connection, provider_slugs(adoptions))
        lines = tuple(adoption_line(line, named) for line in adoptions)
        return OrganizationPage(
            id=row.id,
            record=from_record(Organization, row.record),
            added_at=row.added_at,
            changed_at=row.changed_at,
            change=row.change,
            adoptions=tuple(line for line in lines if not line.context_only),
            uses=by_organization.use_counts_of(counts),
            maintenance=tuple(maintenance_line(line) for line in maintained),
            maintained=counts.maintained,
            hosting=hosting,
            hosted=counts.hosted,
            provided=provided,
            provided_in_all=counts.provided,
            provided_before=counts.provided_before,
            not_free=tuple(line for line in lines if line.context_only),
            has_more=counts.lines > len(lines),
        )

    def organization_uses(self, slug: str, page: int = 1, per_page: int = 50) -> OrganizationUses:
        """One page of what an organization uses: confirmed first. Raises NotFound, Moved."""
        with reading(self._engine) as connection:
            row = self._organization(connection, slug)
            lines = by_organization.uses_of_page(connection, row.id, page, per_page)
            counts = by_organization.count_uses_and_maintenance(connection, row.id, by_organization.slugs_of(row))
        free, not_free = (tuple(line for line in lines if line.context_only == other) for other in (False, True))
        uses = by_organization.use_counts_of(counts)
        return OrganizationUses(row.slug, row.name, free, uses, not_free, counts.lines)

    def organization_care(self, slug: str, page: int = 1, per_page: int = 50) -> OrganizationCare:
        """One page of the projects that an organization maintains, hosts or helps with. Raises NotFound, Moved."""
        with reading(self._engine) as connection:
            row = self._organization(connection, slug)
            lines = by_organization.maintenance_of_page(
                connection, row.id, by_organization.slugs_of(row), page, per_page
            )
            counts = by_organization.count_uses_and_maintenance(connection, row.id, by_organization.slugs_of(row))
        return OrganizationCare(row.slug, row.name, lines, counts.maintained + counts.hosted + counts.provided)

    def organizations(
        self,
        text: str | None = None,
        kind: str | None = None,
        country: str | None = None,
        page: int = 1,
        per_page: int = 50,
        domains: Sequence[str] = (),
    ) -> tuple[int, tuple[OrganizationCard, ...]]:
        """How many organizations match, and one page of them by name.

        `text` is searched anywhere in the name, ignoring case and accents; `domains`: those that use a project of one
        of these categories.
        """
        wanted = select(organization).where(*filter_conditions(text, kind, country, domains).values())
        with reading(self._engine) as connection:
            total = connection.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
            ordered = wanted.order_by(organization.c.folded, organization.c.slug)
            rows = connection.execute(ordered.limit(per_page).offset((page - 1) * per_page)).all()
            uses, kept = by_organization.card_numbers(connection, [row.id for row in rows])
        return total, tuple(
            OrganizationCard(
                row.id, row.slug, row.name, row.kind, row.country, uses.get(row.id, NO_USES), kept.get(row.id, 0)
            )
            for row in rows
        )

    def organization_facets(
        self,
        above: Mapping[str, str],
        text: str | None = None,
        kind: str | None = None,
        country: str | None = None,
        domains: Sequence[str] = (),
    ) -> dict[str, dict[str, int]]:
        """How many organizations there are of each "kind", in each "country", and with a present use for each "domain",
        each under the other filters; unknown ones are left out. `above`: the wider category of each narrower one."""
        if not (text or kind or country or domains):
            return self._once("organization facets", partial(facets, asked=filter_conditions(), above=above))
        with reading(self._engine) as connection:
            return facets(connection, filter_conditions(text, kind, country, domains), above)

    def _organization(self, connection: Connection, slug: str) -> Row[Any]:
        row = connection.execute(
            select(organization, by_organization.FORMER_SLUGS).where(organization.c.slug == slug, VISIBLE)
        ).first()
        if row is None:
            raise missing_slug_error(connection, "organization", slug)
        return row

    def cards(self, ids: Sequence[UUID], quoted: bool = False) -> tuple[Card, ...]:
        """The cards of these projects, in this order; those that are gone or blocked are left out."""
        with reading(self._engine) as connection:
            return cards(connection, ids, quoted)

    def domain_cards(self, terms: Sequence[str], limit: int, first: Sequence[str] = ()) -> tuple[Card, ...]:
        """Projects with any of these domain terms: those of the slugs in `first`, then those whose first domain is one
        of the terms, then those with most confirmed uses, then by name; what has ended or stopped comes after
        them, context last."""
        with reading(self._engine) as connection:
            chosen = select(project_term.c.project_id).where(
                project_term.c.vocabulary == "domain", project_term.c.term.in_(terms)
            )
            confirmed = (PUBLIC, is_of_sort(CONFIRMED), adoption.c.project_id == project.c.id)
            uses = select(func.count()).where(*confirmed).scalar_subquery()
            ids = connection.execute(
                select(project.c.id)
                .where(project.c.id.in_(chosen), OPEN)
                .order_by(
                    project.c.context_only,
                    STOPPED,
                    project.c.slug.in_(first).desc(),
                    project.c.record[("domains", 0)].as_string().in_(terms).desc(),
                    uses.desc(),
                    project.c.folded,
                )
                .limit(limit)
            ).scalars()
            return cards(connection, list(ids))

    def collection(self, slug: str) -> CollectionPage:
        """A curated list with the cards of its projects. Raises NotFound; Moved for a slug in capitals."""
        with reading(self._engine) as connection:
            kept = connection.execute(select(collection.c.record).where(collection.c.slug == slug.lower())).scalar()
            if kept is None:
                raise NotFound("collection", slug)
            if slug != slug.lower():
                raise Moved("collection", slug, slug.lower())
            record = from_record(Collection, kept)
            slugs = [line.project for line in record.projects]
            ids = connection.execute(select(project.c.slug, project.c.id).where(project.c.slug.in_(slugs))).all()
            by_slug = {row.slug: row.id for row in ids}
            shown = cards(connection, [by_slug[slug] for slug in slugs if slug in by_slug])
        shown_slugs = {card.slug for card in shown}
        listed = tuple(line for line in record.projects if line.project in shown_slugs)
        return CollectionPage(replace(record, projects=listed), shown)

    def near(self, kind: str, slug: str, limit: int = 5) -> tuple[tuple[str, str], ...]:
        """Slugs and names that resemble a slug that does not exist, the closest first."""
        with reading(self._engine) as connection:
            return similar_slugs(connection, kind, slug, limit)

    def present(self, slugs: Sequence[str]) -> dict[str, str]:
        """The present slug for each of these slugs, former ones included, under which a project may be shown."""
        with reading(self._engine) as connection:
            return present_slugs(connection, slugs)

    def slugs(self) -> Iterator[tuple[str, str]]:
        """Kind and slug of every page that may be shown, for the site map; in batches of a thousand."""
        with reading(self._engine) as connection:
            shown = {
                "project": select(project.c.slug).where(OPEN),
                "organization": select(organization.c.slug).where(VISIBLE),
            }
            for kind, wanted in shown.items():
                rows = connection.execute(wanted.order_by("slug"), execution_options={"yield_per": 1000})
                for slug in rows.scalars():
                    yield kind, slug
