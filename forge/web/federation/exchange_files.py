"""Serves the signed folder that other catalogues follow. The publisher writes it.

Each file has a strong tag and can be asked for in pieces, so that a slow line continues where it broke. What was
withdrawn here may stand in the folder until the publisher wrote it anew; where the publisher did not look for ten
minutes, only the files that say who signs are served.
"""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from catalog.exchange.names import METADATA, PACKED, SIGNED, TARGETS
from forge.web.core.etag import not_modified
from forge.web.core.render import CACHE, PUBLIC, now_of, page_language_of

# A file never changes, but it may hold what is withdrawn tomorrow: no shared cache keeps it, a follower's own a day.
FIXED = "private, max-age=86400, immutable"
UNSEEN = timedelta(minutes=10)
_NAME = re.compile(
    rf"{METADATA}/(?:\d{{1,16}}\.(?:root|targets|snapshot)|root|timestamp)\.json"
    rf"|{TARGETS}/(?:[a-z]{{1,16}}/)?(?P<sha>[0-9a-f]{{64}})\.[a-z0-9]{{1,16}}\.json(?:\.gz)?",
    re.ASCII,
)
_ROOT = re.compile(rf"{METADATA}/(?:\d+\.)?root\.json", re.ASCII)
_HEADERS = PUBLIC | {"X-Robots-Tag": "noindex", "Access-Control-Expose-Headers": "ETag, Content-Range"}


def metadata(request: Request) -> Response:
    return _answer(request, f"{METADATA}/{request.path_params['name']}")


def target(request: Request) -> Response:
    return _answer(request, f"{TARGETS}/{request.path_params['path']}")


def _answer(request: Request, name: str) -> Response:
    """A file of the folder by its path; 404 is short, since a visit asks for the next root each time."""
    if request.method == "OPTIONS":
        return _allowed()
    path: Path = request.app.state.exchange / name
    match = _NAME.fullmatch(name)
    if match is None or not path.is_file():
        return Response(status_code=404, headers=_HEADERS | {"Cache-Control": CACHE})
    if not _ROOT.fullmatch(name) and not _is_fresh(request):
        return Response(status_code=503, headers=_HEADERS | {"Retry-After": "600"})
    if sha := match["sha"]:
        tag, cache = sha, FIXED
    else:
        tag, cache = hashlib.sha256(path.read_bytes()).hexdigest(), CACHE
    headers = _HEADERS | {"ETag": f'"{tag[:32]}"', "Cache-Control": cache}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    kind = PACKED if name.endswith(".gz") else SIGNED
    return FileResponse(path, headers=headers, media_type=kind)


def _is_fresh(request: Request) -> bool:
    """Whether nothing public changed since the publisher last looked, or it looked a short time ago."""
    store = request.app.state.store
    looked = store.published_exchange.looked()
    return looked is None or looked[0] == store.change() or now_of(request) - looked[1] < UNSEEN


def key_address(request: Request) -> Response:
    """Tell a person who opens the address with the key, on a telephone, what it is for, and show the key again."""
    return RedirectResponse(f"/{page_language_of(request).tag}/about/peers#key", 303, PUBLIC)


def _allowed() -> Response:
    more = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "If-None-Match, Range"}
    return Response(status_code=204, headers=PUBLIC | more | {"Access-Control-Max-Age": "86400"})
