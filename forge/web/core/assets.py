"""The style sheet and pictures of the pages, under names that hold their digest, so that browsers keep them a year.
Pictures of projects are served by `forge.web.projects.screenshots`.

With a theme the style sheet holds its colours, our pictures are repainted, and its logo replaces ours.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from forge.config.theme import Theme

TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png"}
THEME_PLACEHOLDER = b"/* The colours of an instance's own theme stand here. */\n"
# What only those who write it read: a seventh of its weight on the wire.
COMMENT = re.compile(rb"/\*.*?\*/\n?", re.S)
MARK, ICON = "mark.svg", "favicon.svg"  # what a logo replaces
# An instance's own picture that somebody opens by itself runs no script and loads nothing.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    body: bytes
    media_type: str


class Assets:
    """The files of a folder, read once, as a theme changes them."""

    def __init__(self, folder: Path, theme: Theme | None = None):
        self._by_address: dict[str, Asset] = {}
        self._addresses: dict[str, str] = {}
        theme = theme or Theme()
        for file in sorted(folder.iterdir(), key=lambda file: (file.suffix == ".css", file.name)):
            if file.suffix not in TYPES:
                continue
            if theme.logo and file.name in (MARK, ICON):
                self._keep(file.name, "logo", theme.logo.body, theme.logo.suffix)
            elif file.suffix == ".css":
                body = self._linked(file.read_bytes()).replace(THEME_PLACEHOLDER, theme.style().encode())
                self._keep(file.name, file.stem, COMMENT.sub(b"", body), file.suffix)
            else:
                self._keep(file.name, file.stem, theme.repainted(file.read_bytes()), file.suffix)

    def _keep(self, name: str, stem: str, body: bytes, suffix: str) -> None:
        hashed = f"{stem}-{hashlib.sha256(body).hexdigest()[:10]}{suffix}"
        self._by_address[hashed] = Asset(body, TYPES[suffix])
        self._addresses[name] = hashed

    def _linked(self, body: bytes) -> bytes:
        """Return a style sheet with the hashed addresses of the pictures it names: these are read before it."""
        for name, hashed in self._addresses.items():
            body = body.replace(f'url("{name}")'.encode(), f'url("{hashed}")'.encode())
        return body

    def address(self, name: str) -> str:
        """Return where `name` ("style.css") is served. Raises KeyError for a file that does not exist."""
        return f"/static/{self._addresses[name]}"

    def asset(self, hashed: str) -> Asset:
        """Return the file under its hashed name. Raises NotFound."""
        if hashed not in self._by_address:
            raise NotFound("file", hashed)
        return self._by_address[hashed]


def asset_file(request: Request) -> Response:
    asset = request.app.state.site.static.asset(request.path_params["name"])
    headers = {"Cache-Control": FOREVER}
    if asset.media_type != TYPES[".css"]:
        headers["Content-Security-Policy"] = SANDBOX
    return Response(asset.body, media_type=asset.media_type, headers=headers)
