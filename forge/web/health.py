"""Whether the service lives and whether it can answer, for those who watch it. No figures: those are in `metrics`."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_NO_STORE = {"Cache-Control": "no-store"}


def alive(request: Request) -> Response:
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


def ready(request: Request) -> Response:
    """200 when pages can be served, also from the last good document, whose problem is then told; else 503."""
    store = request.app.state.store
    if not store.answers():
        return JSONResponse({"status": "database does not answer"}, 503, headers=_NO_STORE)
    problem = store.problem()
    if store.manifest() is None:
        return JSONResponse({"status": "no document is loaded", "problem": problem}, 503, headers=_NO_STORE)
    return JSONResponse({"status": "ok", "problem": problem}, headers=_NO_STORE)
