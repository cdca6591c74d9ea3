"""The routes of the interface for programs below `/api/v1`, of all its resources."""

from starlette.routing import Route

from forge.web.api import (
    calls,
    code,
    decisions,
    declarations,
    desk,
    elsewhere,
    index,
    lists,
    openapi,
    organizations,
    peers,
    projects,
    ties,
    told,
)

ROUTES: list[Route] = [
    *index.ROUTES,
    *projects.ROUTES,
    *code.ROUTES,
    *organizations.ROUTES,
    *lists.ROUTES,
    *elsewhere.ROUTES,
    *calls.ROUTES,
    *told.ROUTES,
    *peers.ROUTES,
    *ties.ROUTES,
    *decisions.ROUTES,
    *declarations.ROUTES,
    *desk.ROUTES,
    *openapi.ROUTES,
]
