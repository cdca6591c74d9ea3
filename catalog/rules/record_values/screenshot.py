"""Screenshots and logos of a project, as passed between the child process that makes them and the store.

The child process that reads mirrors must not load the database's library: that takes longer than most readings.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCREENSHOTS, LOGO = "screenshots", "logo"  # the fields that name files
OTHER_REPOSITORY = re.compile(r"([A-Za-z0-9._-]+/[A-Za-z0-9._-]+):")  # before a path
MOST_PICTURES = 3  # of one project: made, stored and shown
NOT_THERE, NO_PICTURE = "not-there", "no-picture"  # why a file that was named is not even tried


def paths_in_record(value: Any) -> list[str]:
    """The files of the value that the JSON of a record has, without what is to be seen on them."""
    return [picture["path"] if isinstance(picture, Mapping) else str(picture) for picture in value or ()]


def path_in(repository: str | None, picture: str) -> str | None:
    """The path of a picture in this repository; None where it is in another one, as owner/repository:path says."""
    other = OTHER_REPOSITORY.match(picture)
    if other is None:
        return picture
    own = (repository or "").lower().rstrip("/").removesuffix(".git").endswith(f"/{other[1].lower()}")
    return picture[other.end() :] if own else None


def screenshots_with_paths(before: Sequence[Any], paths: Sequence[str]) -> list[Any]:
    """The pictures of a record, in its JSON shape, after it was given these files: what is to be seen on one that
    stood there is still known."""
    screenshots = dict(zip(paths_in_record(before), before, strict=True))
    return [screenshots.get(path, path) for path in paths]


@dataclass(frozen=True)
class StoredPicture:
    """A WebP of a file's content, `width` points wide; or, with width 0, a word that says why there is none."""

    object_id: str
    renderer: str
    width: int
    webp: bytes | None
    reason: str | None = None


@dataclass(frozen=True)
class NamedPictures:
    """Files of a repository that somebody names as the project's screens and as its logo, in order."""

    screenshots: tuple[str, ...] = ()
    logos: tuple[str, ...] = ()

    def followed_by(self, others: "NamedPictures") -> "NamedPictures":
        """These files, then those of `others`; each once."""
        return NamedPictures(
            tuple(dict.fromkeys((*self.screenshots, *others.screenshots))),
            tuple(dict.fromkeys((*self.logos, *others.logos))),
        )
