"""The screenshots that a project's page shows: only where its source may be served."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.model import Project, Words
from catalog.rules.record_values.screenshot import MOST_PICTURES, path_in
from catalog.store.core.read_models import Mirror
from catalog.store.ownership.uploads import SCREENSHOT, UploadedPicture
from forge.web.code.access import address_of
from forge.web.core.record_pictures import picture_address


@dataclass(frozen=True)
class ScreenshotView:
    """One screenshot: addresses of the small and the large picture, the size of the small one in pixels, its file."""

    small: str
    large: str
    width: int
    height: int
    alt: str  # the maker's own words, "" where there are none
    words: Words  # those of the catalogue, which come first
    path: str  # "" where it was uploaded, as `code`
    code: str  # below the language


def screenshots_of(
    mirror: Mirror | None, record: Project, uploads: Sequence[UploadedPicture] = ()
) -> tuple[ScreenshotView, ...]:
    """What maintainers uploaded, then the screenshots of the commit that was read last; none of these where the source
    is not served or none was drawn."""
    slug = record.slug
    uploaded = tuple(
        ScreenshotView(
            small=picture_address(slug, picture.object_id, picture.sizes[0][0]),
            large=picture_address(slug, picture.object_id, picture.sizes[-1][0]),
            width=picture.sizes[0][0],
            height=picture.sizes[0][1],
            alt="",
            words={picture.language: picture.alt},
            path="",
            code="",
        )
        for picture in uploads
        if picture.use == SCREENSHOT
    )
    words = {path_in(record.repository, screenshot.path): screenshot.alt for screenshot in record.screenshots}
    observation = (mirror.observation if mirror and mirror.may_serve else None) or {}
    rows = [row for row in observation.get("pictures") or () if row.get("sizes")][:MOST_PICTURES]
    return uploaded + tuple(
        ScreenshotView(
            small=picture_address(slug, row["oid"], row["sizes"][0][0]),
            large=picture_address(slug, row["oid"], row["sizes"][-1][0]),
            width=row["sizes"][0][0],
            height=row["sizes"][0][1],
            alt=row.get("alt") or "",
            words=words.get(row["file"], {}),
            path=row["file"],
            code=address_of(slug, "blob", observation["commit"], row["file"].encode("utf-8", "surrogateescape")),
        )
        for row in rows
    )
