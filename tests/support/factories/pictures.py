"""Pictures made for tests: a screen with something on it, and files that are no picture, or too much of one."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def a_picture(width: int = 1600, height: int = 900, kind: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    """A file of this kind; its left half is dark."""
    picture = Image.new(mode, (width, height), "white")
    picture.paste("navy" if mode.startswith("RGB") else 1, (0, 0, width // 2, height))
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def a_moving_one(kind: str) -> bytes:
    frames = [Image.new("RGB", (400, 300), color) for color in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def a_png_that_claims(width: int, height: int) -> bytes:
    """A small file whose header promises so many points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
