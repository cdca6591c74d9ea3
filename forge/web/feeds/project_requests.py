"""What groups ask of one project, gathered for those who make it: open calls, obstacles, why groups stopped and what
they learned, on one page and in one feed for their tracker.

All of it is public elsewhere too: everything here has a page of its own, and nobody who sent it is named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import Response

from catalog.store.calls.read_models import CallLine
from catalog.store.core.read_models import EndedUses
from catalog.store.obstacles.rows import Obstacle
from forge.web.core.render import address, page
from forge.web.feeds.atom import ENTRIES, feed_answer, feed_language
from forge.web.feeds.items import day
from forge.web.wording import calls as wording_calls

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RequestEntry:
    """`kind`: call | blocks | ended | reasons; `about` is the line, the obstacle, the use, or the counted reasons."""

    kind: str
    at: datetime
    first_at: datetime
    id: UUID
    about: Any


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
    tongue = feed_language(request)
    project, calls, obstacles = _read_requests(request)
    entries = [RequestEntry("call", line.call.opened_at, line.call.opened_at, line.call.id, line) for line in calls]
    for obstacle in obstacles:
        key = uuid5(project.id, f"blocks:{obstacle.reference}")
        entries.append(RequestEntry("blocks", obstacle.changed_at, obstacle.at, key, obstacle))
    ended = []
    for line in project.adoptions:
        at = line.confirmed_at or day(line.adoption.seen_at)
        if at and (line.adoption.reasons or line.adoption.lesson):
            ended.append(RequestEntry("ended", at, at, uuid5(project.id, f"ended:{line.organization.id}"), line))
    if ended and project.reasons:
        last = max(entry.at for entry in ended)
        entries.append(RequestEntry("reasons", last, last, uuid5(project.id, "stop-reasons"), project.reasons))
    entries = sorted([*entries, *ended], key=lambda entry: (entry.at, str(entry.id)), reverse=True)[:ENTRIES]
    return feed_answer(
        request,
        "feeds/project-requests.xml",
        project=project,
        words=wording_calls,
        entries=entries,
        id=uuid5(project.id, "asked"),
        updated=entries[0].at if entries else _NEVER,
        path=f"/feeds/projects/{project.slug}/asked.atom?language={tongue.tag}",
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
