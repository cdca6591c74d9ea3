"""Archives of a commit or of a version (`forge.git.archive`).

Git has a place while it writes, into a file without a name; the file waits for its reader, who may be slow.
"""

import re
from tempfile import TemporaryFile

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from forge.git import read
from forge.git.archive import FORMATS, write_archive
from forge.render.raw import disposition
from forge.web.code.access import PATH_BYTES_KEY, CodeSource, place_of, reader_of, readers_of
from forge.web.code.streamed_response import FIXED_CACHE, HEADERS, FileAnswer
from forge.web.code.unavailable import from_code, too_large_page
from forge.web.core.etag import not_modified
from forge.web.core.render import CACHE

SEND_SECONDS = 1800.0  # for an archive to go out: a slower reader is disconnected
RETRY_SECONDS = 60
ARCHIVE_TOKENS = 20
_NO_NAME = re.compile(r"[^A-Za-z0-9._+-]+")


@from_code(tokens=ARCHIVE_TOKENS)
def archive_of(request: Request, source: CodeSource) -> Response:
    """Answer with a commit or version as `.tar.gz` or `.zip`."""
    rest: bytes = request.scope.get(PATH_BYTES_KEY, b"")
    kind = next((kind for kind in FORMATS if rest.endswith(f".{kind}".encode())), "")
    # What is before the ending is the place, here and where it is looked up why one is not served.
    request.scope[PATH_BYTES_KEY] = rest[: -len(kind) - 1] if kind else b""
    place = place_of(request, source)
    code_readers = readers_of(request)
    with code_readers.pool.objects(source.folder) as objects:
        if place.path or objects.info(place.oid).kind != "commit":
            raise read.ObjectMissing(place.oid)
    folder = f"{source.slug}-{_file_name(place.name) or place.oid[:10]}"
    headers = HEADERS | {
        "ETag": f'"{place.oid}.{folder}.{kind}"',
        "Cache-Control": CACHE if place.name else FIXED_CACHE,
        "Content-Type": FORMATS[kind],
        "Content-Disposition": disposition(f"{folder}.{kind}", attachment=True),
    }
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if request.method == "HEAD":
        return Response(headers=headers)
    cache_key = source.folder, place.oid
    if code_readers.too_large_archives.get(cache_key):
        return too_large_page(request, source, archive=True)
    reader = reader_of(request)
    leave_file = code_readers.archive_files.acquire(reader)
    leave_git = code_readers.archives.acquire(reader) if leave_file else None
    if leave_file is None or leave_git is None:
        if leave_file:
            leave_file()
        raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)})
    file = TemporaryFile(dir=code_readers.mirrors)  # noqa: SIM115  # the answer closes it
    try:
        write_archive(source.folder, place.oid, kind, folder, file)
    except BaseException as fault:
        file.close()
        leave_file()
        if isinstance(fault, read.TooLarge):
            code_readers.too_large_archives.keep(cache_key, True)
            return too_large_page(request, source, archive=True)
        raise
    finally:
        leave_git()
    return FileAnswer(file, headers, leave_file, SEND_SECONDS)


def _file_name(name: str) -> str:
    """The name of a branch or version as every system accepts it in a file's name."""
    return _NO_NAME.sub("-", name.encode("utf-8", "replace").decode()).strip("-.")[:80]
