"""Find the record that a typed text means, and the text that means a record. Only records that everybody sees, and only
exact matches.
"""

from sqlalchemy import Connection, select

from catalog.record_kind import PROJECT
from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.folded import folded
from catalog.store.core.visibility import OPEN, VISIBLE
from catalog.tables.core import organization, project


class NameLookup(DatabasePart):
    def slug_of(self, kind: str, text: str) -> str:
        """The slug of the only record that this text means: a slug, the address of a page here, or a name. Without one,
        the text as it is."""
        with reading(self._engine) as connection:
            return find_slug(connection, kind, text) or text

    def name_of(self, kind: str, slug: str) -> str:
        """The name of a record where no other has it, else its slug."""
        table = project if kind == PROJECT else organization
        with reading(self._engine) as connection:
            name: str | None = connection.execute(select(table.c.name).where(table.c.slug == slug)).scalar()
            return name if name and find_slug(connection, kind, name) == slug else slug


def find_slug(connection: Connection, kind: str, text: str) -> str | None:
    """In the caller's transaction: the slug that a text means; None where it means none or several."""
    table, condition = (project, OPEN) if kind == PROJECT else (organization, VISIBLE)
    slug = text.strip().rstrip("/").rpartition("/")[2].partition("?")[0].lower()
    for mine in (table.c.slug == slug, table.c.folded == folded(text)):
        slugs = connection.execute(select(table.c.slug).where(mine, condition).limit(2)).scalars().all()
        if len(slugs) == 1:
            return str(slugs[0])
    return None
