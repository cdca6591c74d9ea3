"""Store rendered files by object id and renderer. `forge.render` renders and sanitizes them."""

from sqlalchemy import func, select

from catalog.store.core.engine import DatabasePart, insert, reading, writing
from catalog.tables.core import rendering

PLAIN_TEXT = "text"  # the renderer under which the start of a README is kept for search


class Renderings(DatabasePart):
    def rendering(self, object_id: str, renderer: str) -> str | None:
        """The HTML of an object, sanitized when it was made; None when it is not ready or could not be made."""
        with reading(self._engine) as connection:
            html: str | None = connection.execute(
                select(rendering.c.html).where(rendering.c.object_id == object_id, rendering.c.renderer == renderer)
            ).scalar()
        return html

    def rendered(self, object_id: str, renderer: str) -> bool:
        """Whether rendering was attempted, with or without success."""
        with reading(self._engine) as connection:
            return bool(
                connection.execute(
                    select(func.count()).where(rendering.c.object_id == object_id, rendering.c.renderer == renderer)
                ).scalar()
            )

    def keep_rendering(self, object_id: str, renderer: str, html: str | None) -> None:
        with writing(self._engine) as connection:
            statement = insert(connection, rendering).values(object_id=object_id, renderer=renderer, html=html)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["object_id", "renderer"], set_={"html": statement.excluded.html}
                )
            )
