"""Feeds of changes (Atom, RFC 4287): those of one project, and calls, in the language that the reader asks for. The
author of a project's feed is the project.

`updated` is the time of the newest line, so that a feed in which nothing happened is the same bytes.
"""

from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import Response

from forge.i18n.languages import plain
from forge.web.core.render import manifest_of
from forge.web.facts import fact_groups
from forge.web.feeds.atom import ENTRIES, NEVER, Entry, feed_answer, feed_language, macros, site_name
from forge.web.feeds.entries import adoption_entry, call_entry, decision_entry, release_entries
from forge.web.projects.requested_project import project_of


def project_feed(request: Request) -> Response:
    slug = request.path_params["slug"]
    page_language = feed_language(request)
    page = project_of(request)
    store, names, history_page = request.app.state.store, fact_groups.names_by_slug(page), f"/projects/{slug}/history"
    lines = fact_groups.history_events(
        store.facts.history(slug, None, ENTRIES).lines, slug, fact_groups.is_code_served(page.mirror)
    )
    says = macros(request, "projects/fact-macros.html")
    entries = [
        Entry(
            id=uuid5(page.id, f"history:{event.line.number}"),
            title=says.happened(event).striptags(),
            updated=event.line.at,
            address=f"{history_page}#c{event.line.number}",
            content=says.change(event, names).strip() or says.happened(event),
        )
        for event in lines
    ]
    decided = macros(request, "desk/decision-macros.html")
    entries += [
        decision_entry(decided, uuid5(page.id, f"decision:{decision.number}"), decision)
        for decision in store.decisions.of_project(page.id, ENTRIES)
    ]
    users = store.record_pages.users(slug, per_page=ENTRIES).adoptions
    entries += filter(None, (adoption_entry(macros(request), page.id, line) for line in users))
    entries += release_entries(macros(request), page)
    entries = sorted(entries, key=lambda entry: entry.updated, reverse=True)[:ENTRIES]
    return feed_answer(
        request,
        path=f"/feeds/projects/{slug}.atom?language={page_language.tag}",
        id=uuid5(page.id, "history"),
        title=says.title(page.record.name).unescape(),
        author=plain(page.record.name),
        page=history_page,
        updated=entries[0].updated if entries else page.added_at,
        entries=entries,
    )


def calls_feed(request: Request) -> Response:
    """Make the feed of open calls, newest first; its author is the catalogue, and nobody who sent one is named."""
    page_language, manifest = feed_language(request), manifest_of(request)
    lines = request.app.state.store.calls.find(per_page=ENTRIES).lines
    says, site = macros(request), site_name(request)
    return feed_answer(
        request,
        path=f"/feeds/calls.atom?language={page_language.tag}",
        id=uuid5(manifest.id if manifest else NAMESPACE_URL, "calls"),
        title=f"{says.calls_title().unescape()} – {site}",
        author=site,
        page="/calls",
        updated=lines[0].call.opened_at if lines else NEVER,
        entries=[call_entry(says, line.call) for line in lines],
    )
