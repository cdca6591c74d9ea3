"""Feeds of the changes of a project, of decisions and of calls (Atom, RFC 4287), in the language that the reader asks
for. The author of a project's feed is the project.

`updated` is the time of the newest line, so that a feed in which nothing happened is the same bytes.
"""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import Response

from forge.web.core.render import manifest_of, now_of
from forge.web.facts import facts as drawn
from forge.web.feeds.atom import ENTRIES, feed_answer, feed_language
from forge.web.feeds.items import project_items
from forge.web.projects.requested_project import project_of
from forge.web.wording import calls as wording_calls
from forge.web.wording import decisions


def project_feed(request: Request) -> Response:
    slug = request.path_params["slug"]
    tongue = feed_language(request)
    page = project_of(request)
    history = request.app.state.store.facts.history(slug, None, ENTRIES)
    lines = drawn.history_events(history.lines, slug, drawn.is_code_served(page.mirror))
    events = [(event.line.at, uuid5(page.id, f"history:{event.line.number}"), event, None) for event in lines]
    users = request.app.state.store.record_pages.users(slug, per_page=ENTRIES).adoptions
    decided_here = request.app.state.store.decisions.of_project(page.id, ENTRIES)
    news = project_items(page, users, decided_here)
    others = [(news_item.at, news_item.id, None, news_item) for news_item in news]
    entries = sorted([*events, *others], key=lambda entry: entry[0], reverse=True)[:ENTRIES]
    return feed_answer(
        request,
        "feeds/project.xml",
        project=page.record,
        names=drawn.names_by_slug(page),
        words=decisions,
        entries=entries,
        id=uuid5(page.id, "history"),
        updated=max((entry[0] for entry in entries), default=page.added_at),
        path=f"/feeds/projects/{slug}.atom?language={tongue.tag}",
        now=now_of(request),
    )


def decisions_feed(request: Request) -> Response:
    """Make the feed of decisions of moderators, newest first; its author is the catalogue."""
    tongue, manifest = feed_language(request), manifest_of(request)
    lines = request.app.state.store.decisions.lines(None, ENTRIES)
    instance_id = manifest.id if manifest else NAMESPACE_URL
    return feed_answer(
        request,
        "feeds/log.xml",
        site=tongue.text_of(manifest.name) if manifest else None,
        words=decisions,
        entries=[(line, uuid5(instance_id, f"decision:{line.number}")) for line in lines],
        id=uuid5(instance_id, "log"),
        updated=lines[0].at if lines else datetime(1970, 1, 1, tzinfo=UTC),
        path=f"/feeds/log.atom?language={tongue.tag}",
    )


def calls_feed(request: Request) -> Response:
    """Make the feed of open calls, newest first; its author is the catalogue, and nobody who sent one is named."""
    tongue, manifest = feed_language(request), manifest_of(request)
    lines = request.app.state.store.calls.find(per_page=ENTRIES).lines
    instance_id = manifest.id if manifest else NAMESPACE_URL
    return feed_answer(
        request,
        "feeds/calls.xml",
        site=tongue.text_of(manifest.name) if manifest else None,
        words=wording_calls,
        lines=lines,
        id=uuid5(instance_id, "calls"),
        updated=lines[0].call.opened_at if lines else datetime(1970, 1, 1, tzinfo=UTC),
        path=f"/feeds/calls.atom?language={tongue.tag}",
    )
