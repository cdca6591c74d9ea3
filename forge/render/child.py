"""The child process that renders one text: a line of JSON and the bytes on stdin, HTML on stdout. Run as a module.

It limits itself before it reads a byte of the text, so that the parent needs no code between fork and exec.
"""

import json
import resource
import sys
from typing import Any

MAX_OUTPUT_BYTES = 2 * 1024 * 1024  # many small links grow eightfold; a page of more is none


def main() -> int:
    request = json.loads(sys.stdin.buffer.readline())
    render = _renderer(request["kind"])
    _limit(**request["limits"])
    html = render(sys.stdin.buffer.read().decode("utf-8", "replace"), request["options"]).encode()
    if len(html) > MAX_OUTPUT_BYTES:
        return 1
    sys.stdout.buffer.write(html)
    return 0


def _renderer(kind: str) -> Any:
    """The function of text and options for `kind`; imported here, so that one kind does not pay for another."""
    if kind == "code":
        from forge.render.code import highlight

        return lambda text, options: highlight(text, options["filename"])
    from forge.render.links import LinkBase

    if kind == "rst":
        from forge.render.rst import rst

        return lambda text, options: rst(text, LinkBase.of(options), options.get("top", 2))
    from forge.render.markdown import markdown

    return lambda text, options: markdown(text, LinkBase.of(options), options.get("top", 2))


def _limit(memory_bytes: int, cpu_seconds: int) -> None:
    for what, most in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    sys.exit(main())
