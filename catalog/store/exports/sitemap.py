"""Our pages for the site map and for lists of feeds: of projects, organizations, calls, experiences, and of what is
asked of a project; by address, or by their last change. Their content is read elsewhere.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, func, select, union_all

from catalog.rules.call import OPEN as ASKED_STILL
from catalog.store.adoptions.experiences import select_experiences
from catalog.store.calls.queries import SHOWN_CALLS
from catalog.store.core.engine import reading
from catalog.store.core.query_cache import QueryCache
from catalog.store.core.visibility import OPEN
from catalog.store.exports.records import OWN_ORGANIZATION, OWN_PROJECT
from catalog.store.obstacles.obstacle_rows import PUBLIC_OBSTACLES
from catalog.tables.calls import call, experience, obstacle
from catalog.tables.core import organization, project

# Open calls and public obstacles of projects, and when they were reported. Reasons why uses ended are on the same page,
# but make no page by themselves.
_ASKED = union_all(
    select(call.c.project_id, call.c.opened_at.label("at")).where(SHOWN_CALLS, call.c.state == ASKED_STILL),
    select(obstacle.c.project_id, obstacle.c.changed_at.label("at")).where(PUBLIC_OBSTACLES),
).subquery()
# Of each kind of page: the key in its address, and when it last changed.
_PAGES: Mapping[str, Select[Any]] = {
    "project": select(project.c.slug, project.c.changed_at).where(OPEN, OWN_PROJECT),
    "organization": select(organization.c.slug, organization.c.changed_at).where(OWN_ORGANIZATION),
    "call": select(call.c.reference, func.coalesce(call.c.ended_at, call.c.opened_at)).where(SHOWN_CALLS),
    "experience": select_experiences()
    .with_only_columns(project.c.slug, func.max(experience.c.at))
    .group_by(project.c.slug),
    "asked": select(project.c.slug, func.max(_ASKED.c.at))
    .join_from(project, _ASKED, _ASKED.c.project_id == project.c.id)
    .where(OPEN)
    .group_by(project.c.slug),
}


class SitemapPages:
    def __init__(self, engine: Engine):
        self._engine = engine
        self._once = QueryCache(engine)

    def counts(self) -> dict[str, int]:
        """How many pages of ours there are, by kind."""
        return dict(self._once.numbers("pages", _counts))

    def listed(self, kind: str, before: int, limit: int) -> tuple[tuple[str, datetime], ...]:
        """The keys in the addresses of these pages, in order, and their last change; `before`: how many to skip."""
        pages = _PAGES[kind]
        with reading(self._engine) as connection:
            query = pages.order_by(pages.selected_columns[0])
            return tuple((key, at) for key, at in connection.execute(query.limit(limit).offset(before)))

    def changed(self, limit: int) -> tuple[UUID, ...]:
        """Those of our projects that are new or changed, the latest first."""
        query = (
            select(project.c.id).where(OPEN, OWN_PROJECT).order_by(project.c.changed_at.desc(), project.c.slug.desc())
        )
        with reading(self._engine) as connection:
            return tuple(connection.execute(query.limit(limit)).scalars())


def _counts(connection: Connection) -> dict[str, int]:
    return {
        kind: connection.execute(select(func.count()).select_from(pages.subquery())).scalar_one()
        for kind, pages in _PAGES.items()
    }
