"""Refusals of the Open Catalog API: problem+json with its own members.

https://github.com/italia/developers-italia-api (software-catalog-api.oas.yaml, Error)
"""

import json
from http import HTTPStatus

from starlette.responses import Response

from forge.web.core.request_guard import HEADERS

PREFIX = "/v1"
MEDIA_TYPE = "application/problem+json"
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Allow, Retry-After"}
MAX_DETAIL = 2048


class RefusedRequest(Exception):
    """A query that cannot be read, for this reason: 422."""


def problem(status: int, title: str, detail: str) -> Response:
    content = {"title": title, "detail": detail[:MAX_DETAIL], "status": status}
    headers = {**HEADERS, **OPEN, "Cache-Control": "no-store"}
    return Response(json.dumps(content, ensure_ascii=False), status, headers, MEDIA_TYPE)


def elsewhere(method: str, path: str, status: int) -> Response:
    """The answer where no resource was met: an unknown address, a method that it does not have, a fault of ours."""
    phrase = HTTPStatus(status).phrase
    return problem(status, phrase, f"Cannot {method} {path}" if status == 404 else phrase)
