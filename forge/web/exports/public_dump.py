"""The whole public data as one file to download; `forge.export.public_dump` decides what is in it."""

from math import ceil

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from catalog.errors import NotFound
from forge.export.public_dump_file import Busy
from forge.web.core.etag import not_modified
from forge.web.core.render import PUBLIC

CACHE = "public, max-age=0, must-revalidate"  # what was withdrawn is in no later answer


def download_dump(request: Request) -> Response:
    """Send catalog.tar.gz: written when somebody asks for it after a change, else as it was."""
    state = request.app.state
    if state.store.manifest() is None:
        raise NotFound("export", "catalog.tar.gz")
    try:
        file, name = state.dumps.file(state.store, now=state.clock())
    except Busy as busy:
        return PlainTextResponse("The file is being written.", 503, {"Retry-After": str(ceil(busy.seconds))})
    headers = {"Cache-Control": CACHE, "ETag": f'"{name}"'} | PUBLIC
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return FileResponse(file, headers=headers, media_type="application/gzip", filename="catalog.tar.gz")
