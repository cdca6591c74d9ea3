"""The style sheet and pictures of the pages, under names that hold their digest, so that readers keep them a year."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound

TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"


@dataclass(frozen=True)
class Asset:
    body: bytes
    media_type: str


class Assets:
    """The files of a folder, read once."""

    def __init__(self, folder: Path):
        self._by_address: dict[str, Asset] = {}
        self._addresses: dict[str, str] = {}
        for file in sorted(folder.iterdir(), key=lambda file: (file.suffix == ".css", file.name)):
            if file.suffix in TYPES:
                body = self._linked(file.read_bytes())
                hashed = f"{file.stem}-{hashlib.sha256(body).hexdigest()[:10]}{file.suffix}"
                self._by_address[hashed] = Asset(body, TYPES[file.suffix])
                self._addresses[file.name] = hashed

    def _linked(self, body: bytes) -> bytes:
        """A style sheet with the hashed addresses of the pictures it names: these are read before it."""
        for name, hashed in self._addresses.items():
            body = body.replace(f'url("{name}")'.encode(), f'url("{hashed}")'.encode())
        return body

    def address(self, name: str) -> str:
        """Where `name` ("style.css") is served. Raises KeyError for a file that does not exist."""
        return f"/static/{self._addresses[name]}"

    def asset(self, hashed: str) -> Asset:
        """The file under its hashed name. Raises NotFound."""
        if hashed not in self._by_address:
            raise NotFound("file", hashed)
        return self._by_address[hashed]

    def named(self, name: str) -> Asset:
        """The file under its plain name."""
        return self._by_address[self._addresses[name]]


def show(request: Request) -> Response:
    asset = request.app.state.site.static.asset(request.path_params["name"])
    return Response(asset.body, media_type=asset.media_type, headers={"Cache-Control": FOREVER})


def icon(request: Request) -> Response:
    asset = request.app.state.site.static.named("favicon.svg")
    return Response(asset.body, media_type=asset.media_type, headers={"Cache-Control": A_DAY})
