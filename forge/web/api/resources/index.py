"""The first address of the API: where everything is, and what this catalogue is."""

from starlette.requests import Request
from starlette.responses import Response

from forge.web.api.response import base_url, json_answer, texts_in_language
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.schemas import (
    ID,
    INTEGER,
    LANGUAGE,
    LICENSE,
    TEXT,
    TEXT_BY_LANGUAGE,
    URI,
    VERSION,
    array,
    nullable,
    record,
)
from forge.web.core.render import manifest_of

LISTS = ("projects", "organizations", "adoptions", "mirrors", "vocabularies", "collections", "countries", "calls",
         "experiences", "obstacles", "peers", "joins", "ties", "decisions")  # fmt: skip
_TEXT_FIELDS = ("name", "criteria", "validation", "refresh")
CATALOG = record(
    id=ID,
    **dict.fromkeys(_TEXT_FIELDS, TEXT_BY_LANGUAGE),
    languages=array(TEXT),
    operator=nullable(TEXT),
    contact=nullable(TEXT),
)
INDEX = record(
    license=LICENSE,
    version=TEXT,
    catalog={**CATALOG, "type": ["object", "null"]},
    change=INTEGER,
    lists={"type": "object", "additionalProperties": URI},
    description=URI,
    documentation=URI,
)


def show_index(request: Request) -> Response:
    manifest, here = manifest_of(request), base_url(request)
    about = None
    if manifest is not None:
        about = {
            "id": str(manifest.id),
            **{name: texts_in_language(request, getattr(manifest, name)) for name in _TEXT_FIELDS},
            "languages": list(manifest.languages),
            "operator": manifest.operator.name if manifest.operator else None,
            "contact": manifest.contact,
        }
    content = {
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
        {"GET": Operation(show_index, "Where everything is, and what this catalogue is", INDEX, (LANGUAGE,))},
    )
]
