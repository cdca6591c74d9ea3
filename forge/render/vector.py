"""Draws a stranger's SVG as a PNG, in the limited child process only. No SVG is served as it came: it may hold scripts,
and a browser would load what it names.

The library draws shapes and embedded pictures, runs nothing and opens no connection (https://github.com/linebender/resvg).
It would open pictures by their path, so those are taken out first.
"""

from xml.etree import ElementTree

import resvg_py

from forge.render.shrinking import PictureRefused

MAX_ELEMENTS = 20_000
PIXELS_PER_INCH = 96.0  # https://www.w3.org/TR/css-values-4/#absolute-lengths: sizes in mm and pt need it
_LINKS = ("href", "{http://www.w3.org/1999/xlink}href")


def is_svg(data: bytes) -> bool:
    """Whether the first bytes look like SVG, with or without an XML submission, comments and a document type."""
    head = data[:4_096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith((b"<?xml", b"<svg", b"<!--", b"<!DOCTYPE svg")) and b"<svg" in data[:65_536]


def svg_as_png(data: bytes, width: int) -> bytes:
    """The drawing as PNG, so many pixels wide.

    Raises PictureRefused: "damaged" (no well-formed SVG, or nothing to draw), "too-many-elements", "needs-fonts" (its
    words would be missing, since no fonts of this machine are used).
    """
    if b"<!ENTITY" in data:
        raise PictureRefused("damaged")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise PictureRefused("damaged") from error
    for number, element in enumerate(root.iter()):
        if number == MAX_ELEMENTS:
            raise PictureRefused("too-many-elements")
        name = str(element.tag).rpartition("}")[2]
        if name in ("text", "tspan", "textPath"):
            raise PictureRefused("needs-fonts")
        if name in ("image", "feImage", "use"):
            for link in _LINKS:
                if not element.get(link, "").startswith(("#", "data:image/")):
                    element.attrib.pop(link, None)
    try:
        drawn: bytes = resvg_py.svg_to_bytes(
            svg_string=ElementTree.tostring(root, encoding="unicode"),
            width=width,
            dpi=PIXELS_PER_INCH,
            skip_system_fonts=True,
        )
    except ValueError as error:
        raise PictureRefused("damaged") from error
    return drawn
