"""The bytes of a file as they are, for programs and for pictures in READMEs; never as a page of ours (git.md, 5.6)."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge.git import read
from forge.render.raw import content_type, disposition
from forge.web.assets import FOREVER
from forge.web.refusals import reading, too_large
from forge.web.render import CACHE
from forge.web.source import Source, place_of

MAX_BYTES = 8 << 20  # in memory, for as many readers as there may be at once
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}


def show(request: Request) -> Response:
    return reading(request, partial(_file, request))


def _file(request: Request, source: Source) -> Response:
    place = place_of(request, source)
    with request.app.state.shelf.pool.objects(source.folder) as objects:
        entry = read.find(objects, place.oid, place.path)
        if entry.kind != "blob":
            raise read.Missing(entry.oid)
        headers = HEADERS | {"ETag": f'"{entry.oid}"', "Cache-Control": CACHE if place.name else FOREVER}
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        data = read.blob(objects, entry.oid, MAX_BYTES)
    if data is None:
        return too_large(request, source, MAX_BYTES)
    name = place.path.decode("utf-8", "replace")
    media_type, attachment = content_type(data, name)
    headers |= {"Content-Type": media_type, "Content-Disposition": disposition(name, attachment)}
    return Response(data, headers=headers)


ROUTES = [Route("/projects/{slug}/raw/{rest:path}", show, name="raw")]
