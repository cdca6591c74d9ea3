"""Serves the files that were fetched from another catalogue, unchanged and under its own signatures: its followers read
on here while it cannot be reached, and after a restore from a backup it reads here what it had published.
"""

import hashlib
import json
import re
from pathlib import Path
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.exchange import names
from catalog.rules.peer import VISITED_STATES
from forge.web.core.etag import not_modified
from forge.web.core.render import CACHE, PUBLIC

_ROOT = re.compile(rf"{names.METADATA}/([1-9][0-9]{{0,8}})\.root\.json", re.ASCII)
_VERSIONED = re.compile(rf"{names.METADATA}/([1-9][0-9]{{0,18}})\.(snapshot|targets)\.json", re.ASCII)
_TARGET = re.compile(rf"{names.TARGETS}/(?:[a-z]+/)?[0-9a-f]{{64}}\.[a-z0-9]+\.json(?:\.gz)?", re.ASCII)
_HEADERS = PUBLIC | {"X-Robots-Tag": "noindex", "Access-Control-Expose-Headers": "ETag"}


def mirrored(request: Request) -> Response:
    """A file of the repository of a catalogue that is followed here. Raises NotFound."""
    path = request.path_params["path"]
    try:
        instance = UUID(request.path_params["instance"])
    except ValueError:
        raise NotFound("file", path) from None
    peer = request.app.state.store.peers.by_instance(instance)
    if peer is None or peer.state not in VISITED_STATES or peer.root is None:
        raise NotFound("file", path)
    file = _file(request.app.state.peers / str(instance), path)
    if file is None or not file.is_file():
        raise NotFound("file", path)
    raw = file.read_bytes()
    if (match := _VERSIONED.fullmatch(path)) and str(json.loads(raw)["signed"]["version"]) != match[1]:
        raise NotFound("file", path)  # only the newest is kept
    headers = _HEADERS | {"ETag": f'"{hashlib.sha256(raw).hexdigest()[:32]}"', "Cache-Control": CACHE}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(raw, headers=headers, media_type=names.PACKED if path.endswith(".gz") else names.SIGNED)


def _file(folder: Path, path: str) -> Path | None:
    """Where a file of a repository lies in the folder that the updater keeps; None for a path that none has."""
    metadata = folder / names.METADATA
    if path in (f"{names.METADATA}/{names.ROOT}", f"{names.METADATA}/{names.TIMESTAMP}"):
        return folder / path
    if match := _ROOT.fullmatch(path):
        return metadata / "root_history" / f"{match[1]}.root.json"
    if match := _VERSIONED.fullmatch(path):
        return metadata / f"{match[2]}.json"
    return folder / path if _TARGET.fullmatch(path) else None
