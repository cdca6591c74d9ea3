"""The routes of all resources of the API below `/api/v1`."""

from starlette.routing import Route

from forge.web.api import openapi
from forge.web.api.resources import (
    calls,
    decisions,
    index,
    lists,
    organizations,
    projects,
    submissions,
)

ROUTES: list[Route] = [
    *index.ROUTES,
    *projects.ROUTES,
    *organizations.ROUTES,
    *lists.ROUTES,
    *calls.ROUTES,
    *decisions.ROUTES,
    *submissions.ROUTES,
    *openapi.ROUTES,
]
