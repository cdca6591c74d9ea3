"""The interface for programs: facts, histories and decisions as JSON, which any site may read from a browser."""

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.facts import choose
from forge import exports
from forge.web.render import CACHE, PUBLIC, Site, address, manifest_of
from forge.web.wish import number_beyond, number_of

LINES, MOST_LINES = 50, 200


def facts(request: Request) -> Response:
    """All public facts of a project, each with its origin, and whether its page shows it."""
    if request.method == "OPTIONS":
        return _allowed()
    slug = request.path_params["slug"]
    page = request.app.state.store.facts.page(slug)
    return _answer(
        request, _project(page) | {"facts": exports.facts(page, choose(page.facts))}, f"/projects/{slug}/facts"
    )


def history(request: Request) -> Response:
    """What changed, newest first: `limit` lines below number `before`; `next` is the address of those behind them."""
    if request.method == "OPTIONS":
        return _allowed()
    slug, before = request.path_params["slug"], number_beyond(request.query_params.get("before"))
    limit = min(MOST_LINES, number_of(request.query_params.get("limit", str(LINES))))
    page = request.app.state.store.facts.history(slug, before, limit)
    following = [("before", str(page.next)), ("limit", str(limit) if limit != LINES else "")]
    target = _base(request) + address(request.url.path, following) if page.next else None
    content = _project(page) | {"lines": [exports.a_line(one) for one in page.lines], "next": target}
    answer = _answer(request, content, f"/projects/{slug}/history")
    if target:
        answer.headers.append("Link", f'<{target}>; rel="next"')
    return answer


def decisions(request: Request) -> Response:
    """The public log, newest first: `limit` lines below number `before`; `next` as in `history`."""
    if request.method == "OPTIONS":
        return _allowed()
    before = number_beyond(request.query_params.get("before"))
    limit = min(MOST_LINES, number_of(request.query_params.get("limit", str(LINES))))
    found = request.app.state.store.decisions.lines(before, limit + 1)
    lines, more = found[:limit], len(found) > limit
    following = [("before", str(lines[-1].number)), ("limit", str(limit) if limit != LINES else "")] if more else []
    target = _base(request) + address(request.url.path, following) if more else None
    answer = _answer(request, {"decisions": [exports.a_decision(one) for one in lines], "next": target}, "/log")
    if target:
        answer.headers.append("Link", f'<{target}>; rel="next"')
    return answer


def _project(page: Any) -> dict[str, Any]:
    return {"id": str(page.id), "slug": page.slug, "name": page.name}


def _answer(request: Request, content: dict[str, Any], human: str) -> Response:
    """JSON with an `ETag`, the license of the data, and the page for people; 304 for who has it already."""
    manifest = manifest_of(request)
    if manifest is not None:
        content = {"license": manifest.data_license.facts} | content
    body = json.dumps(content, separators=(",", ":")).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    link = f'<{_base(request)}{human}>; rel="alternate"; type="text/html"'
    headers = {"Cache-Control": CACHE, "ETag": tag, "Link": link} | PUBLIC
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _allowed() -> Response:
    """What a browser asks before another site's program sends a condition along."""
    more = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "If-None-Match"}
    return Response(status_code=204, headers=PUBLIC | more | {"Access-Control-Max-Age": "86400"})


def _base(request: Request) -> str:
    site: Site = request.app.state.site
    return site.base_url or str(request.base_url).rstrip("/")


ROUTES = [
    Route("/api/v1/projects/{slug}/facts", facts, methods=["GET", "OPTIONS"], name="api-facts"),
    Route("/api/v1/projects/{slug}/history", history, methods=["GET", "OPTIONS"], name="api-history"),
    Route("/api/v1/decisions", decisions, methods=["GET", "OPTIONS"], name="api-decisions"),
]
