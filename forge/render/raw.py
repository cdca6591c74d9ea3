"""How raw bytes of a repository are sent: media type and disposition, decided by content, not by a file's name.

The caller adds `X-Content-Type-Options: nosniff` and a sandboxing policy.
"""

import re
from urllib.parse import quote

from forge.render.text_encoding import decoded

PROBE_BYTES = 8000  # as many as git looks at to tell text from binary
_PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def content_type(data: bytes, name: str = "") -> tuple[str, bool]:
    """The media type, and whether the bytes go out as an attachment; the first PROBE_BYTES of `data` decide.

    HTML and SVG are text here and never a document. `name` only tells SVG apart, which goes out as an attachment.
    """
    head = data[:PROBE_BYTES]
    for magic, media_type in _PICTURES:
        if magic.match(head):
            return media_type, False
    if _CONTROL.search(head):
        return "application/octet-stream", True
    lines = head if len(data) <= PROBE_BYTES else head[: head.rfind(b"\n") + 1]  # no letter is cut in two
    return f"text/plain; charset={decoded(lines).encoding.lower()}", name.lower().endswith((".svg", ".svgz"))


def disposition(name: str, attachment: bool) -> str:
    """The value of Content-Disposition; `name` may be anything, and cannot leave its quotes or end the header."""
    last = name.rpartition("/")[2]
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", last)[:120] or "file"
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(last[:120].encode('utf-8', 'replace'), safe='')}"
