"""What groups ask of one project, gathered for those who make it: open calls, what keeps people from using it, why
groups stopped and what they learned, on one page and in one feed for their tracker.

All of it is public elsewhere too: nothing is told here that has no page of its own, and nobody who sent it is named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.store.calls.read_models import Line
from catalog.store.core.read_models import EndedUses
from catalog.store.obstacles.rows import Obstacle
from forge.web.core.render import address, page
from forge.web.feeds.atom import ENTRIES, feed, spoken
from forge.web.feeds.items import day
from forge.web.wording import calls as wording_calls

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """`kind`: call | blocks | ended | reasons; `about` is the line, the obstacle, the use, or the counted reasons."""

    kind: str
    at: datetime
    first_at: datetime
    id: UUID
    about: Any


def show(request: Request) -> Response:
    found, calls, obstacles = _asked(request)
    nothing = not (calls or obstacles or found.reasons)
    return page(
        request,
        "feeds/project-requests.html",
        project=found,
        calls=calls,
        blocked=_by_audience(obstacles),
        reasons=found.reasons,
        learned=[line for line in found.adoptions if line.adoption.lesson],
        words=wording_calls,
        nothing=nothing,
        canonical=address(request.url.path),
        noindex=nothing,
    )


def atom(request: Request) -> Response:
    """The same as entries, the newest first; a use without a day is on the page alone."""
    tongue = spoken(request)
    found, calls, obstacles = _asked(request)
    entries = [Entry("call", one.call.opened_at, one.call.opened_at, one.call.id, one) for one in calls]
    for one in obstacles:
        entries.append(Entry("blocks", one.changed_at, one.at, uuid5(found.id, f"blocks:{one.reference}"), one))
    ended = []
    for line in found.adoptions:
        at = line.confirmed_at or day(line.adoption.seen_at)
        if at and (line.adoption.reasons or line.adoption.lesson):
            ended.append(Entry("ended", at, at, uuid5(found.id, f"ended:{line.organization.id}"), line))
    if ended and found.reasons:
        last = max(one.at for one in ended)
        entries.append(Entry("reasons", last, last, uuid5(found.id, "stop-reasons"), found.reasons))
    entries = sorted([*entries, *ended], key=lambda one: (one.at, str(one.id)), reverse=True)[:ENTRIES]
    return feed(
        request,
        "feeds/project-requests.xml",
        project=found,
        words=wording_calls,
        entries=entries,
        id=uuid5(found.id, "asked"),
        updated=entries[0].at if entries else _NEVER,
        path=f"/feeds/projects/{found.slug}/asked.atom?language={tongue.tag}",
    )


def _asked(request: Request) -> tuple[EndedUses, tuple[Line, ...], tuple[Obstacle, ...]]:
    """Raises NotFound, Moved, Removed, OptedOut."""
    store = request.app.state.store
    found = store.pages.ended(request.path_params["slug"], ENTRIES)
    return found, store.calls.of_project(found.id, ENTRIES), store.obstacles.of_project(found.id, ENTRIES)


def _by_audience(obstacles: Iterable[Obstacle]) -> dict[str, list[Obstacle]]:
    """The audience of which something was told last stands first; "" for what names none."""
    told: dict[str, list[Obstacle]] = {}
    for one in obstacles:
        told.setdefault(one.audience or "", []).append(one)
    return told


# For the table of `forge.routes`, below the language.
PAGES = [("/projects/{slug}/asked", show, "asked")]
ROUTES = [Route("/feeds/projects/{slug}/asked.atom", atom, name="asked-feed")]
