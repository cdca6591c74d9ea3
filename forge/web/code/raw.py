"""Sends the bytes of a file as they are, for programs and for pictures in READMEs; no browser draws them as a page of
ours.
"""

from io import BytesIO

from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.render.raw import content_type, disposition
from forge.web.code.access import CodeSource, place_of, reader_of, readers_of
from forge.web.code.large_trees import find
from forge.web.code.streamed_response import FIXED_CACHE, HEADERS, FileAnswer
from forge.web.code.unavailable import from_code, too_large_page
from forge.web.core.etag import not_modified
from forge.web.core.render import CACHE

MAX_BYTES = 8 << 20
SMALL_BYTES = (
    256 << 10
)  # up to here a file is an answer like a page; what is larger takes from its reader's share of memory
LARGE_SECONDS = 300.0  # for a large file to go out: a slower reader is disconnected and frees its memory


@from_code()
def raw_file(request: Request, source: CodeSource) -> Response:
    place = place_of(request, source)
    with readers_of(request).pool.objects(source.folder) as objects:
        entry = find(request, objects, place.oid, place.path)
        if entry.kind != "blob":
            raise read.ObjectMissing(entry.oid)
        headers = HEADERS | {"ETag": f'"{entry.oid}"', "Cache-Control": CACHE if place.name else FIXED_CACHE}
        if not_modified(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        size_bytes = objects.info(entry.oid).size_bytes
        if size_bytes > MAX_BYTES:
            return too_large_page(request, source, MAX_BYTES)
        leave = readers_of(request).large_file(reader_of(request), size_bytes) if size_bytes > SMALL_BYTES else None
        try:
            data = read.blob(objects, entry.oid, MAX_BYTES) or b""
        except BaseException:
            if leave is not None:
                leave()
            raise
    name = place.path.decode("utf-8", "replace")
    media_type, attachment = content_type(data, name)
    headers |= {"Content-Type": media_type, "Content-Disposition": disposition(name, attachment)}
    return (
        Response(data, headers=headers) if leave is None else FileAnswer(BytesIO(data), headers, leave, LARGE_SECONDS)
    )
