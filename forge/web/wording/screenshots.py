"""Sentences on why a file that was named as a screenshot is not among the pictures of a project's page."""

from collections.abc import Iterable

from catalog.rules.record_values.screenshot import MOST_PICTURES, NO_PICTURE, NOT_THERE, OTHER_REPOSITORY
from catalog.sentences import mark
from catalog.store.core.read_models import Mirror

FIELD = "screenshots"
_NOT_FREE = mark("Screenshots are shown only where the code is certainly free software.")
_ELSEWHERE = mark("It is in another repository than the one that we copy.")
_OTHERS_FIRST = mark("Only the first few screenshots are shown.")
_DAMAGED = mark("This image could not be processed.")
_REASONS = {
    NOT_THERE: mark("This file is not in our copy of the code."),
    NO_PICTURE: mark("This is not a supported image. PNG, JPEG, GIF and WebP can be shown."),
    "too-large": mark("This file is too large to be shown."),
}


def not_shown(mirror: Mirror | None, paths: Iterable[str]) -> list[tuple[str, str]]:
    """Those of these files that are not shown, each with a msgid that says why. Files that were not read yet are left
    out."""
    if mirror is None or mirror.observation is None:
        return []
    if not mirror.may_serve:
        return [(file, _NOT_FREE) for file in paths]
    rows = {row["file"]: row for row in mirror.observation.get("pictures") or ()}
    full = sum("sizes" in row for row in rows.values()) >= MOST_PICTURES
    sentences = []
    for file in paths:
        row = rows.get(file) or rows.get(file.lstrip("/").removeprefix("./"))
        if row is None and OTHER_REPOSITORY.match(file):
            sentences.append((file, _ELSEWHERE))
        elif row is None and full:
            sentences.append((file, _OTHERS_FIRST))
        elif row is not None and "sizes" not in row:
            sentences.append((file, _REASONS.get(row.get("reason", ""), _DAMAGED)))
    return sentences
