"""Makes small WebP pictures of a stranger's files, in the limited child process. It chooses no file and keeps
nothing.
"""

import json
from dataclasses import dataclass

from forge.render.process import MEMORY_BYTES, TIMEOUT_SECONDS, run_child

PICTURE_VERSION = 2  # raised when the same file would come out otherwise
MAX_PICTURE_BYTES = 5_000_000
STOPPED = "stopped"  # it needed more time or memory than is allowed; the machine may have been busy


@dataclass(frozen=True)
class Picture:
    """A WebP picture; width and height in pixels."""

    width: int
    height: int
    webp: bytes


def small_pictures(
    data: bytes, timeout_seconds: float = TIMEOUT_SECONDS, memory_bytes: int = MEMORY_BYTES
) -> tuple[Picture, ...] | str:
    """The small picture (at most 480 points wide and 15 kB) and the large one (1280, 150 kB), or one that is both.

    Else a word that says why there is none: "too-large" (over MAX_PICTURE_BYTES), STOPPED, or one of
    `forge.render.shrinking.shrink`. Raises OSError when no process can be started.
    """
    return _rendered_pictures("picture", data, timeout_seconds, memory_bytes)


def small_logo(
    data: bytes, timeout_seconds: float = TIMEOUT_SECONDS, memory_bytes: int = MEMORY_BYTES
) -> tuple[Picture, ...] | str:
    """One picture of a logo, at most 192 points wide and high and 8 kB; SVG is drawn. Else a word as above, or one of
    `forge.render.vector.svg_as_png`.
    """
    return _rendered_pictures("logo", data, timeout_seconds, memory_bytes)


def _rendered_pictures(kind: str, data: bytes, timeout_seconds: float, memory_bytes: int) -> tuple[Picture, ...] | str:
    if len(data) > MAX_PICTURE_BYTES:
        return "too-large"
    output = run_child(kind, data, {}, timeout_seconds, memory_bytes)
    if output is None:
        return STOPPED
    head, _, body = output.partition(b"\n")
    result = json.loads(head)
    if "reason" in result:
        return str(result["reason"])
    pictures, at = [], 0
    for width, height, size_bytes in result["sizes"]:
        pictures.append(Picture(width, height, body[at : at + size_bytes]))
        at += size_bytes
    return tuple(pictures)
