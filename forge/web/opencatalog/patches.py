"""Both kinds of PATCH on a JSON document: RFC 7396 (merge) and RFC 6902 (operations). Pure; it validates no member.

A document that operations copy into itself doubles with each: weight and depth are bounded.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from forge.web.opencatalog.problems import MALFORMED, Refused

MEDIA_TYPE = "application/json-patch+json"
DATES = ("createdAt", "updatedAt")  # also of what a list holds
IMMUTABLE = ("id", "catalogId", *DATES)
MOST_OPERATIONS, MAX_PATH = 100, 255
MAX_WEIGHT, MAX_DEPTH = 1_000_000, 64  # characters, and eight for each value; of a document that was copied in
_OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")


def merged(document: Any, patch: Any) -> Any:
    """https://www.rfc-editor.org/rfc/rfc7396#section-2"""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def patched(document: Mapping[str, Any], operations: Any) -> Any:
    """The document after all operations, which are done in a copy. `operations` are what a body held.

    Raises Refused: 400 where that is no list of objects, 422 where there are none or too many, one is too long, touches
    what never changes, or fails.
    """
    if not isinstance(operations, list) or not all(isinstance(operation, dict) for operation in operations):
        raise Refused(400, MALFORMED)
    if not operations:
        raise Refused(422, "patch must contain at least one operation")
    if len(operations) > MOST_OPERATIONS:
        raise Refused(422, f"patch must not exceed {MOST_OPERATIONS} operations")
    result = deepcopy(dict(document))
    holder = {"": result}
    for operation in operations:
        _operate(holder, operation)
    return holder[""]


def _operate(holder: dict[str, Any], operation: Mapping[str, Any]) -> None:
    kind, path = operation.get("op"), _pointer(operation, "path")
    if kind not in _OPERATIONS:
        raise Refused(422, "op must be one of " + ", ".join(_OPERATIONS))
    if kind in ("add", "replace", "test") and "value" not in operation:
        raise Refused(422, f"{kind} needs a value")
    if kind == "test":
        if not _same(_at(holder, path), operation["value"]):
            raise Refused(422, f"test failed at {operation['path']}")
        return
    _demand_mutable(path)
    if kind == "remove":
        _removed(holder, path)
    elif kind == "replace":
        _at(holder, path)
        _put(holder, path, deepcopy(operation["value"]), instead=True)
    elif kind == "add":
        _put(holder, path, deepcopy(operation["value"]))
    else:
        origin = _pointer(operation, "from")
        if kind == "copy":
            _put(holder, path, deepcopy(_at(holder, origin)))
            _demand_bounded(holder[""])
        else:
            _demand_mutable(origin)
            if len(path) > len(origin) and path[: len(origin)] == origin:
                raise Refused(422, "a value cannot be moved into itself")
            _put(holder, path, _removed(holder, origin))


def _pointer(operation: Mapping[str, Any], name: str) -> list[str]:
    """The steps of a JSON pointer (RFC 6901), the whole document as their root."""
    text = operation.get(name)
    if not isinstance(text, str):
        raise Refused(422, f"an operation needs {name}")
    if len(text) > MAX_PATH:
        raise Refused(422, f"path and from must not exceed {MAX_PATH} characters")
    if text and not text.startswith("/"):
        raise Refused(422, f"{name} must begin with /")
    return [step.replace("~1", "/").replace("~0", "~") for step in text.split("/")]


def _demand_mutable(path: Sequence[str]) -> None:
    if len(path) == 1:
        raise Refused(422, "the whole cannot be replaced")
    if path[1] in IMMUTABLE or path[-1] in DATES:
        raise Refused(422, f"{path[1] if path[1] in IMMUTABLE else path[-1]} cannot be changed")


def _at(holder: Any, path: Sequence[str]) -> Any:
    found = holder
    for step in path:
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and (number := _index(step, len(found) - 1)) is not None:
            found = found[number]
        else:
            raise Refused(422, "there is nothing at /" + "/".join(path[1:]))
    return found


def _index(step: str, last: int) -> int | None:
    whole = step.isascii() and step.isdigit() and (step == "0" or not step.startswith("0")) and len(step) < 8
    return int(step) if whole and int(step) <= last else None


def _put(holder: Any, path: Sequence[str], value: Any, *, instead: bool = False) -> None:
    place, step = _at(holder, path[:-1]), path[-1]
    if isinstance(place, dict):
        place[step] = value
        return
    number = None
    if isinstance(place, list):
        number = len(place) if step == "-" and not instead else _index(step, len(place))
    if number is None:
        raise Refused(422, "there is no place at /" + "/".join(path[1:]))
    place[number : number + instead] = [value]


def _removed(holder: Any, path: Sequence[str]) -> Any:
    value, place = _at(holder, path), _at(holder, path[:-1])
    if isinstance(place, dict):
        return place.pop(path[-1])
    place.pop(int(path[-1]))
    return value


def _same(value: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1, and 1 is 1.0."""
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    if isinstance(value, list) and isinstance(other, list):
        return len(value) == len(other) and all(map(_same, value, other))
    if isinstance(value, dict) and isinstance(other, dict):
        return value.keys() == other.keys() and all(_same(value[name], other[name]) for name in value)
    return bool(value == other)


def _demand_bounded(document: Any) -> None:
    weight, level = 0, [document]
    for _ in range(MAX_DEPTH):
        weight += 8 * len(level) + sum(len(text) for text in level if isinstance(text, str))
        if weight > MAX_WEIGHT:
            break
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return
    raise Refused(422, "the result is too large")
