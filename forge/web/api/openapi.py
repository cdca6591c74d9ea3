"""`/openapi.json`: the descriptions of the routes, as OpenAPI 3.1. Every route of the API is in it.

Examples are what the routes answered a test (`make examples`); another test asks again and compares names and kinds
of values, so that none of them goes stale. https://spec.openapis.org/oas/v3.1.1.html
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NotRequired

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from typing_extensions import TypedDict

from catalog.validation import Pattern, SchemaNote
from forge.web.api.body import body_schema
from forge.web.api.parameters import Parameter
from forge.web.api.response import VARY, with_etag
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import VERSION, Country, Slug, Time, Uri, schema
from forge.web.core.problems import MEDIA_TYPE, OPEN_HEADERS, TITLES
from forge.web.core.render import CACHE, base_url, manifest_of

# Example answers, by method and path; and by name, where there are several.
EXAMPLES = Path(__file__).with_name("examples.json")
_NAMES = re.compile(r"\{(\w+)\}")
_PATH_PARAMETERS: Mapping[str, tuple[Any, str]] = {
    "slug": (Slug, "The slug of the record, as in the address of its page."),
    "name": (Annotated[str, Pattern("^[a-z]+(-[a-z]+)*$")], "The name of a vocabulary."),
    "country": (Country, "ISO 3166-1."),
    "number": (Annotated[str, Pattern("^[1-9][0-9]{0,8}$")], "The number of a line."),
    "reference": (
        Annotated[str, Pattern("^[2-9A-Z]{4}-[2-9A-Z]{4}$")],
        "Eight letters and digits, such as 7K3Q-9M2X.",
    ),
}


class FieldProblem(TypedDict):
    field: str
    message: str


class Problem(TypedDict):
    """A problem by RFC 9457, with every field that is wrong."""

    type: Annotated[str, SchemaNote(more=(("format", "uri-reference"),))]
    title: str
    status: int
    detail: NotRequired[str]
    problems: NotRequired[list[FieldProblem]]
    reason: NotRequired[str]
    since: NotRequired[Time]


_TEXT = {"type": "string"}
_LIMITS = {
    "RateLimit": {"description": "What is left in this window, and seconds until the next.", "schema": _TEXT},
    "RateLimit-Policy": {"description": "How many in how many seconds.", "schema": _TEXT},
}


def openapi_document(request: Request) -> Response:
    headers = OPEN_HEADERS | {"Cache-Control": CACHE, "Vary": VARY}
    return with_etag(request, document(request), headers)


def document(request: Request) -> dict[str, Any]:
    """Return the whole description, of the routes of this very application."""
    routes = [route for route in request.app.routes if isinstance(route, DescribedRoute)]
    manifest = manifest_of(request)
    license = manifest.data_license.facts if manifest else "CC0-1.0"
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Forge: the catalogue for programs",
            "version": VERSION,
            "summary": "What this catalogue shows, and registering and stating uses, for programs.",
            "description": "How to begin, make a token and follow changes: see externalDocs.",
            "license": {"name": f"The data: {license}", "identifier": license},
        },
        "externalDocs": {"url": f"{base_url(request)}/help/api"},
        "servers": [{"url": base_url(request)}],
        "tags": [{"name": name} for name in dict.fromkeys(route.tag for route in routes)],
        "paths": {route.path: _path_item(route) for route in routes},
        "components": {
            "schemas": {"Problem": schema(Problem)},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A personal token, made at /me/tokens."}
            },
        },
    }


def _path_item(route: DescribedRoute) -> dict[str, Any]:
    names = _NAMES.findall(route.path)
    parameters: dict[str, Any] = {"parameters": [_path_parameter(name, route) for name in names]} if names else {}
    return parameters | {
        method.lower(): _operation(route, method, operation) for method, operation in route.operations.items()
    }


def _path_parameter(name: str, route: DescribedRoute) -> dict[str, Any]:
    kind, says = _PATH_PARAMETERS[name]
    value = next(
        (
            operation.examples[name]
            for operation in route.operations.values()
            if operation.examples and name in operation.examples
        ),
        "",
    )
    example = {"example": value} if value else {}
    return {"name": name, "in": "path", "required": True, "description": says, "schema": schema(kind)} | example


def _operation(route: DescribedRoute, method: str, operation: Operation) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": f"{route.name}-{method.lower()}",
        "summary": operation.summary,
        "tags": [route.tag],
        "parameters": [*map(_query_parameter, operation.parameters)],
        "responses": _responses(method, operation, _examples().get(f"{method} {route.path}")),
    }
    if operation.more:
        description["description"] = operation.more
    if operation.body is not None:
        content = {"schema": body_schema(operation.body)} | _example_of(
            operation, operation.bodies if operation.bodies else operation.example
        )
        description["requestBody"] = {"required": True, "content": {"application/json": content}}
        description["parameters"] += map(_header_parameter, operation.headers)
    if operation.needs_token:
        description["security"] = [{"token": []}]
        description["description"] = f"{operation.more} Needs a token.".strip()
    return description


def _header_parameter(header: Parameter) -> dict[str, Any]:
    return {
        "name": header.name,
        "in": "header",
        "required": False,
        "description": header.description,
        "schema": header.schema,
    }


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    description = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": parameter.schema,
    }
    if parameter.repeated:
        description |= {"style": "form", "explode": True}
    if parameter.example is not None and not parameter.repeated:
        description["example"] = parameter.example
    return description


@cache
def _examples() -> Mapping[str, Any]:
    examples: Mapping[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return examples


def _responses(method: str, operation: Operation, example: Any) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "As asked", "headers": dict(_LIMITS)}
    if operation.answer is not None:
        content = {"schema": schema(operation.answer)} | _example_of(operation, example)
        good["content"] = {"application/json": content}
        good["headers"]["ETag"] = {"schema": _TEXT}
    if operation.needs_token:
        good["headers"].pop("ETag", None)
    responses = {str(operation.status): good}
    if method == "GET" and not operation.needs_token:
        responses["304"] = {"description": "Nothing changed since the ETag in If-None-Match."}
    if 308 in operation.fails:
        responses["308"] = {"description": "It has another slug now.", "headers": {"Location": {"schema": schema(Uri)}}}
    for status in sorted(_error_statuses(operation)):
        responses[str(status)] = {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
    return responses


def _example_of(operation: Operation, example: Any) -> dict[str, Any]:
    """Return the example, or one for each variant, by name, where the body has several."""
    if example is None:
        return {}
    return (
        {"examples": {name: {"value": value} for name, value in example.items()}}
        if operation.bodies
        else {"example": example}
    )


def _error_statuses(operation: Operation) -> Iterable[int]:
    always = {400, 401, 414, 429}
    written = {413, 415, 422} if operation.body is not None else set()
    return (always | written | ({403} if operation.needs_token else set()) | set(operation.fails)) - {308}


_PROBLEM = {"$ref": "#/components/schemas/Problem"}
ROUTES = [Route("/openapi.json", openapi_document, methods=["GET"], name="openapi")]
