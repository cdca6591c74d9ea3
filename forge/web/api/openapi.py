"""`/openapi.json`: the descriptions of the routes that answer, as OpenAPI 3.1. What has no route stands in none of it.
Examples are what the routes answered a test (`make examples`); another test asks again and compares names and kinds of
values, so that none of them grows old.

https://spec.openapis.org/oas/v3.1.1.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge.web.api.response import VARY, base, tagged
from forge.web.api.route import Described, Operation, Parameter
from forge.web.api.schemas import SLUG, TEXT, TIME, URI, VERSION, array, record
from forge.web.core.problems import MEDIA_TYPE, OPEN_HEADERS, TITLES
from forge.web.core.render import CACHE, manifest_of

# Of answers, by method and path; and by name, where there are several.
EXAMPLES = Path(__file__).with_name("examples.json")
_NAMES = re.compile(r"\{(\w+)\}")
_PATHS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "slug": (SLUG, "The slug of the record, as in the address of its page."),
    "name": ({**TEXT, "pattern": "^[a-z]+(-[a-z]+)*$"}, "The name of a vocabulary."),
    "country": ({**TEXT, "pattern": "^[A-Z]{2}$"}, "ISO 3166-1."),
    "number": ({**TEXT, "pattern": "^[1-9][0-9]{0,8}$"}, "The number of a line, or of a finding."),
    "reference": ({**TEXT, "pattern": "^[2-9A-Z]{4}-[2-9A-Z]{4}$"}, "Eight letters and digits, such as 7K3Q-9M2X."),
}
PROBLEM = record(
    type=URI | {"format": "uri-reference"},
    title=TEXT,
    status={"type": "integer"},
    detail=TEXT,
    problems=array(record(field=TEXT, message=TEXT)),
    reason=TEXT,
    since=TIME,
) | {"required": ["type", "title", "status"]}
_LIMITS = {
    "RateLimit": {"description": "What is left in this window, and seconds until the next.", "schema": TEXT},
    "RateLimit-Policy": {"description": "How many in how many seconds.", "schema": TEXT},
}


def show(request: Request) -> Response:
    headers = OPEN_HEADERS | {"Cache-Control": CACHE, "Vary": VARY}
    return tagged(request, document(request), headers)


def document(request: Request) -> dict[str, Any]:
    """The whole description, of the routes of this very application."""
    found = [one for one in request.app.routes if isinstance(one, Described)]
    manifest = manifest_of(request)
    license = manifest.data_license.facts if manifest else "CC0-1.0"
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Forge: the catalogue for programs",
            "version": VERSION,
            "summary": "All that this catalogue shows, and what a person may do here, for programs.",
            "description": "How to begin, make a token and follow changes: see externalDocs.",
            "license": {"name": f"The data: {license}", "identifier": license},
        },
        "externalDocs": {"url": f"{base(request)}/help/api"},
        "servers": [{"url": base(request)}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in found)],
        "paths": {one.path: _path(one) for one in found},
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A personal token, made at /me/tokens."}
            },
        },
    }


def _path(route: Described) -> dict[str, Any]:
    names = _NAMES.findall(route.path)
    told: dict[str, Any] = {"parameters": [_of_path(name, route) for name in names]} if names else {}
    return told | {method.lower(): _operation(route, method, one) for method, one in route.operations.items()}


def _of_path(name: str, route: Described) -> dict[str, Any]:
    schema, says = _PATHS[name]
    given = next((one.examples[name] for one in route.operations.values() if one.examples and name in one.examples), "")
    example = {"example": given} if given else {}
    return {"name": name, "in": "path", "required": True, "description": says, "schema": schema} | example


def _operation(route: Described, method: str, one: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{route.name}-{method.lower()}",
        "summary": one.says,
        "tags": [route.tag],
        "parameters": [_parameter(each, one.examples or {}) for each in one.parameters],
        "responses": _responses(method, one, _examples().get(f"{method} {route.path}")),
    }
    if one.more:
        told["description"] = one.more
    if one.body is not None:
        content = {"schema": one.body} | _shown(one, one.bodies if one.bodies else one.example)
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
        told["parameters"] += [_header(name, says, schema) for name, says, schema in one.headers]
    if one.scope is not None:
        told["security"] = [{"token": []}]
        told["description"] = f"{one.more} Needs a token for: {one.scope}.".strip()
    if one.deprecated:
        told["deprecated"] = True
    return told


def _header(name: str, says: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": says, "schema": dict(schema)}


def _parameter(one: Parameter, examples: Mapping[str, str]) -> dict[str, Any]:
    schema = dict(one.schema)
    if one.name == "fields":  # a list of names with commas, written as one text
        schema["pattern"] = f"^({'|'.join(schema.pop('x-fields'))})(,({'|'.join(one.schema['x-fields'])}))*$"
    told = {"name": one.name, "in": "query", "required": False, "description": one.says, "schema": schema}
    if one.many:
        told |= {"style": "form", "explode": True}
    elif one.example is not None:
        told["example"] = one.example
    return told


@cache
def _examples() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return found


def _responses(method: str, one: Operation, example: Any) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "As asked", "headers": dict(_LIMITS)}
    if one.answer is not None:
        told = {"schema": one.answer} | _shown(one, example)
        good["content"] = {one.media_type: told}
        good["headers"]["ETag"] = {"schema": TEXT}
    if one.scope is not None:
        good["headers"].pop("ETag", None)
    found = {str(one.status): good}
    if method == "GET" and one.scope is None:
        found["304"] = {"description": "Nothing changed since the ETag in If-None-Match."}
    if 308 in one.fails:
        found["308"] = {"description": "It has another slug now.", "headers": {"Location": {"schema": URI}}}
    for status in sorted(_fails(one)):
        found[str(status)] = {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
    return found


def _shown(one: Operation, example: Any) -> dict[str, Any]:
    """An example; of what is of several sorts one for each, by name."""
    if example is None:
        return {}
    return (
        {"examples": {name: {"value": each} for name, each in example.items()}} if one.bodies else {"example": example}
    )


def _fails(one: Operation) -> Iterable[int]:
    always = {400, 401, 414, 429}
    written = {413, 415, 422} if one.body is not None else set()
    return (always | written | ({403} if one.scope is not None else set()) | set(one.fails)) - {308}


_PROBLEM = {"$ref": "#/components/schemas/Problem"}
ROUTES = [Route("/openapi.json", show, methods=["GET"], name="openapi")]
