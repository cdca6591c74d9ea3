"""Checks a value of a query against the JSON Schema of its parameter: text, whole number, flag, or a list of them.

The same description is what `/openapi.json` shows, so that what is described and what is checked cannot differ. Bodies
are checked by `catalog.validation`.
https://json-schema.org/draft/2020-12/json-schema-validation
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_TYPES: Mapping[str, type] = {"string": str, "integer": int, "boolean": bool, "array": list}
_WORDS = {"string": "a text", "integer": "a whole number", "boolean": "true or false", "array": "a list"}


def faults(schema: Schema, value: Any) -> dict[str, str]:
    """Return what is wrong, a sentence by the path of the field; empty when nothing is. The first fault of each
    field.
    """
    first_faults: dict[str, str] = {}
    for path, sentence in _faults(schema, value, ""):
        first_faults.setdefault(path, sentence)
    return first_faults


def _faults(schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    kind = schema["type"]
    if not isinstance(value, _TYPES[kind]):
        yield path, f"This must be {_WORDS[kind]}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"This must be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        yield from _text_faults(schema, value, path)
    elif isinstance(value, int) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield path, f"This must be at least {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield path, f"This must be at most {schema['maximum']}"
    elif isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            yield path, f"This may hold at most {schema['maxItems']}"
        for number, element in enumerate(value[: schema.get("maxItems", len(value))]):
            yield from _faults(schema.get("items", {}), element, f"{path}.{number}" if path else str(number))


def _text_faults(schema: Schema, value: str, path: str) -> Iterator[tuple[str, str]]:
    if len(value) > schema.get("maxLength", len(value)):
        yield path, f"Use {schema['maxLength']} characters or fewer"
    elif len(value) < schema.get("minLength", 0):
        yield path, f"Use {schema['minLength']} characters or more"
    elif "pattern" in schema and not _fits(schema["pattern"], value):
        yield path, f"This must match {schema['pattern']}"


def _fits(pattern: str, value: str) -> bool:
    """As JSON Schema means it: in Python, `$` also stands before a last line end."""
    return not value.endswith("\n") and re.search(pattern, value) is not None
