"""Refusals of the Open Catalog API: problem+json with its own members.

https://github.com/italia/developers-italia-api (software-catalog-api.oas.yaml, Error and ValidationError)
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from catalog.validation import MISSING, UNKNOWN, Fault
from forge.web.core.request_guard import HEADERS

PREFIX = "/v1"
MEDIA_TYPE = "application/problem+json"
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Allow, Retry-After"}
UNAUTHORIZED = "token authentication failed"
MALFORMED = "invalid or malformed JSON"
UNKNOWN_MEMBER = "unknown field in JSON input"
WHOLE = (
    "body"  # instead of a field's name without a letter, which the description knows none of, and where all is wrong
)
MAX_DETAIL, MAX_TITLE, MAX_FAULTS = 2048, 255, 10


@dataclass(frozen=True)
class BrokenRule:
    """One member that breaks a rule: `value` is what was given, where that was a text."""

    field: str
    rule: str  # required | email | min | max | gt | url | http_url | code_hosting_url | uuid | unique | oneof ...
    value: str = ""


class Refused(Exception):
    """A request that is answered with this status, for this reason: `detail`, maybe `code` and `faults`."""

    def __init__(
        self, status: int, detail: str | None = None, *, code: str | None = None, faults: Sequence[BrokenRule] = ()
    ):
        super().__init__(detail or HTTPStatus(status).phrase)
        self.status, self.detail, self.code, self.faults = status, detail, code, tuple(faults)


_LETTER = re.compile("[A-Za-z]")
_SAID = {
    "required": "is required",
    "email": "is not a valid email",
    "min": "does not meet its size limits (too short)",
    "max": "does not meet its size limits (too long)",
    "gt": "does not meet its size limits (too few items)",
    "code_hosting_url": "is not a valid public http(s) URL",
    "unique": "holds something twice",
    "unknown": "is not known",
    "version": "has no version v from 1 to 999",
}
# Names of rules as the interface has them, by what `catalog.validation` calls a fault; others are called the same.
_RULES = {
    MISSING: "required",
    UNKNOWN: "unknown",
    "string_too_short": "min",
    "string_too_long": "max",
    "too_short": "gt",
    "too_long": "max",
    "literal_error": "oneof",
}


def unfit(faults: Sequence[Fault]) -> Refused:
    """The refusal of what does not fit its description, all of it at once: 400 where a value is of another type."""
    broken = broken_rules(faults)
    if any(rule.rule == "type" for rule in broken):
        return Refused(400, MALFORMED, faults=broken)
    if any(rule.rule == "unknown" for rule in broken):
        return Refused(422, UNKNOWN_MEMBER, faults=broken)
    return invalid(broken)


def broken_rules(faults: Sequence[Fault]) -> list[BrokenRule]:
    return [
        BrokenRule(
            fault.field if _LETTER.search(fault.field[:64]) else WHOLE,
            _rule(fault),
            fault.given if isinstance(fault.given, str) else "",
        )
        for fault in faults
    ]


def _rule(fault: Fault) -> str:
    return "type" if fault.sort.endswith("_type") else _RULES.get(fault.sort, fault.sort)


def invalid(broken: Sequence[BrokenRule]) -> Refused:
    """The refusal of members that break rules, all of them at once."""
    said = ", ".join(f"{rule.field} {_SAID.get(rule.rule, 'is invalid')}" for rule in broken[:MAX_FAULTS])
    return Refused(422, f"invalid format: {said}", faults=broken)


def problem(status: int, title: str, refused: Refused | None = None) -> Response:
    """The answer; a refusal for want of a token says nothing beside its title."""
    content: dict[str, Any] = {"title": title[:MAX_TITLE]}
    if refused is not None and refused.detail:
        content["detail"] = refused.detail[:MAX_DETAIL]
    content["status"] = status
    if refused is not None and refused.code:
        content["code"] = refused.code
    if refused is not None and refused.faults:
        content["validationErrors"] = [
            {"field": fault.field[:64], "rule": fault.rule, "value": fault.value[:255]}
            for fault in refused.faults[:MAX_FAULTS]
        ]
    headers = {**HEADERS, **OPEN, "Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(content, ensure_ascii=False), status, headers, MEDIA_TYPE)


def elsewhere(method: str, path: str, status: int) -> Response:
    """The answer where no resource was met: an unknown address, a method that it does not have, a fault of ours."""
    phrase = HTTPStatus(status).phrase
    detail = f"Cannot {method} {path}" if status == 404 else phrase
    return problem(status, phrase, Refused(status, detail))
