"""Uses for readers who may see more than everybody: representatives of the organization. And the number of groups that
are not named, rounded down to a step that may be published.

What everybody may read of uses is selected by `visibility.PUBLIC`. Nothing here is part of a feed, an export or the
index.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, select

from catalog.model import Adoption, Document, Organization, Project
from catalog.rules.adoption import COUNTED, published_step
from catalog.rules.fact import DECLARED
from catalog.rules.submission import adoption_id
from catalog.store.adoptions.adoption_rows import ADOPTION_COLUMNS, adoption_from_row, standing_adoption
from catalog.store.core.engine import DatabasePart, reading, writing
from catalog.store.core.visibility import (
    OPEN,
    PRESENT,
    USE_ORDER,
    VISIBLE_OR_UNNAMED,
)
from catalog.store.projects.slugs import open_project
from catalog.tables.adoptions import adoption, unnamed_adopters
from catalog.tables.core import organization, project
from catalog.tables.submissions import tombstone

MOST_LINES = 200  # of one organization for its representatives


@dataclass(frozen=True)
class OwnUse:
    """A use of any visibility, as representatives of the organization see it."""

    project_id: UUID
    slug: str
    name: str
    adoption: Adoption
    confirmed: bool
    own: bool  # the organization states it; else it was found in a public source


class ProjectName(NamedTuple):
    """Id, slug and name of a project, for the pages that ask about it."""

    id: UUID
    slug: str
    name: str


class RestrictedAdoptions(DatabasePart):
    def project(self, slug: str) -> ProjectName:
        """Raises NotFound, Moved, Removed."""
        with reading(self._engine) as connection:
            row = open_project(connection, slug)
        return ProjectName(row.id, row.slug, row.name)

    def of_organization(self, organization_id: UUID) -> tuple[OwnUse, ...]:
        """All uses of an organization that stand, for its representatives."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(project.c.id, project.c.slug, project.c.name, *ADOPTION_COLUMNS)
                .join_from(adoption, project, project.c.id == adoption.c.project_id)
                .join(organization, organization.c.id == adoption.c.organization_id)
                .where(adoption.c.organization_id == organization_id, adoption.c.stands, OPEN)
                .order_by(*USE_ORDER)
                .limit(MOST_LINES)
            ).all()
        return tuple(
            OwnUse(row.id, row.slug, row.name, adoption_from_row(row), row.confirmed, row.origin == DECLARED)
            for row in rows
        )

    def adoption_of(self, project_id: UUID, organization_id: UUID) -> Adoption | None:
        """The adoption that stands now, of any visibility: the organization's own statement, else what was found."""
        with reading(self._engine) as connection:
            return standing_adoption(connection, project_id, organization_id)

    def count_unnamed(self, *, now: datetime) -> int:
        """Count the groups that use each project without being named, and store the step that each number reaches; how
        many projects have one. It counts no change: nothing else may depend on it."""
        groups = func.count(adoption.c.organization_id.distinct())
        query = (
            select(adoption.c.project_id, groups)
            .join(organization, organization.c.id == adoption.c.organization_id)
            .where(adoption.c.visibility == COUNTED, adoption.c.stands, PRESENT, VISIBLE_OR_UNNAMED)
            .group_by(adoption.c.project_id)
        )
        with writing(self._engine) as connection:
            steps = {key: step for key, number in connection.execute(query) if (step := published_step(number))}
            connection.execute(delete(unnamed_adopters))
            rows = [{"project_id": key, "least": step, "at": now} for key, step in steps.items()]
            if rows:
                connection.execute(unnamed_adopters.insert(), rows)
        return len(steps)

    def kept_out(self, document: Document) -> tuple[tuple[str, str], ...]:
        """Slugs of project and organization of a document's adoptions that the organization withdrew here."""
        with reading(self._engine) as connection:
            gone = set(
                connection.execute(select(tombstone.c.record_id).where(tombstone.c.kind == "adoption")).scalars()
            )
        if not gone:
            return ()
        organizations = {entry.slug: _identity(document, entry) for entry in document.organizations}
        return tuple(
            (entry.slug, line.organization)
            for entry in (document.projects if gone else ())
            for line in entry.adoptions
            if line.organization in organizations
            and adoption_id(_identity(document, entry), organizations[line.organization]) in gone
        )


def _identity(document: Document, entry: Project | Organization) -> UUID:
    kind = "project" if isinstance(entry, Project) else "organization"
    return entry.id or document.manifest.identity(kind, (*entry.former, entry.slug)[0])
