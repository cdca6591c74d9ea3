"""Experiences of organizations and obstacles in the API. Authors are never told, and what no moderator
published is left out.
"""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog.rules.call import OBSTACLE_STATES
from catalog.store.exports.experience_lists import ExperienceOfProject, ObstacleOfProject
from catalog.validation import OneOf
from catalog.vocabulary import vocabulary
from forge.export.json_records import utc_text
from forge.web.api.cursor import BY_TIME, BY_TIME_AND_TEXT
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import Parameter, one_of
from forge.web.api.resources.record_types import Link, OrganizationLink
from forge.web.api.resources.records import link_record, organization_record
from forge.web.api.route import DescribedRoute
from forge.web.api.types import Id, Slug, Time


class Answer(TypedDict, total=False):
    """The makers' answer."""

    text: str
    language: str
    at: str
    version: str


class ExperienceRecord(TypedDict):
    reference: str
    project: Link
    organization: OrganizationLink
    stage: str | None
    since: str | None
    language: str
    context: str | None
    replaced: str | None
    effort_days: str | None
    cost_band: str | None
    hurt: str | None
    advice: str | None
    again: str | None
    answer: Answer | None
    at: Time


class ObstacleRecord(TypedDict):
    id: Id
    project: Link
    audience: str | None
    language: str
    where: str | None
    happened: str | None
    device: str | None
    state: Annotated[str, OneOf(OBSTACLE_STATES)]
    answer: Answer | None
    at: Time
    changed_at: Time


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


def _experience(request: Request, learned: ExperienceOfProject) -> ExperienceRecord:
    experience = learned.experience
    told = experience.record
    return {
        "reference": experience.reference,
        "project": link_record(request, "projects", *learned.project),
        "organization": organization_record(request, experience.organization),
        "stage": experience.stage,
        "since": experience.since,
        "language": experience.language,
        "context": told.get("context"),
        "replaced": told.get("replaced"),
        "effort_days": told.get("effort_days"),
        "cost_band": told.get("cost_band"),
        "hurt": told.get("hurt"),
        "advice": told.get("advice"),
        "again": told.get("again"),
        "answer": _answer(experience.answer),
        "at": utc_text(experience.at),
    }


def _obstacle(request: Request, blocking: ObstacleOfProject) -> ObstacleRecord:
    obstacle = blocking.obstacle
    return {
        "id": str(blocking.id),
        "project": link_record(request, "projects", *blocking.project),
        "audience": obstacle.audience,
        "language": obstacle.language,
        "where": obstacle.record.get("where"),
        "happened": obstacle.record.get("happened"),
        "device": obstacle.record.get("device"),
        "state": obstacle.state,
        "answer": _answer(obstacle.answer),
        "at": utc_text(obstacle.at),
        "changed_at": utc_text(obstacle.changed_at),
    }


def _answer(answer: Mapping[str, Any] | None) -> Answer | None:
    """Return the makers' answer."""
    told = {name: str(answer[name]) for name in Answer.__annotations__ if answer.get(name)} if answer else None
    return cast(Answer | None, told)


_OF_PROJECT = Parameter("project", "The slug of a project.", Slug, "galette")
_EXPERIENCES = Paginator("experiences", ExperienceRecord, BY_TIME_AND_TEXT)
_OBSTACLES = Paginator("obstacles", ObstacleRecord, BY_TIME)
ROUTES = [
    DescribedRoute(
        "/api/v1/experiences",
        "api-experiences",
        "Experiences",
        {
            "GET": _EXPERIENCES.operation(
                experiences,
                "What organizations tell of their uses, the newest first",
                (_OF_PROJECT, Parameter("organization", "The slug of an organization.", Slug)),
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
                    Parameter("audience", "Whom it keeps out.", one_of(*vocabulary("audience").terms)),
                    Parameter("state", "The makers' word.", one_of(*OBSTACLE_STATES)),
                ),
                "Only what a moderator looked at and published.",
                examples={"limit": "2"},
            )
        },
    ),
]
