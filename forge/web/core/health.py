"""Whether the service lives and whether it can answer, in plain text, for those who watch it. No figures: those are in
`metrics`.

Who watches needs the status alone; the first line says it in words, a second one what the operator should know.
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

_NO_STORE = {"Cache-Control": "no-store"}


def alive(request: Request) -> Response:
    return _said("ok")


def ready(request: Request) -> Response:
    """200 when pages can be served, also from the last good document, whose problem is then told; else 503."""
    store = request.app.state.store
    if not store.answers():
        return _said("database does not answer", status=503)
    if store.manifest() is None:
        return _said("no document is loaded", store.problem(), status=503)
    return _said("ok", store.problem())


def _said(word: str, problem: str | None = None, *, status: int = 200) -> Response:
    return PlainTextResponse("".join(f"{line}\n" for line in (word, problem) if line), status, headers=_NO_STORE)
