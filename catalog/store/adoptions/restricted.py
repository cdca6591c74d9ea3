"""Readings of uses for those who may see more than everybody: who speaks for an organization, members of its networks,
those who keep the project. And how many groups are not named, as the one step that may be told.

What everybody may read of uses is `lines.PUBLIC`'s matter. Nothing of this leaves by a feed, an export or the index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, func, or_, select

from catalog.model import Adoption, Document, Organization, Project
from catalog.rules.adoption import COUNTED, MAINTAINERS, NETWORK, least
from catalog.rules.fact import DECLARED
from catalog.rules.person import Person
from catalog.rules.submission import pair
from catalog.store.adoptions.rows import SAID, said_of, standing
from catalog.store.core.engine import reading, writing
from catalog.store.core.folded import folded
from catalog.store.core.read_models import AdoptionLine
from catalog.store.core.visibility import (
    KNOWN,
    OPEN,
    PRESENT,
    USE_ORDER,
    adoption_line,
    organizations_by_slug,
    use_columns,
)
from catalog.store.organizations.rows import beyond_its_word
from catalog.store.projects.slugs import open_project
from catalog.tables.adoptions import unnamed
from catalog.tables.core import adoption, organization, project
from catalog.tables.submissions import tombstone

MOST = 200  # lines of one organization for those who speak for it, and of unnamed ones of one project


@dataclass(frozen=True)
class OwnUse:
    """A use as those see it who speak for the organization: of every visibility."""

    project_id: UUID
    slug: str
    name: str
    adoption: Adoption
    confirmed: bool
    own: bool  # the organization said so; else it was found in a public source


class Named(NamedTuple):
    """A project, for the pages that ask about it."""

    id: UUID
    slug: str
    name: str


class Uses:
    def __init__(self, engine: Engine):
        self._engine = engine

    def project(self, slug: str) -> Named:
        """Raises NotFound, Moved, Removed."""
        with reading(self._engine) as connection:
            row = open_project(connection, slug)
        return Named(row.id, row.slug, row.name)

    def of_organization(self, organization_id: UUID) -> tuple[OwnUse, ...]:
        """All uses of an organization that stand, for those who speak for it."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(project.c.id, project.c.slug, project.c.name, *SAID)
                .join_from(adoption, project, project.c.id == adoption.c.project_id)
                .join(organization, organization.c.id == adoption.c.organization_id)
                .where(adoption.c.organization_id == organization_id, adoption.c.stands, OPEN)
                .order_by(*USE_ORDER)
                .limit(MOST)
            ).all()
        return tuple(
            OwnUse(row.id, row.slug, row.name, said_of(row), row.confirmed, row.origin == DECLARED) for row in rows
        )

    def said(self, project_id: UUID, organization_id: UUID) -> Adoption | None:
        """What stands of this use now, of every visibility: the organization's own word, else what was found."""
        with reading(self._engine) as connection:
            return standing(connection, project_id, organization_id)

    def shared(self, project_id: UUID, person: Person) -> tuple[AdoptionLine, ...]:
        """The uses that are not public and that this person may see: of members of their organizations' networks, and
        those meant for the maintainers of a project that they keep."""
        with reading(self._engine) as connection:
            wanted = [adoption.c.visibility == NETWORK]
            if project_id in person.keeps:
                wanted.append(adoption.c.visibility == MAINTAINERS)
            mine = _networks(connection, person.speaks_for)
            rows = connection.execute(
                use_columns()
                .add_columns(organization.c.record["networks"].label("networks"), adoption.c.visibility)
                .where(adoption.c.project_id == project_id, adoption.c.stands, KNOWN, OPEN, or_(*wanted))
                .order_by(*USE_ORDER)
                .limit(MOST)
            ).all()
            seen = [row for row in rows if row.visibility != NETWORK or mine & _folded(row.networks)]
            named = organizations_by_slug(connection, {row.record.get("provider") or "" for row in seen} - {""})
        return tuple(adoption_line(row, named) for row in seen)

    def unnamed(self, project_id: UUID) -> int | None:
        """The least number of groups that use a project without being named, as counted last; None below five."""
        with reading(self._engine) as connection:
            found: int | None = connection.execute(
                select(unnamed.c.least).where(unnamed.c.project_id == project_id)
            ).scalar()
        return found

    def count_unnamed(self, *, now: datetime) -> int:
        """Count the groups that use each project without being named, and keep the step that they reach; how many
        projects have one. It counts no change: nothing else may depend on it."""
        groups = func.count(adoption.c.organization_id.distinct())
        wanted = (
            select(adoption.c.project_id, groups)
            .join(organization, organization.c.id == adoption.c.organization_id)
            .where(adoption.c.visibility == COUNTED, adoption.c.stands, PRESENT, KNOWN)
            .group_by(adoption.c.project_id)
        )
        with writing(self._engine) as connection:
            steps = {key: step for key, number in connection.execute(wanted) if (step := least(number))}
            connection.execute(delete(unnamed))
            rows = [{"project_id": key, "least": step, "at": now} for key, step in steps.items()]
            if rows:
                connection.execute(unnamed.insert(), rows)
        return len(steps)

    def kept_out(self, document: Document) -> tuple[tuple[str, str], ...]:
        """Slugs of project and organization of a document's adoptions that their organization took back here."""
        with reading(self._engine) as connection:
            gone = set(
                connection.execute(select(tombstone.c.record_id).where(tombstone.c.kind == "adoption")).scalars()
            )
        if not gone:
            return ()
        organizations = {one.slug: _identity(document, one) for one in document.organizations}
        return tuple(
            (one.slug, line.organization)
            for one in (document.projects if gone else ())
            for line in one.adoptions
            if line.organization in organizations
            and pair(_identity(document, one), organizations[line.organization]) in gone
        )


def _identity(document: Document, one: Project | Organization) -> UUID:
    kind = "project" if isinstance(one, Project) else "organization"
    return one.id or document.manifest.identity(kind, (*one.former, one.slug)[0])


def _networks(connection: Connection, organizations: Sequence[UUID]) -> set[str]:
    """The networks that these organizations belong to, as others know it: who names one does not read its members."""
    if not organizations:
        return set()
    wanted = select(organization).where(organization.c.id.in_(organizations), KNOWN)
    return {name for row in connection.execute(wanted) for name in _folded(beyond_its_word(row).get("networks"))}


def _folded(names: Sequence[str] | None) -> set[str]:
    return {folded(name) for name in names or ()}
