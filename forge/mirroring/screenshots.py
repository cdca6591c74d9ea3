"""Makes small pictures of the files that show a project's screens and its logo; runs where READMEs are rendered, and
keeps nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from catalog.rules.record_values.screenshot import MOST_PICTURES, NamedPictures, StoredPicture
from forge.observe.core.tree import Tree
from forge.observe.pictures import absent, logo_files, screenshot_files
from forge.render.pictures import MAX_PICTURE_BYTES, PICTURE_VERSION, STOPPED, Picture, small_logo, small_pictures

MEMORY = f"pictures {PICTURE_VERSION}"
_RENDERER = f"picture/{PICTURE_VERSION}"


class PictureReading:
    """The pictures of one commit. `pictures` are files that people or the repository name, `readme` is a path at the
    top, `free` is what the files show, `before` is `memory` of the last reading, `repositories` are its addresses.

    `rows` are screens for pages, at most MOST_PICTURES that are shown: file, oid and alt, with `sizes` (width and
    height, the smallest first), or with the `reason` why they are not; without oid what was named and is no picture of
    the tree. `logo` is such a row with one size, None where no file became one. `made` is what the last reading did not
    make.
    """

    def __init__(
        self,
        tree: Tree,
        pictures: NamedPictures,
        readme: str | None,
        free: bool | None,
        before: Mapping[str, Any] | None,
        repositories: Iterable[str] = (),
    ):
        self._tree, self._before = tree, before or {}
        self.rows: list[dict[str, Any]] = []
        self.logo: dict[str, Any] | None = None
        self.memory: dict[str, Any] = {}
        self.made: list[StoredPicture] = []
        if free is False:  # it is served nowhere, see `forge.web.code.access`
            return
        for path, oid in logo_files(tree, pictures.logos, repositories):
            result = self._result(path, oid, "logo ", small_logo)
            if "sizes" in result:
                self.logo = {"file": path, "oid": oid} | result
                break
        for shot in screenshot_files(tree, pictures.screenshots, readme):
            if self.logo and shot.oid == self.logo["oid"]:  # a row of the store is one file in one width
                continue
            result = self._result(shot.path, shot.oid, "", small_pictures)
            self.rows.append({"file": shot.path, "oid": shot.oid, "alt": shot.alt} | result)
            if sum("sizes" in row for row in self.rows) == MOST_PICTURES:
                break
        self.rows += [{"file": file, "reason": reason} for file, reason in absent(tree, pictures.screenshots)]

    def _result(
        self, path: str, oid: str, use: str, draw: Callable[[bytes], tuple[Picture, ...] | str]
    ) -> dict[str, Any]:
        key = f"{use}{oid}"
        result: dict[str, Any] | None = self._before.get(key)
        if result is None:
            result = self._draw(path, oid, draw)
        if result.get("reason") != STOPPED:  # what was stopped is tried again
            self.memory[key] = result
        return result

    def _draw(self, path: str, oid: str, draw: Callable[[bytes], tuple[Picture, ...] | str]) -> dict[str, Any]:
        data = self._tree.read(path, MAX_PICTURE_BYTES)
        result = "too-large" if data is None else draw(data)
        if isinstance(result, str):
            self.made.append(StoredPicture(oid, _RENDERER, 0, None, result))
            return {"reason": result}
        self.made += [StoredPicture(oid, _RENDERER, picture.width, picture.webp) for picture in result]
        return {"sizes": [[picture.width, picture.height] for picture in result]}
