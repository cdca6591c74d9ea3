"""Archives of a commit or of a version, streamed as git writes them (`forge.git.archive`)."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from forge.git import read
from forge.git.archive import FILES, FORMATS, UNPACKED_BYTES, archive
from forge.git.runner import GitFailed
from forge.git.streaming import AnswerPieces
from forge.render.raw import disposition
from forge.web.code.access import PATH_BYTES_KEY, CodeReaders, CodeSource, place_of, reader_of
from forge.web.code.streamed_response import FIXED_CACHE, HEADERS, StreamedAnswer
from forge.web.code.unavailable import answer_from_code, too_large_archive_page
from forge.web.core.etag import not_modified
from forge.web.core.render import CACHE

STALL_SECONDS = 60.0  # of an archive whose reader takes nothing
RETRY_SECONDS = 60
ARCHIVE_TOKENS = 20
_NO_NAME = re.compile(r"[^A-Za-z0-9._+-]+")
_BROKEN_SENTENCE = "This archive cannot be made at the moment. Try again later.\n"


def archive_of(request: Request) -> Response:
    """Answer with a commit or version as `.tar.gz` or `.zip`."""
    rest: bytes = request.scope.get(PATH_BYTES_KEY, b"")
    kind = next((kind for kind in FORMATS if rest.endswith(f".{kind}".encode())), "")
    # What is before the ending is the place, here and where it is looked up why one is not served.
    request.scope[PATH_BYTES_KEY] = rest[: -len(kind) - 1] if kind else b""
    return answer_from_code(request, partial(_archive_answer, request, kind), tokens=ARCHIVE_TOKENS)


def _archive_answer(request: Request, kind: str, source: CodeSource) -> Response:
    place = place_of(request, source)
    code_readers: CodeReaders = request.app.state.code_readers
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
    size = read.size(source.folder, place.oid)
    if not size.whole or size.files > FILES or size.size_bytes > UNPACKED_BYTES:
        return too_large_archive_page(request, source)
    leave = code_readers.archives.acquire(reader_of(request))
    if leave is None:
        raise HTTPException(503, headers={"Retry-After": str(RETRY_SECONDS)})
    return _Archive(source.folder, place.oid, kind, folder, headers, leave)


class _Archive(Response):
    """Starts git when the answer is sent, and gives the place back however that ends."""

    def __init__(
        self, mirror: Path, oid: str, kind: str, folder: str, headers: dict[str, str], leave: Callable[[], None]
    ):
        super().__init__(headers=headers)
        self._order, self._sent_headers, self._leave = (mirror, oid, kind, folder), headers, leave

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        pieces = archive(*self._order)
        try:
            try:
                first = await anext(pieces)
            except (GitFailed, TimeoutError, StopAsyncIteration):
                broken = {"Retry-After": "600", "Cache-Control": "no-store"}
                await PlainTextResponse(_BROKEN_SENTENCE, 503, headers=broken)(scope, receive, send)
                return
            answer = AnswerPieces(first, pieces, self._leave)
            await StreamedAnswer(answer, "an archive", self._sent_headers, STALL_SECONDS)(scope, receive, send)
        finally:
            await pieces.aclose()
            self._leave()


def _file_name(name: str) -> str:
    """The name of a branch or version as every system accepts it in a file's name."""
    return _NO_NAME.sub("-", name.encode("utf-8", "replace").decode()).strip("-.")[:80]
