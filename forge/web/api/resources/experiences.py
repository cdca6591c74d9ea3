"""What organizations tell of their uses, and what keeps people from using a project, by the interface. Whoever wrote
one stands nowhere, and what nobody looked at yet is not told.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.call import OBSTACLE_STATES
from catalog.store.exports.experience_lists import Blocking, Learned
from catalog.vocabulary import vocabulary
from forge.export.json_records import a_time
from forge.web.api import cursor
from forge.web.api.resources.records import NAMED, ORGANIZATION_NAMED, a_named, of_organization
from forge.web.api.response import listed
from forge.web.api.route import Described, Operation, Parameter
from forge.web.api.schemas import (
    CURSOR,
    ID,
    LIMIT,
    PART,
    SLUG,
    TEXT,
    TIME,
    fields,
    nullable,
    part,
    record,
)

_ANSWER = record(text=TEXT, language=TEXT, at=TEXT, version=TEXT)
EXPERIENCE = record(
    reference=TEXT,
    project=NAMED,
    organization=ORGANIZATION_NAMED,
    stage=nullable(TEXT),
    since=nullable(TEXT),
    language=TEXT,
    context=nullable(TEXT),
    replaced=nullable(TEXT),
    effort_days=nullable(TEXT),
    cost_band=nullable(TEXT),
    hurt=nullable(TEXT),
    advice=nullable(TEXT),
    again=nullable(TEXT),
    answer=nullable(_ANSWER),
    at=TIME,
)
_TOLD = ("context", "replaced", "effort_days", "cost_band", "hurt", "advice", "again")
OBSTACLE = record(
    id=ID,
    project=NAMED,
    audience=nullable(TEXT),
    language=TEXT,
    where=nullable(TEXT),
    happened=nullable(TEXT),
    device=nullable(TEXT),
    state={"type": "string", "enum": list(OBSTACLE_STATES)},
    answer=nullable(_ANSWER),
    at=TIME,
    changed_at=TIME,
)
_SEEN = ("where", "happened", "device")
_ANSWERED = ("text", "language", "at", "version")


def experiences(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_time)
    found = request.app.state.store.told.experiences(
        project_slug=asked.get("project"), organization_slug=asked.get("organization"), after=after, limit=limit + 1
    )
    records = [_experience(request, one) for _, one in found[:limit]]
    return listed(request, "experiences", records, following=_following(found, limit))


def obstacles(request: Request) -> Response:
    asked = request.state.asked
    limit, after = asked.get("limit", LIMIT), cursor.read(asked.get("cursor"), cursor.of_moment)
    found = request.app.state.store.told.obstacles(
        project_slug=asked.get("project"),
        audience=asked.get("audience"),
        state=asked.get("state"),
        after=after,
        limit=limit + 1,
    )
    records = [_obstacle(request, one) for _, one in found[:limit]]
    return listed(request, "obstacles", records, following=_following(found, limit))


def _following(found: Any, limit: int) -> str | None:
    if len(found) <= limit:
        return None
    (at, key), _ = found[limit - 1]
    return cursor.written([at.isoformat(), str(key)])


def _experience(request: Request, one: Learned) -> dict[str, Any]:
    said = one.experience
    return {
        "reference": said.reference,
        "project": a_named(request, "projects", *one.project),
        "organization": of_organization(request, said.organization),
        "stage": said.stage,
        "since": said.since,
        "language": said.language,
        **{name: said.record.get(name) for name in _TOLD},
        "answer": _answer(said.answer),
        "at": a_time(said.at),
    }


def _obstacle(request: Request, one: Blocking) -> dict[str, Any]:
    said = one.obstacle
    return {
        "id": str(one.id),
        "project": a_named(request, "projects", *one.project),
        "audience": said.audience,
        "language": said.language,
        **{name: said.record.get(name) for name in _SEEN},
        "state": said.state,
        "answer": _answer(said.answer),
        "at": a_time(said.at),
        "changed_at": a_time(said.changed_at),
    }


def _answer(said: Any) -> dict[str, Any] | None:
    """The makers' word."""
    return {name: str(said[name]) for name in _ANSWERED if said.get(name)} if said else None


_AUDIENCE = {"type": "string", "enum": [*vocabulary("audience").terms]}
_OF_PROJECT = Parameter("project", "The slug of a project.", SLUG, "galette")
ROUTES = [
    Described(
        "/api/v1/experiences",
        "api-experiences",
        "Experiences",
        {
            "GET": Operation(
                experiences,
                "What organizations tell of their uses, the newest first",
                part("experiences", EXPERIENCE),
                (
                    _OF_PROJECT,
                    Parameter("organization", "The slug of an organization.", SLUG),
                    PART,
                    CURSOR,
                    fields(EXPERIENCE),
                ),
                "Each stands in the `language` that it was written in.",
                examples={"limit": "2"},
            )
        },
    ),
    Described(
        "/api/v1/obstacles",
        "api-obstacles",
        "Obstacles",
        {
            "GET": Operation(
                obstacles,
                "What keeps people from using a project, with its makers' word, the newest first",
                part("obstacles", OBSTACLE),
                (
                    _OF_PROJECT,
                    Parameter("audience", "Whom it keeps out.", _AUDIENCE),
                    Parameter("state", "The makers' word.", {"type": "string", "enum": list(OBSTACLE_STATES)}),
                    PART,
                    CURSOR,
                    fields(OBSTACLE),
                ),
                "Only what a moderator looked at and published.",
                examples={"limit": "2"},
            )
        },
    ),
]
