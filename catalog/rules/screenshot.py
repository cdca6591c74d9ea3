"""Pictures of a project's screens, as passed between the child process that makes them and the store. No tables here.

The child process that reads mirrors must not load the database's library: that takes longer than most readings.
"""

from dataclasses import dataclass

MOST_PICTURES = 3  # of one project: made, stored and shown
NOT_THERE, NO_PICTURE = "not-there", "no-picture"  # why a file that was named is not even tried


@dataclass(frozen=True)
class StoredPicture:
    """A WebP of a file's content, `width` points wide; or, with width 0, a word that says why there is none."""

    object_id: str
    renderer: str
    width: int
    webp: bytes | None
    reason: str | None = None


@dataclass(frozen=True)
class PictureSources:
    """What the pictures of a project are made from: an observed commit, whether its files show a free license, a README
    at its top, and the named files, those of people before those that the repository names itself."""

    commit: str
    free: bool | None
    named: tuple[str, ...]
    readme: str | None
