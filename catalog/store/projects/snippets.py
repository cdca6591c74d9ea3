"""Texts that explain search results whose cards do not show the match, read for a page of results at once.

Much less is read than for a row of the index. Callers pass projects that may be shown.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select, union_all

from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.read_models import SnippetSources
from catalog.store.core.render_cache import PLAIN_TEXT
from catalog.store.core.visibility import CLOSED, PUBLIC, VISIBLE
from catalog.tables.adoptions import adoption
from catalog.tables.core import maintenance, mirror, organization, rendering


class Snippets(DatabasePart):
    def behind(self, ids: Sequence[UUID]) -> dict[UUID, SnippetSources]:
        """The texts of each project: the names of the organizations that maintain or publicly use it, and its README as
        it is searched."""
        with reading(self._engine) as connection:
            names: defaultdict[UUID, list[str]] = defaultdict(list)
            for row in connection.execute(_ORGANIZATION_NAMES, {"ids": ids}):
                names[row.project_id].append(row.name)
            readmes = connection.execute(
                select(mirror.c.project_id, rendering.c.html)
                .join(rendering, rendering.c.object_id == _README_OBJECT_ID)
                .where(mirror.c.project_id.in_(ids), rendering.c.renderer == PLAIN_TEXT)
            )
            texts = {row.project_id: row.html or "" for row in readmes}
        return {project_id: SnippetSources(tuple(names[project_id]), texts.get(project_id, "")) for project_id in ids}


_README_OBJECT_ID = mirror.c.observation[("readmes", 0, "oid")].as_string()
_ORGANIZATION_NAMES = union_all(
    select(adoption.c.project_id, organization.c.name)
    .join(organization, organization.c.id == adoption.c.organization_id)
    .where(PUBLIC, adoption.c.project_id.in_(bindparam("ids", expanding=True))),
    select(maintenance.c.project_id, organization.c.name)
    .join(organization, organization.c.id == maintenance.c.organization_id)
    .where(
        VISIBLE, maintenance.c.project_id.not_in(CLOSED), maintenance.c.project_id.in_(bindparam("ids", expanding=True))
    ),
)
