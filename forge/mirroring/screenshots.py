"""Makes small pictures of the files that show a project's screens; runs where READMEs are rendered, and keeps
nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.rules.facts.screenshot import MOST_PICTURES, StoredPicture
from forge.observe.core.tree import Tree
from forge.observe.pictures import absent, screenshot_files
from forge.render.pictures import MAX_PICTURE_BYTES, PICTURE_VERSION, STOPPED, small_pictures

MEMORY = f"pictures {PICTURE_VERSION}"
_RENDERER = f"picture/{PICTURE_VERSION}"


class ScreenshotReading:
    """The pictures of one commit. `named` are paths that people or files name, `readme` is a path at the top, `free` is
    what the files show, `before` is `memory` of the last reading.

    `rows` are for pages, at most SHOWN that are shown: file, oid and alt, with `sizes` (width and height, the smallest
    first), or with the `reason` why they are not; without oid what was named and is no picture of the tree. `made` is
    what the last reading did not make.
    """

    def __init__(
        self,
        tree: Tree,
        named: Iterable[str],
        readme: str | None,
        free: bool | None,
        before: Mapping[str, Any] | None,
    ):
        self._tree, self._before = tree, before or {}
        self.rows: list[dict[str, Any]] = []
        self.memory: dict[str, Any] = {}
        self.made: list[StoredPicture] = []
        if free is False:  # it is served nowhere, see `forge.web.code.access`
            return
        named = list(named)
        for shot in screenshot_files(self._tree, named, readme):
            result = self._picture_row(shot.path, shot.oid)
            self.rows.append({"file": shot.path, "oid": shot.oid, "alt": shot.alt} | result)
            if sum("sizes" in row for row in self.rows) == MOST_PICTURES:
                break
        self.rows += [{"file": file, "reason": reason} for file, reason in absent(self._tree, named)]

    def _picture_row(self, path: str, oid: str) -> dict[str, Any]:
        result: dict[str, Any] | None = self._before.get(oid)
        if result is None:
            result = self._draw(path, oid)
        if result.get("reason") != STOPPED:  # what was stopped is tried again
            self.memory[oid] = result
        return result

    def _draw(self, path: str, oid: str) -> dict[str, Any]:
        data = self._tree.read(path, MAX_PICTURE_BYTES)
        found = "too-large" if data is None else small_pictures(data)
        if isinstance(found, str):
            self.made.append(StoredPicture(oid, _RENDERER, 0, None, found))
            return {"reason": found}
        self.made += [StoredPicture(oid, _RENDERER, picture.width, picture.webp) for picture in found]
        return {"sizes": [[picture.width, picture.height] for picture in found]}
