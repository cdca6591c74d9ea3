"""Whether the service lives and whether it can answer, in plain text, for monitoring. Figures are in `metrics`.

A monitor needs the status alone; the first line says it in words, a second one what the operator should know.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_NO_STORE = {"Cache-Control": "no-store"}


def alive(request: Request) -> Response:
    return _plain_answer("ok")


def ready(request: Request) -> Response:
    """Answer 200 when pages can be served, also from the last good document, whose problem is then shown; else 503."""
    store = request.app.state.store
    if not store.answers():
        return _plain_answer("database does not answer", status=503)
    if store.manifest() is None:
        return _plain_answer("no document is loaded", store.problem(), status=503)
    return _plain_answer("ok", store.problem())


def _plain_answer(word: str, problem: str | None = None, *, status: int = 200) -> Response:
    return PlainTextResponse("".join(f"{line}\n" for line in (word, problem) if line), status, headers=_NO_STORE)
