"""The child process that renders one text or picture, or reads one spreadsheet: a line of JSON and the bytes on stdin,
the result on stdout.

Run as a module. It limits itself before it reads a byte of the text, so that the parent needs no code between fork
and exec.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from forge.render.text_encoding import decoded


def main() -> int:
    request = json.loads(sys.stdin.buffer.readline())
    render = _renderer(request["kind"])
    _limit(**request["limits"])
    result = render(sys.stdin.buffer.read(), request["options"])
    if len(result) > request["output_bytes"]:
        return 1
    sys.stdout.buffer.write(result)
    return 0


def _renderer(kind: str) -> Callable[[bytes, dict[str, Any]], bytes]:
    """The function of bytes and options for `kind`; imported here, so that one kind does not pay for another."""
    if kind == "spreadsheet":
        from forge.render.spreadsheet import rows

        return rows
    if kind in ("picture", "logo"):
        from forge.render.shrinking import LOGO, PictureRefused, shrink, shrink_logo
        from forge.render.vector import is_svg, svg_as_png

        def picture(data: bytes, options: dict[str, Any]) -> bytes:
            try:
                if kind == "picture":
                    pictures = shrink(data)
                else:
                    pictures = shrink_logo(svg_as_png(data, LOGO[0]) if is_svg(data) else data)
            except PictureRefused as why:
                return json.dumps({"reason": str(why)}).encode() + b"\n"
            sizes = [(width, height, len(webp)) for width, height, webp in pictures]
            return json.dumps({"sizes": sizes}).encode() + b"\n" + b"".join(webp for *_, webp in pictures)

        return picture
    words = _text_renderer(kind)
    return lambda data, options: words(decoded(data).text, options).encode()


def _text_renderer(kind: str) -> Callable[[str, dict[str, Any]], str]:
    if kind == "code":
        from forge.render.highlighting import highlight

        return lambda text, options: highlight(text, options["filename"])
    from forge.render.links import LinkBase

    if kind == "rst":
        from forge.render.rst import rst

        return lambda text, options: rst(text, LinkBase.of(options), options.get("top", 2))
    from forge.render.markdown import markdown

    return lambda text, options: markdown(text, LinkBase.of(options), options.get("top", 2))


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    sys.exit(main())
