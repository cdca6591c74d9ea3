"""The first address of the API: where everything is, and what this catalogue is."""

from starlette.requests import Request
from starlette.responses import Response

from forge.web.api.response import answer, base, said
from forge.web.api.route import Described, Operation
from forge.web.api.schemas import ID, LANGUAGE, LICENSE, TEXT, URI, VERSION, WHOLE, WORDS, array, nullable, record
from forge.web.core.render import manifest_of

LISTS = ("projects", "organizations", "adoptions", "mirrors", "vocabularies", "collections", "countries", "calls",
         "experiences", "obstacles", "peers", "joins", "ties", "decisions")  # fmt: skip
_TEXT_FIELDS = ("name", "criteria", "validation", "refresh")
CATALOG = record(
    id=ID,
    **dict.fromkeys(_TEXT_FIELDS, WORDS),
    languages=array(TEXT),
    operator=nullable(TEXT),
    contact=nullable(TEXT),
)
INDEX = record(
    license=LICENSE,
    version=TEXT,
    catalog={**CATALOG, "type": ["object", "null"]},
    change=WHOLE,
    lists={"type": "object", "additionalProperties": URI},
    description=URI,
    documentation=URI,
)


def show(request: Request) -> Response:
    manifest, here = manifest_of(request), base(request)
    about = None
    if manifest is not None:
        about = {
            "id": str(manifest.id),
            **{name: said(request, getattr(manifest, name)) for name in _TEXT_FIELDS},
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
    response = answer(request, content, human="/help/api")
    response.headers.append("Link", f'<{here}/openapi.json>; rel="service-desc"')
    return response


ROUTES = [
    Described(
        "/api/v1",
        "api",
        "Begin here",
        {"GET": Operation(show, "Where everything is, and what this catalogue is", INDEX, (LANGUAGE,))},
    )
]
