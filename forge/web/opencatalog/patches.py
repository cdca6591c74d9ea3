"""Both kinds of PATCH on a JSON document: RFC 7396 (merge) and RFC 6902 (operations, by `jsonpatch`). Pure; whether the
result is a record is checked elsewhere.

A document that operations copy into itself doubles with each: weight and depth are bounded.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import MaxLen, MinLen

from catalog.validation import InvalidData, read
from forge.web.opencatalog.problems import MALFORMED, Refused, unfit

MEDIA_TYPE = "application/json-patch+json"
DATES = ("createdAt", "updatedAt")  # also of what a list holds
IMMUTABLE = ("id", "catalogId", *DATES)
MOST_OPERATIONS, MAX_PATH = 100, 255
MAX_WEIGHT, MAX_DEPTH = 1_000_000, 64  # characters, and eight for each value; of a document that was copied in

_PASSED_OVER: Any = {"extra": "ignore", "alias_generator": lambda name: name.removesuffix("_")}


@dataclass(frozen=True)
class Operation:
    """What an operation says beside its value. Members that it does not need are passed over, as the RFC asks."""

    __pydantic_config__: ClassVar[Any] = _PASSED_OVER

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    path: Annotated[str, MaxLen(MAX_PATH)]


@dataclass(frozen=True)
class Transfer:
    """What an operation says that takes its value from elsewhere."""

    __pydantic_config__: ClassVar[Any] = _PASSED_OVER

    from_: Annotated[str, MaxLen(MAX_PATH)]


Operations = Annotated[tuple[Operation, ...], MinLen(1), MaxLen(MOST_OPERATIONS)]


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
    try:
        read(Operations, operations)
        for operation in operations:
            if operation["op"] in ("move", "copy"):
                read(Transfer, operation)
    except InvalidData as wrong:
        raise unfit(wrong.faults) from None
    result: Any = deepcopy(dict(document))
    for operation in operations:
        result = _after(result, operation)
    return result


def _after(document: Any, operation: Mapping[str, Any]) -> Any:
    from jsonpatch import JsonPatch, JsonPatchException, JsonPointerException, path_split

    try:
        if operation["op"] != "test":
            touched = [operation["path"], *([operation["from"]] if operation["op"] in ("move", "copy") else ())]
            _demand_mutable(path_split(pointer) for pointer in touched)
        changed = JsonPatch([operation]).apply(document, in_place=True)
    except (JsonPatchException, JsonPointerException):  # what they say holds values, and one may be a secret
        raise Refused(422, f"{operation['op']} failed at {operation['path']}") from None
    if operation["op"] == "copy":
        _demand_bounded(changed)
    return changed


def _demand_mutable(pointers: Iterable[Sequence[str]]) -> None:
    """A copy of what never changes is refused too, as https://github.com/publiccodeyml/open-catalog-api does."""
    for steps in pointers:
        if not steps:
            raise Refused(422, "the whole cannot be replaced")
        for name in (steps[0], steps[-1]):
            if name in (IMMUTABLE if name == steps[0] else DATES):
                raise Refused(422, f"{name} cannot be changed")


def changeable(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what nobody changes: what may be posted as it is."""
    kept = {name: value for name, value in record.items() if name not in IMMUTABLE}
    if isinstance(kept.get("codeHosting"), list):
        kept["codeHosting"] = [_undated(code_hosting) for code_hosting in kept["codeHosting"]]
    return kept


def _undated(hosting: Any) -> Any:
    if not isinstance(hosting, dict):
        return hosting
    return {name: value for name, value in hosting.items() if name not in DATES}


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
