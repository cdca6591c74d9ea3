"""Reads the JSON body that a program sends: bounded, cleaned as forms are, and checked against the types that its
route describes. What the values mean is checked by the code that handles them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from catalog.validation import InvalidData, read
from forge.web.api.sentences import sentences
from forge.web.api.types import schema
from forge.web.core.form import MAX_BODY_BYTES, clean
from forge.web.core.problems import ApiError
from forge.web.core.request_guard import RequestTooLarge, TooDeep, json_of_body, read_body

MAX_DEPTH = 20
UNREADABLE = "The body is no JSON that can be read"


@dataclass(frozen=True)
class Variants:
    """Bodies that a member tells apart by its value."""

    member: str
    described: Mapping[str, Any]


def body_schema(described: Any) -> Mapping[str, Any]:
    """The JSON Schema of a body."""
    if not isinstance(described, Variants):
        return schema(described)
    kinds = [schema(kind) for kind in described.described.values()]
    return {"oneOf": kinds, "discriminator": {"propertyName": described.member}}


async def read_json_body(request: Request, described: Any) -> Any:
    """Read and check the body. Raises ApiError: 413 for more than MAX_BODY_BYTES, 415 for another content type, 400 for
    what is no JSON, 422 with every field that does not fit.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, detail="Send JSON, and say so: Content-Type: application/json")
    try:
        body = await read_body(request, MAX_BODY_BYTES)
    except RequestTooLarge:
        raise ApiError(413, detail=f"A body may have {MAX_BODY_BYTES} bytes") from None
    return checked_body(described, parse_body(body))


def checked_body(described: Any, value: Any) -> Any:
    """Check a body. Raises ApiError 422 with every field that does not fit, a sentence each."""
    if isinstance(described, Variants):
        kind = value.get(described.member) if isinstance(value, dict) else None
        if isinstance(value, dict) and (not isinstance(kind, str) or kind not in described.described):
            raise ApiError(422, {described.member: f"This must be one of {', '.join(described.described)}"})
        described = described.described[kind] if kind is not None else dict
    try:
        return read(described, value)
    except InvalidData as unfit:
        raise ApiError(422, {path or "body": sentence for path, sentence in sentences(unfit).items()}) from None


def parse_body(body: bytes) -> Any:
    """Parse a body and clean its texts. Raises ApiError 400: also for numbers and depths that no form could send."""
    try:
        return json_of_body(body.decode("utf-8"), clean, MAX_DEPTH)
    except TooDeep:
        raise ApiError(400, detail=f"The body may be {MAX_DEPTH} objects and lists deep") from None
    except ValueError:
        raise ApiError(400, detail=UNREADABLE) from None
