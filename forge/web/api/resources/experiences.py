"""Experiences of organizations and obstacles in the API. Whoever wrote one is never told, and what no moderator
published is left out.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.call import OBSTACLE_STATES
from catalog.store.exports.experience_lists import ExperienceOfProject, ObstacleOfProject
from catalog.vocabulary import vocabulary
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TIME, BY_TIME_AND_TEXT
from forge.web.api.paginator import Paginator
from forge.web.api.resources.records import LINK, ORGANIZATION_LINK, link_record, organization_record
from forge.web.api.route import DescribedRoute, Parameter
from forge.web.api.schemas import (
    ID,
    SLUG,
    TEXT,
    TIME,
    nullable,
    record,
)

_ANSWER = record(text=TEXT, language=TEXT, at=TEXT, version=TEXT)
EXPERIENCE = record(
    reference=TEXT,
    project=LINK,
    organization=ORGANIZATION_LINK,
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
_EXPERIENCE_FIELDS = ("context", "replaced", "effort_days", "cost_band", "hurt", "advice", "again")
OBSTACLE = record(
    id=ID,
    project=LINK,
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
_OBSTACLE_FIELDS = ("where", "happened", "device")
_ANSWER_FIELDS = ("text", "language", "at", "version")


def experiences(request: Request) -> Response:
    asked = request.state.asked
    page = request.app.state.store.experience_lists.experiences(
        project_slug=asked.get("project"),
        organization_slug=asked.get("organization"),
        after=_EXPERIENCES.after(request),
        limit=_EXPERIENCES.size(request) + 1,
    )
    return _EXPERIENCES.answer(request, page, lambda rows: [_experience(request, learned) for _, learned in rows])


def obstacles(request: Request) -> Response:
    asked = request.state.asked
    page = request.app.state.store.experience_lists.obstacles(
        project_slug=asked.get("project"),
        audience=asked.get("audience"),
        state=asked.get("state"),
        after=_OBSTACLES.after(request),
        limit=_OBSTACLES.size(request) + 1,
    )
    return _OBSTACLES.answer(request, page, lambda rows: [_obstacle(request, blocking) for _, blocking in rows])


def _experience(request: Request, learned: ExperienceOfProject) -> dict[str, Any]:
    experience = learned.experience
    return {
        "reference": experience.reference,
        "project": link_record(request, "projects", *learned.project),
        "organization": organization_record(request, experience.organization),
        "stage": experience.stage,
        "since": experience.since,
        "language": experience.language,
        **{name: experience.record.get(name) for name in _EXPERIENCE_FIELDS},
        "answer": _answer(experience.answer),
        "at": utc_text(experience.at),
    }


def _obstacle(request: Request, blocking: ObstacleOfProject) -> dict[str, Any]:
    obstacle = blocking.obstacle
    return {
        "id": str(blocking.id),
        "project": link_record(request, "projects", *blocking.project),
        "audience": obstacle.audience,
        "language": obstacle.language,
        **{name: obstacle.record.get(name) for name in _OBSTACLE_FIELDS},
        "state": obstacle.state,
        "answer": _answer(obstacle.answer),
        "at": utc_text(obstacle.at),
        "changed_at": utc_text(obstacle.changed_at),
    }


def _answer(answer: Any) -> dict[str, Any] | None:
    """Return the makers' answer."""
    return {name: str(answer[name]) for name in _ANSWER_FIELDS if answer.get(name)} if answer else None


_AUDIENCE_SCHEMA = {"type": "string", "enum": [*vocabulary("audience").terms]}
_OF_PROJECT = Parameter("project", "The slug of a project.", SLUG, "galette")
_EXPERIENCES = Paginator("experiences", EXPERIENCE, BY_TIME_AND_TEXT)
_OBSTACLES = Paginator("obstacles", OBSTACLE, BY_TIME)
ROUTES = [
    DescribedRoute(
        "/api/v1/experiences",
        "api-experiences",
        "Experiences",
        {
            "GET": _EXPERIENCES.operation(
                experiences,
                "What organizations tell of their uses, the newest first",
                (_OF_PROJECT, Parameter("organization", "The slug of an organization.", SLUG)),
                "Each stands in the `language` that it was written in.",
                examples={"limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/obstacles",
        "api-obstacles",
        "Obstacles",
        {
            "GET": _OBSTACLES.operation(
                obstacles,
                "What keeps people from using a project, with its makers' word, the newest first",
                (
                    _OF_PROJECT,
                    Parameter("audience", "Whom it keeps out.", _AUDIENCE_SCHEMA),
                    Parameter("state", "The makers' word.", {"type": "string", "enum": list(OBSTACLE_STATES)}),
                ),
                "Only what a moderator looked at and published.",
                examples={"limit": "2"},
            )
        },
    ),
]
