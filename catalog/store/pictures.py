"""Pictures of a project's screens as rows, small enough to be given out as they are. It makes none, judges no license.

They belong to one project, so that what leaves its newest reading leaves the database too.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import Engine, delete, select

from catalog.pictures import Kept
from catalog.schema import picture
from catalog.store.database import insert, reading, writing


class Pictures:
    def __init__(self, engine: Engine):
        self._engine = engine

    def picture(self, project_id: UUID, object_id: str, width: int) -> Kept | None:
        """A picture of a project; None where there is none of that width."""
        wanted = select(picture).where(
            picture.c.project_id == project_id,
            picture.c.object_id == object_id,
            picture.c.width == width,
            picture.c.webp.is_not(None),
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        return Kept(row.object_id, row.renderer, row.width, row.webp) if row else None

    def keep_pictures(self, project_id: UUID, shown: Collection[str], made: Iterable[Kept]) -> None:
        """Keep what was made anew; what is not of one of the objects `shown` is forgotten."""
        rows = [{"project_id": project_id} | vars(one) for one in made]
        objects = {one["object_id"] for one in rows}
        of_project = picture.c.project_id == project_id
        with writing(self._engine) as connection:
            connection.execute(delete(picture).where(of_project, picture.c.object_id.not_in(shown)))
            connection.execute(delete(picture).where(of_project, picture.c.object_id.in_(objects)))
            if rows:
                connection.execute(insert(connection, picture), rows)
