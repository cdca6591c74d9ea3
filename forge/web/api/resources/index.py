"""The first address of the API: where everything is, and what this catalogue is."""

from typing import NotRequired

from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from forge.web.api.response import json_answer
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import VERSION, Id, License, TextByLanguage, Uri
from forge.web.core.render import base_url, manifest_of

LISTS = (
    *("projects", "organizations", "adoptions", "countries", "vocabularies", "collections"),
    *("calls", "decisions"),
)


class CatalogRecord(TypedDict):
    id: Id
    name: TextByLanguage
    criteria: TextByLanguage
    validation: TextByLanguage
    refresh: TextByLanguage
    languages: list[str]
    operator: str | None
    contact: str | None


class Index(TypedDict):
    license: NotRequired[License]
    version: str
    catalog: CatalogRecord | None
    change: int
    lists: dict[str, Uri]
    description: Uri
    documentation: Uri


def show_index(request: Request) -> Response:
    manifest, here = manifest_of(request), base_url(request)
    about: CatalogRecord | None = None
    if manifest is not None:
        about = {
            "id": str(manifest.id),
            "name": dict(manifest.name),
            "criteria": dict(manifest.criteria),
            "validation": dict(manifest.validation),
            "refresh": dict(manifest.refresh),
            "languages": list(manifest.languages),
            "operator": manifest.operator.name if manifest.operator else None,
            "contact": manifest.contact,
        }
    content: Index = {
        "version": VERSION,
        "catalog": about,
        "change": request.app.state.store.change(),
        "lists": {name: f"{here}/api/v1/{name}" for name in LISTS},
        "description": f"{here}/openapi.json",
        "documentation": f"{here}/help/api",
    }
    response = json_answer(request, content, human="/help/api")
    response.headers.append("Link", f'<{here}/openapi.json>; rel="service-desc"')
    return response


ROUTES = [
    DescribedRoute(
        "/api/v1",
        "api",
        "Begin here",
        {"GET": Operation(show_index, "Where everything is, and what this catalogue is", Index)},
    )
]
