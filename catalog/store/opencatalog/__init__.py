"""The catalogue as the Open Catalog API reads it: its own projects, the organizations that lead them, and itself.

See docs/decisions/045-open-catalog-api.md.
"""

from uuid import UUID

from catalog.errors import NotFound
from catalog.rules.open_catalog import parse_id
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.opencatalog import own_entries as own
from catalog.store.opencatalog.own_entries import OwnCatalog, PublisherEntry, SoftwareEntry
from catalog.store.opencatalog.pages import Page, Window, page
from catalog.tables.core import organization, project


class Opencatalog(DatabasePart):
    """Entries are named by their id, a publisher also by its slug; pages give entries and where others follow."""

    def software_page(self, window: Window, url: str | None = None) -> tuple[list[SoftwareEntry], Page]:
        """`url`: of those alone whose code is there, in whatever spelling."""
        listed = own.OWN_SOFTWARE
        with reading(self._engine) as connection:
            if url is not None:
                listed = listed.where(project.c.id.in_(own.projects_at(connection, url)))
            there = page(connection, window, listed, project.c.added_at, project.c.id)
            entries = own.software(connection, [row.id for row in there.rows])
        return [entries[row.id] for row in there.rows], there

    def software(self, key: str) -> SoftwareEntry:
        """Raises NotFound."""
        id = parse_id(key)
        with reading(self._engine) as connection:
            entry = own.software(connection, [id]).get(id) if id else None
        if entry is None:
            raise NotFound("SoftwareEntry", key)
        return entry

    def publishers_page(self, window: Window) -> tuple[list[PublisherEntry], Page]:
        with reading(self._engine) as connection:
            there = page(connection, window, own.OWN_PUBLISHERS, organization.c.added_at, organization.c.id)
            entries = own.publishers(connection, [row.id for row in there.rows])
        return [entries[row.id] for row in there.rows], there

    def publisher(self, key: str) -> PublisherEntry:
        """Raises NotFound."""
        with reading(self._engine) as connection:
            id: UUID | None = parse_id(key) or own.publisher_id(connection, key)
            entry = own.publishers(connection, [id]).get(id) if id else None
        if entry is None:
            raise NotFound("PublisherEntry", key)
        return entry

    def home(self) -> OwnCatalog | None:
        """This instance; None before the first load."""
        with reading(self._engine) as connection:
            return own.home(connection)
