"""Reads the JSON body that a program sends: bounded, cleaned as forms are, and checked against the schema that its
route describes. What the values mean is checked by the code that handles them.
"""

import json
from typing import Any, NoReturn

from starlette.requests import Request

from forge.web.api.validate import Schema, faults
from forge.web.core.form import MAX_BODY_BYTES, clean
from forge.web.core.problems import ApiError

MAX_DEPTH = 20
UNREADABLE = "The body is no JSON that can be read"


async def read_body(request: Request, schema: Schema) -> Any:
    """Read and check the body. Raises Faulty: 413 for more than MAX_BODY_BYTES, 415 for another content type, 400 for
    what is no JSON, 422 with every field that does not match the schema.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, detail="Send JSON, and say so: Content-Type: application/json")
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > MAX_BODY_BYTES:
            raise ApiError(413, detail=f"A body may have {MAX_BODY_BYTES} bytes")
    value = parse_body(bytes(read))
    if wrong := faults(schema, value):
        raise ApiError(422, {name or "body": sentence for name, sentence in wrong.items()})
    return value


def parse_body(body: bytes) -> Any:
    """Parse a body and clean its texts. Raises Faulty 400: also for numbers and depths that no form could send."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ApiError(400, detail=UNREADABLE) from None
    return _cleaned(value, 0)


def _cleaned(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ApiError(400, detail=f"The body may be {MAX_DEPTH} objects and lists deep")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(element, depth + 1) for element in value]
    if isinstance(value, dict):
        return {clean(name): _cleaned(element, depth + 1) for name, element in value.items()}
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
