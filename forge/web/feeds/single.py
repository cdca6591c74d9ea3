"""Feeds of what changed (Atom, RFC 4287), in the language that the reader asks for. Their author is the project.

`updated` is the time of the newest line, so that a feed in which nothing happened is the same bytes.
"""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge.web.core.mirror_copies import project_of
from forge.web.core.render import manifest_of, now_of
from forge.web.facts import facts as drawn
from forge.web.feeds.atom import ENTRIES, feed, spoken
from forge.web.feeds.items import of_project
from forge.web.wording import calls as wording_calls
from forge.web.wording import decisions


def project(request: Request) -> Response:
    slug = request.path_params["slug"]
    tongue = spoken(request)
    found = project_of(request)
    told = request.app.state.store.facts.history(slug, None, ENTRIES)
    lines = drawn.events(told.lines, slug, drawn.served(found.mirror))
    events = [(event.line.at, uuid5(found.id, f"history:{event.line.number}"), event, None) for event in lines]
    users = request.app.state.store.pages.users(slug, per_page=ENTRIES).adoptions
    decided_here = request.app.state.store.decisions.of_project(found.id, ENTRIES)
    news = of_project(found, users, decided_here)
    others = [(one.at, one.id, None, one) for one in news]
    entries = sorted([*events, *others], key=lambda entry: entry[0], reverse=True)[:ENTRIES]
    return feed(
        request,
        "feeds/project.xml",
        project=found.record,
        names=drawn.names(found),
        words=decisions,
        entries=entries,
        id=uuid5(found.id, "history"),
        updated=max((entry[0] for entry in entries), default=found.added_at),
        path=f"/feeds/projects/{slug}.atom?language={tongue.tag}",
        now=now_of(request),
    )


def log(request: Request) -> Response:
    """Decisions of moderators, newest first; their author is the catalogue."""
    tongue, manifest = spoken(request), manifest_of(request)
    lines = request.app.state.store.decisions.lines(None, ENTRIES)
    here = manifest.id if manifest else NAMESPACE_URL
    return feed(
        request,
        "feeds/log.xml",
        site=tongue.said(manifest.name) if manifest else None,
        words=decisions,
        entries=[(line, uuid5(here, f"decision:{line.number}")) for line in lines],
        id=uuid5(here, "log"),
        updated=lines[0].at if lines else datetime(1970, 1, 1, tzinfo=UTC),
        path=f"/feeds/log.atom?language={tongue.tag}",
    )


def calls(request: Request) -> Response:
    """Open calls, newest first; their author is the catalogue, and nobody who sent one."""
    tongue, manifest = spoken(request), manifest_of(request)
    lines = request.app.state.store.calls.find(per_page=ENTRIES).lines
    here = manifest.id if manifest else NAMESPACE_URL
    return feed(
        request,
        "feeds/calls.xml",
        site=tongue.said(manifest.name) if manifest else None,
        words=wording_calls,
        lines=lines,
        id=uuid5(here, "calls"),
        updated=lines[0].call.opened_at if lines else datetime(1970, 1, 1, tzinfo=UTC),
        path=f"/feeds/calls.atom?language={tongue.tag}",
    )


ROUTES = [
    Route("/feeds/projects/{slug}.atom", project, name="feed"),
    Route("/feeds/log.atom", log, name="log-feed"),
    Route("/feeds/calls.atom", calls, name="calls-feed"),
]
