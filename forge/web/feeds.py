"""Feeds of what changed (Atom, RFC 4287), in the language that the reader asks for. Their author is the project.

`updated` is the time of the newest line, so that a feed in which nothing happened is the same bytes.
"""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge import languages
from forge.web import called, decided
from forge.web import facts as drawn
from forge.web.render import CACHE, PUBLIC, manifest_of, now_of, offered

ENTRIES = 50
# XML 1.0 bears these in no form; a stranger's text may hold them.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def project(request: Request) -> Response:
    slug = request.path_params["slug"]
    tongue = _spoken(request)
    found = request.app.state.store.pages.project(slug)
    told = request.app.state.store.facts.history(slug, None, ENTRIES)
    return _feed(
        request,
        "feed.xml",
        project=found.record,
        names=drawn.names(found),
        entries=[
            (event, uuid5(found.id, f"history:{event.line.number}"))
            for event in drawn.events(told.lines, slug, drawn.served(found.mirror))
        ],
        id=uuid5(found.id, "history"),
        updated=max((line.at for line in told.lines), default=found.added_at),
        path=f"/feeds/projects/{slug}.atom?language={tongue.tag}",
        now=now_of(request),
    )


def log(request: Request) -> Response:
    """Decisions of moderators, newest first; their author is the catalogue."""
    tongue, manifest = _spoken(request), manifest_of(request)
    lines = request.app.state.store.decisions.lines(None, ENTRIES)
    here = manifest.id if manifest else NAMESPACE_URL
    return _feed(
        request,
        "log.xml",
        site=tongue.said(manifest.name) if manifest else None,
        words=decided,
        entries=[(line, uuid5(here, f"decision:{line.number}")) for line in lines],
        id=uuid5(here, "log"),
        updated=lines[0].at if lines else datetime(1970, 1, 1, tzinfo=UTC),
        path=f"/feeds/log.atom?language={tongue.tag}",
    )


def calls(request: Request) -> Response:
    """Open calls, newest first; their author is the catalogue, and nobody who sent one."""
    tongue, manifest = _spoken(request), manifest_of(request)
    lines = request.app.state.store.calls.find(per_page=ENTRIES).lines
    here = manifest.id if manifest else NAMESPACE_URL
    return _feed(
        request,
        "calls.xml",
        site=tongue.said(manifest.name) if manifest else None,
        words=called,
        lines=lines,
        id=uuid5(here, "calls"),
        updated=lines[0].call.opened_at if lines else datetime(1970, 1, 1, tzinfo=UTC),
        path=f"/feeds/calls.atom?language={tongue.tag}",
    )


def _spoken(request: Request) -> languages.Tongue:
    tags, wished = offered(request), request.query_params.get("language", "")
    tongue = request.state.tongue = languages.tongue(wished if wished in tags else tags[0])
    return tongue


def _feed(request: Request, name: str, *, path: str, **context: Any) -> Response:
    tongue, site = request.state.tongue, request.app.state.site
    base = site.base_url or str(request.base_url).rstrip("/")
    body = site.environment(tongue).get_template(name).render(base=base, own=f"{base}{path}", **context)
    body = _NO_XML.sub("\ufffd", languages.unmarked(body)).encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {"Cache-Control": CACHE, "ETag": tag, "Content-Language": tongue.tag} | PUBLIC
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/atom+xml")


ROUTES = [
    Route("/feeds/projects/{slug}.atom", project, name="feed"),
    Route("/feeds/log.atom", log, name="log-feed"),
    Route("/feeds/calls.atom", calls, name="calls-feed"),
]
