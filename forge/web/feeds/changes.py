"""Feeds of changes (Atom, RFC 4287): those of one project, and calls, in the language that the reader asks for. The
author of a project's feed is the project.

`updated` is the time of the newest line, so that a feed in which nothing happened is the same bytes. What has no full
day is left out: a feed orders by days, and a year is not a day.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from starlette.requests import Request
from starlette.responses import Response

from catalog.publication.model import PublicProject
from catalog.rules.call import Call
from catalog.rules.decision import Decision
from catalog.store.core.read_models import AdoptionLine
from forge.i18n.languages import plain
from forge.web.core.render import manifest_of
from forge.web.facts import fact_groups
from forge.web.facts.values import draw_value
from forge.web.feeds.atom import ENTRIES, NEVER, FeedEntry, feed_answer, feed_language, macros, site_name
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
        FeedEntry(
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


def adoption_entry(says: Any, of: UUID, line: AdoptionLine) -> FeedEntry | None:
    """Make the entry of an adoption with the day on which its organization confirmed it, else on which it was found;
    None without a day.
    """
    at = line.confirmed_at or day(line.adoption.seen_at)
    if at is None:
        return None
    return FeedEntry(
        id=uuid5(of, f"use:{line.project_slug}:{line.organization.id}"),
        title=says.uses(line).unescape(),
        updated=at,
        address=f"/projects/{line.project_slug}/users",
        content=says.how(line.adoption).unescape(),
    )


def release_entries(says: Any, page: PublicProject) -> Iterator[FeedEntry]:
    releases = page.chosen.get("releases")
    drawn = draw_value("releases", releases.value) if releases else None
    for release in drawn.value if drawn and drawn.kind == "releases" else ():
        if at := day(release["date"]):
            yield FeedEntry(
                id=uuid5(page.id, f"release:{release['version']}"),
                title=says.release(page.record, release["version"]).unescape(),
                updated=at,
                address=f"/projects/{page.record.slug}",
                content=release["version"],
            )


def decision_entry(says: Any, id: UUID, decision: Decision) -> FeedEntry:
    return FeedEntry(
        id=id,
        title=says.what(decision).striptags(),
        updated=decision.at,
        address=f"/log?before={decision.number + 1}#d{decision.number}",
        content=says.why(decision),
    )


def call_entry(says: Any, call: Call) -> FeedEntry:
    """Make the entry of a call, in the language of its author."""
    return FeedEntry(
        id=call.id,
        title=plain(call.title),
        language=call.language,
        updated=call.opened_at,
        address=f"/calls/{call.reference}",
        categories=[(call.kind, says.call_kind(call).unescape())],
        content=plain(call.record["text"]),
    )


def day(text: str | None) -> datetime | None:
    """Return the beginning of a whole day, in UTC."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text and len(text) == 10 else None
    except ValueError:
        return None
