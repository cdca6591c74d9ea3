"""Gives out the signed folder that other catalogues follow. It writes nothing of it: the worker does.

Each file has a strong tag and can be asked for in pieces, so that a slow line goes on where it broke. What was taken
back here may stand in the folder until the worker wrote it anew; where it did not look for ten minutes, nothing but the
card is given.
"""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from catalog.federation.bounds import ENTRY_BYTES, PATH
from forge.web.core.render import CACHE, PUBLIC, now_of, tongue_of

JSON = "application/vnd.forge.exchange+json"  # not packed on its way: its tag is that of the bytes that were signed
CARD, SMALL = "instance.json", ("instance.json", "entry.json", "entry.sig")
# A file never changes, but it may hold what is taken back tomorrow: no shared cache keeps it, a follower's own a day.
FIXED = "private, max-age=86400, immutable"
UNSEEN = timedelta(minutes=10)
_HEADERS = PUBLIC | {"X-Robots-Tag": "noindex", "Access-Control-Expose-Headers": "ETag, Content-Range"}


def small(request: Request) -> Response:
    """The card, the entry and its signatures."""
    if request.method == "OPTIONS":
        return _allowed()
    name = request.path_params["name"]
    path: Path = request.app.state.exchange / name
    if name not in SMALL or not path.is_file() or path.stat().st_size > ENTRY_BYTES:
        raise HTTPException(404)
    if name != CARD:
        _fresh(request)
    raw = path.read_bytes()
    headers = _HEADERS | {"ETag": f'"{hashlib.sha256(raw).hexdigest()[:32]}"', "Cache-Control": CACHE}
    if _has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(raw, headers=headers, media_type=JSON)


def part(request: Request) -> Response:
    """A part of the snapshot or a change file, by the name that the entry gives it."""
    if request.method == "OPTIONS":
        return _allowed()
    named = f"{request.path_params['folder']}/{request.path_params['name']}"
    path: Path = request.app.state.exchange / named
    digest = re.search(r"\.([0-9a-f]{16})\.json\.gz\Z", named)
    if not PATH.fullmatch(named) or digest is None or not path.is_file():
        raise HTTPException(404)
    _fresh(request)
    headers = _HEADERS | {"ETag": f'"{digest[1]}"', "Cache-Control": FIXED}
    if _has(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers, media_type="application/gzip")


def _fresh(request: Request) -> None:
    """Raises 503 where something public changed and nobody looked whether the folder still may tell what it tells."""
    store = request.app.state.store
    looked = store.exchange_state.looked()
    if looked is None or looked[0] == store.change() or now_of(request) - looked[1] < UNSEEN:
        return
    raise HTTPException(503, headers={"Retry-After": "600"})


def _has(request: Request, tag: str) -> bool:
    said = request.headers.get("if-none-match", "")
    return tag in (etag.strip() for etag in said.split(",")) or said.strip() == "*"


def _allowed() -> Response:
    more = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "If-None-Match, Range"}
    return Response(status_code=204, headers=PUBLIC | more | {"Access-Control-Max-Age": "86400"})


def key_address(request: Request) -> Response:
    """Whoever opens the address with the key, on a telephone, is told what it is for, and sees the key again."""
    return RedirectResponse(f"/{tongue_of(request).tag}/about/peers#key", 303, PUBLIC)
