"""What groups ask of one project, collected for its makers: open calls, obstacles, why groups stopped and what they
learned, on one page and in one feed for their tracker.

All of it is public elsewhere too: everything here has a page of its own, and no sender is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid5

from starlette.requests import Request
from starlette.responses import Response

from catalog.store.calls.read_models import CallLine
from catalog.store.core.read_models import EndedUses
from catalog.store.obstacles.rows import Obstacle
from forge.i18n.languages import plain
from forge.web.core.render import address, page
from forge.web.feeds.atom import ENTRIES, NEVER, Entry, feed_answer, feed_language, macros
from forge.web.feeds.entries import call_entry, day
from forge.web.wording import calls as wording_calls


def requests_page(request: Request) -> Response:
    project, calls, obstacles = _read_requests(request)
    nothing = not (calls or obstacles or project.reasons)
    return page(
        request,
        "feeds/project-requests.html",
        project=project,
        calls=calls,
        blocked=_by_audience(obstacles),
        reasons=project.reasons,
        learned=[line for line in project.adoptions if line.adoption.lesson],
        words=wording_calls,
        nothing=nothing,
        canonical=address(request.url.path),
        noindex=nothing,
    )


def requests_feed(request: Request) -> Response:
    """Make the feed of the same, the newest first; a use without a day is on the page alone."""
    page_language = feed_language(request)
    project, calls, obstacles = _read_requests(request)
    says, asked_page = macros(request), f"/projects/{project.slug}/asked"
    draw_obstacle = macros(request, "submissions/obstacle/macros.html").obstacle_entry
    entries = [replace(call_entry(says, line.call), published=line.call.opened_at) for line in calls]
    entries += [
        Entry(
            id=uuid5(project.id, f"blocks:{obstacle.reference}"),
            title=says.obstacle_title(obstacle).unescape(),
            published=obstacle.at,
            updated=obstacle.changed_at,
            address=f"{asked_page}#r-{obstacle.reference}",
            categories=[(slug, says.audience(slug).unescape()) for slug in filter(None, [obstacle.audience])],
            content=draw_obstacle(obstacle, wording_calls, named=False),
        )
        for obstacle in obstacles
    ]
    ended = list(_ended_entries(project, says, asked_page))
    if ended and project.reasons:
        last = max(entry.updated for entry in ended)
        ended.append(
            Entry(
                id=uuid5(project.id, "stop-reasons"),
                title=says.reasons_title().unescape(),
                published=last,
                updated=last,
                address=asked_page,
                content=says.reasons(project.reasons).unescape(),
            )
        )
    entries = sorted([*entries, *ended], key=lambda entry: (entry.updated, str(entry.id)), reverse=True)[:ENTRIES]
    return feed_answer(
        request,
        path=f"/feeds/projects/{project.slug}/asked.atom?language={page_language.tag}",
        id=uuid5(project.id, "asked"),
        title=says.asked_title(project).unescape(),
        author=plain(project.name),
        page=asked_page,
        updated=entries[0].updated if entries else NEVER,
        entries=entries,
    )


def _ended_entries(project: EndedUses, says: Any, asked_page: str) -> Iterator[Entry]:
    for line in project.adoptions:
        at = line.confirmed_at or day(line.adoption.seen_at)
        if at and (line.adoption.reasons or line.adoption.lesson):
            yield Entry(
                id=uuid5(project.id, f"ended:{line.organization.id}"),
                title=says.ended(line).unescape(),
                published=at,
                updated=at,
                address=asked_page,
                content=says.why_ended(line.adoption),
            )


def _read_requests(request: Request) -> tuple[EndedUses, tuple[CallLine, ...], tuple[Obstacle, ...]]:
    """Read the requests. Raises NotFound, Moved, Removed, OptedOut."""
    store = request.app.state.store
    project = store.record_pages.ended(request.path_params["slug"], ENTRIES)
    return project, store.calls.of_project(project.id, ENTRIES), store.obstacles.of_project(project.id, ENTRIES)


def _by_audience(obstacles: Iterable[Obstacle]) -> dict[str, list[Obstacle]]:
    """Group obstacles by audience, that of the latest obstacle first; "" for what names none."""
    by_audience: dict[str, list[Obstacle]] = {}
    for obstacle in obstacles:
        by_audience.setdefault(obstacle.audience or "", []).append(obstacle)
    return by_audience
