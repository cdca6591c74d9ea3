"""Pictures that maintainers and representatives uploaded, as rows: public at once. `catalog.ownership.upload` decides
who may upload.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update

from catalog.store.core.engine import DatabasePart, reading
from catalog.store.core.read_models import Logo
from catalog.tables.ownership import upload

LOGO, SCREENSHOT = "logo", "screenshot"
GONE: Mapping[str, Any] = {"small": b"", "large": None, "alt": ""}  # what is left of a picture that ended


@dataclass(frozen=True)
class UploadedPicture:
    """A picture as pages name it; `sizes`: width and height in pixels, the smallest first."""

    number: int
    use: str  # logo | screenshot
    object_id: str
    sizes: tuple[tuple[int, int], ...]
    language: str  # of the alternative text
    alt: str

    @property
    def as_logo(self) -> Logo:
        width, height = self.sizes[0]
        return Logo(self.object_id, width, height, uploaded=True)


def uploaded_logo(pictures: Iterable[UploadedPicture]) -> Logo | None:
    """The logo among the pictures of a record."""
    return next((picture.as_logo for picture in pictures if picture.use == LOGO), None)


@dataclass(frozen=True)
class DrawnPicture:
    """A picture that was drawn anew, small and, where it is larger, large; WebP."""

    object_id: str
    sizes: tuple[tuple[int, int], ...]
    small: bytes
    large: bytes | None


class Uploads(DatabasePart):
    def of_record(self, kind: str, key: UUID) -> tuple[UploadedPicture, ...]:
        """The pictures of a project or an organization, in the order in which they came."""
        with reading(self._engine) as connection:
            return _present_pictures(connection, kind, key)

    def picture(self, kind: str, key: UUID, object_id: str, width: int) -> bytes | None:
        """A picture of that width; None where there is none."""
        query = select(upload.c.sizes, upload.c.small, upload.c.large).where(
            *_present(kind, key), upload.c.object_id == object_id
        )
        with reading(self._engine) as connection:
            for row in connection.execute(query):
                widths = [size[0] for size in row.sizes]
                if width == widths[0]:
                    return bytes(row.small)
                if width == widths[-1] and row.large is not None:
                    return bytes(row.large)
        return None


def add_upload(
    connection: Connection,
    kind: str,
    key: UUID,
    use: str,
    drawn: DrawnPicture,
    words: tuple[str, str],
    *,
    now: datetime,
) -> None:
    """In the caller's transaction; `words`: language and alternative text."""
    row: dict[str, Any] = {"kind": kind, "record_id": key, "use": use, "at": now}
    row |= {"object_id": drawn.object_id, "sizes": [list(size) for size in drawn.sizes]}
    row |= {"small": drawn.small, "large": drawn.large, "language": words[0], "alt": words[1]}
    connection.execute(upload.insert().values(**row))


def end_uploads(connection: Connection, kind: str, key: UUID, numbers: Sequence[int], now: datetime) -> int:
    """In the caller's transaction: these pictures are shown no more, and their bytes go; how many did."""
    this = update(upload).where(*_present(kind, key), upload.c.id.in_(numbers))
    return int(connection.execute(this.values(ended_at=now, **GONE)).rowcount)


def shown_uploads(connection: Connection, kind: str, key: UUID) -> tuple[UploadedPicture, ...]:
    """In the caller's transaction: as `Uploads.of_record`."""
    return _present_pictures(connection, kind, key)


def _present(kind: str, key: UUID) -> tuple[Any, ...]:
    return upload.c.kind == kind, upload.c.record_id == key, upload.c.ended_at.is_(None)


def _present_pictures(connection: Connection, kind: str, key: UUID) -> tuple[UploadedPicture, ...]:
    names = ("id", "use", "object_id", "sizes", "language", "alt")
    query = select(*(upload.c[name] for name in names)).where(*_present(kind, key)).order_by(upload.c.id)
    return tuple(
        UploadedPicture(row.id, row.use, row.object_id, tuple((w, h) for w, h in row.sizes), row.language, row.alt)
        for row in connection.execute(query)
    )
