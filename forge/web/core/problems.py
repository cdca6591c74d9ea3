"""Errors for programs: `application/problem+json` (RFC 9457), with every field that is wrong at once. Pure."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from catalog.errors import CatalogError, Invalid, NotAllowed, OptedOut, Removed
from forge.i18n.languages import PageLanguage, without_marks
from forge.web.core.request_guard import HEADERS

MEDIA_TYPE = "application/problem+json"
# What any site may read from a browser: nothing of it depends on who asks.
OPEN_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, Deprecation, Sunset",
}
TITLES = {
    400: "The request cannot be read",
    401: "Who asks is not known",
    403: "This is not allowed",
    404: "There is no such thing",
    405: "The address does not take this method",
    409: "Something else stands there already",
    410: "It was here and is not shown any more",
    413: "The body is too large",
    414: "The address is too long",
    415: "The body is not JSON",
    422: "Something in the body has to be corrected",
    429: "Too many requests",
    500: "The service has a problem",
    503: "The search is being built again",
}


class ApiError(HTTPException):
    """A request that a program has to mend: `problems` maps a parameter or a field to a sentence, a msgid."""

    def __init__(
        self,
        status: int,
        problems: Mapping[str, str] | None = None,
        detail: str = "",
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(
            status, detail or "; ".join(f"{name}: {sentence}" for name, sentence in (problems or {}).items())
        )
        self.problems = dict(problems or {})
        self.headers = dict(headers or {})


def problem_json(request: Request, error: Exception, status: int, page_language: PageLanguage) -> Response:
    """Answer with an error for a program; sentences about fields in the language that it asked for, the others in
    English.
    """
    content: dict[str, Any] = {"type": "about:blank", "title": TITLES.get(status, TITLES[500]), "status": status}
    content |= _error_members(error, page_language)
    headers = {**HEADERS, **OPEN_HEADERS, "Cache-Control": "no-store"}
    headers |= getattr(request.state, "quota", {})
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def _error_members(error: Exception, page_language: PageLanguage) -> dict[str, Any]:
    if isinstance(error, ApiError | Invalid):
        wrong = error.problems if isinstance(error, ApiError) else error.errors
        problems = [
            {"field": name, "message": without_marks(page_language.gettext(sentence))}
            for name, sentence in wrong.items()
        ]
        detail = error.detail if isinstance(error, ApiError) else str(error)
        return {"detail": detail} | ({"problems": problems} if problems else {})
    if isinstance(error, HTTPException):
        return {"detail": error.detail}
    if isinstance(error, OptedOut):
        return {"detail": str(error), "since": error.at.isoformat()}
    if isinstance(error, Removed):
        return {"detail": str(error), "reason": error.reason}
    if isinstance(error, NotAllowed):
        return {"detail": f"Whoever has this token may not do it: {error.what}."}
    if isinstance(error, CatalogError):
        return {"detail": str(error)}
    return {}  # of a failure of ours nothing is told
