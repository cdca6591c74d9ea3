"""Serves signed folders as they were signed: the own one, which the publisher writes and other catalogues follow, and
those that were fetched from others, at which their followers read on while they cannot be reached, and they themselves
after a restore from a backup.

Each file has a strong tag, and targets can be asked for in pieces, so that a slow line continues where it broke. What
was withdrawn here may stand in the own folder until the publisher wrote it anew; where the publisher did not look for
ten minutes, only the files that say who signs are served.
"""

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from catalog.errors import NotFound
from catalog.exchange.names import METADATA, PACKED, SIGNED, TARGETS
from catalog.rules.peer import VISITED_STATES
from forge.web.core.etag import not_modified
from forge.web.core.render import CACHE, PUBLIC, now_of, page_language_of

# A file never changes, but it may hold what is withdrawn tomorrow: no shared cache keeps it, a follower's own a day.
FIXED = "private, max-age=86400, immutable"
UNSEEN = timedelta(minutes=10)
_NAME = re.compile(
    rf"{METADATA}/(?:(?P<version>\d{{1,16}})\.(?P<role>root|targets|snapshot)|root|timestamp)\.json"
    rf"|{TARGETS}/(?:[a-z]{{1,16}}/)?(?P<sha>[0-9a-f]{{64}})\.[a-z0-9]{{1,16}}\.json(?:\.gz)?",
    re.ASCII,
)
_ROOT = re.compile(rf"{METADATA}/(?:\d+\.)?root\.json", re.ASCII)
_HEADERS = PUBLIC | {"X-Robots-Tag": "noindex", "Access-Control-Expose-Headers": "ETag, Content-Range"}


def metadata(request: Request) -> Response:
    return _own(request, f"{METADATA}/{request.path_params['name']}")


def target(request: Request) -> Response:
    return _own(request, f"{TARGETS}/{request.path_params['path']}")


def mirrored(request: Request) -> Response:
    """A file of the repository of a catalogue that is followed here. Raises NotFound."""
    name = request.path_params["path"]
    match = _NAME.fullmatch(name)
    try:
        instance = UUID(request.path_params["instance"])
    except ValueError:
        raise NotFound("file", name) from None
    peer = request.app.state.store.peers.by_instance(instance)
    if match is None or peer is None or peer.state not in VISITED_STATES or peer.root is None:
        raise NotFound("file", name)
    kept = {None: name, "root": f"{METADATA}/root_history/{match['version']}.root.json"}  # where the updater has it
    file = request.app.state.peers / str(instance) / kept.get(match["role"], f"{METADATA}/{match['role']}.json")
    if not file.is_file():
        raise NotFound("file", name)
    raw = b"" if match["sha"] else file.read_bytes()
    if match["role"] in ("targets", "snapshot") and str(json.loads(raw)["signed"]["version"]) != match["version"]:
        raise NotFound("file", name)  # only the newest is kept
    return _answer(request, file, raw, match["sha"])


def _own(request: Request, name: str) -> Response:
    """A file of the own folder; 404 is short, since a visit asks for the next root each time."""
    if request.method == "OPTIONS":
        return _allowed()
    file: Path = request.app.state.exchange / name
    match = _NAME.fullmatch(name)
    if match is None or not file.is_file():
        return Response(status_code=404, headers=_HEADERS | {"Cache-Control": CACHE})
    if not _ROOT.fullmatch(name) and not _is_fresh(request):
        return Response(status_code=503, headers=_HEADERS | {"Retry-After": "600"})
    return _answer(request, file, b"" if match["sha"] else file.read_bytes(), match["sha"])


def _answer(request: Request, file: Path, raw: bytes, sha: str | None) -> Response:
    """`sha`: of a target, which is read as it is sent; of others `raw` are the bytes."""
    tag = sha or hashlib.sha256(raw).hexdigest()
    headers = _HEADERS | {"ETag": f'"{tag[:32]}"', "Cache-Control": FIXED if sha else CACHE}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if sha:
        return FileResponse(file, headers=headers, media_type=PACKED if file.suffix == ".gz" else SIGNED)
    return Response(raw, headers=headers, media_type=SIGNED)


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
