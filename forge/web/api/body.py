"""The JSON that a program sends: bounded, cleaned as forms are, and of the shape that its route describes. Whether its
words make sense, the verb that takes them says.
"""

import json
from typing import Any, NoReturn

from starlette.requests import Request

from forge.web.api.validate import Schema, faults
from forge.web.core.form import MAX_BODY_BYTES, clean
from forge.web.core.problems import Faulty

MAX_DEPTH = 20
UNREADABLE = "The body is no JSON that can be read"


async def body_of(request: Request, schema: Schema) -> Any:
    """Raises Faulty: 413 for more than MAX_BODY_BYTES, 415 for what is said to be something else, 400 for what is no
    JSON, 422 with every field that has not the shape."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Faulty(415, detail="Send JSON, and say so: Content-Type: application/json")
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > MAX_BODY_BYTES:
            raise Faulty(413, detail=f"A body may have {MAX_BODY_BYTES} bytes")
    value = parsed(bytes(read))
    if wrong := faults(schema, value):
        raise Faulty(422, {name or "body": sentence for name, sentence in wrong.items()})
    return value


def parsed(body: bytes) -> Any:
    """The value, its texts cleaned. Raises Faulty 400: also for numbers and depths that no form could send."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Faulty(400, detail=UNREADABLE) from None
    return _cleaned(value, 0)


def _cleaned(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise Faulty(400, detail=f"The body may be {MAX_DEPTH} objects and lists deep")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {clean(name): _cleaned(one, depth + 1) for name, one in value.items()}
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
