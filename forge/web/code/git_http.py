"""Clones over smart HTTP: two addresses around `forge.git.http_backend`, for git and not for browsers. Pushing is
refused.

Answers to a mistake are plain text, which git shows to the person who clones. https://git-scm.com/docs/gitprotocol-http
"""

from collections.abc import Awaitable, Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from catalog.errors import Moved, NotFound, Removed
from forge.git import http_backend, read
from forge.web.code.access import CodeSource, reader_of, readers_of, source_of
from forge.web.code.streamed_response import CloneAnswer

STALL_SECONDS = 60.0  # of a clone whose reader takes nothing

_NO_CACHE = {"Cache-Control": "no-cache, max-age=0, must-revalidate"}
_READ_ONLY_SENTENCE = (
    "This catalogue only gives code out, to git clients that speak smart HTTP. Nothing can be pushed here."
)
_CLOSED_SENTENCES = {
    "not-free": "The code of this project is not served here, because its license is not free. Its origin: {origin}",
    "unknown": "The code of this project is not served here, because it is not sure to be free. Its origin: {origin}",
    "erasing": "Something is being removed from this copy. Try again in a few minutes. Its origin: {origin}",
    "decided": "The code of this project is not served here: a moderator decided so. Its origin: {origin}",
}
_NO_COPY_SENTENCE = "The code of this project is not here yet, or there is none. Its origin: {origin}"
_BUSY_SENTENCE = "Too many people clone at this moment. Try again in a minute."
_BROKEN_SENTENCE = "This mirror cannot be read at the moment. Try again later."


async def info_refs(request: Request) -> Response:
    """Answer a client's first request: the refs."""
    if request.query_params.get("service") != "git-upload-pack":
        return _plain_answer(403, _READ_ONLY_SENTENCE)
    return await _answer_for_source(request, partial(_advertise, request))


async def upload_pack(request: Request) -> Response:
    """Answer its second request: the objects it lacks."""
    if request.headers.get("content-type") != "application/x-git-upload-pack-request":
        return _plain_answer(415, _READ_ONLY_SENTENCE)
    return await _answer_for_source(request, partial(_send_pack, request))


async def _answer_for_source(request: Request, answer: Callable[[CodeSource], Awaitable[Response]]) -> Response:
    try:
        source = await run_in_threadpool(source_of, request)
    except Moved as moved:
        if request.method != "GET":
            return _plain_answer(404, f"This project is now called {moved.to}.")
        return RedirectResponse(f"/git/{moved.to}.git/info/refs?service=git-upload-pack", 301)
    except Removed as removed:
        return _plain_answer(410, f"This project was taken away: {removed.reason}")
    except NotFound:
        return _plain_answer(404, "There is no such project here.")
    if source.closed_reason:
        origin = source.found.record.repository or "not known"
        sentence = _CLOSED_SENTENCES.get(source.closed_reason, _NO_COPY_SENTENCE)
        return _plain_answer(403, sentence.format(origin=origin))
    if not read.is_mirror(source.folder):
        return _plain_answer(503, _BROKEN_SENTENCE, {"Retry-After": "600"})
    return await answer(source)


async def _advertise(request: Request, source: CodeSource) -> Response:
    gate, protocol = readers_of(request).clones, request.headers.get("git-protocol")
    try:
        body = await http_backend.advertise(source.folder, gate, reader=reader_of(request), protocol=protocol)
    except http_backend.Busy as busy:
        return _plain_answer(503, _BUSY_SENTENCE, {"Retry-After": str(busy.retry_after_seconds)})
    except TimeoutError:
        body = b""
    if not body.endswith(b"0000"):
        return _plain_answer(503, _BROKEN_SENTENCE, {"Retry-After": "600"})
    return Response(body, media_type=http_backend.ADVERTISEMENT, headers=_NO_CACHE)


async def _send_pack(request: Request, source: CodeSource) -> Response:
    try:
        answer = await http_backend.upload_pack(
            source.folder,
            request.stream(),
            readers_of(request).clones,
            reader=reader_of(request),
            protocol=request.headers.get("git-protocol"),
            encoding=request.headers.get("content-encoding"),
        )
    except http_backend.Busy as busy:
        return _plain_answer(503, _BUSY_SENTENCE, {"Retry-After": str(busy.retry_after_seconds)})
    except http_backend.BodyTooLarge:
        return _plain_answer(413, "This request is larger than any clone needs.")
    except (ClientDisconnect, TimeoutError):
        return _plain_answer(400, "This request did not come to its end.")
    return CloneAnswer(answer, _NO_CACHE | {"Content-Type": http_backend.RESULT}, STALL_SECONDS)


def _plain_answer(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{sentence}\n", status, headers=_NO_CACHE | (headers or {}))
