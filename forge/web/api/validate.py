"""Checks a value against a schema: the part of JSON Schema that our descriptions use. Pure.

The same description is what `/openapi.json` shows, so that what is described and what is checked cannot differ.
Supported: type, enum, const, pattern, lengths, bounds, items, properties, required, additionalProperties, and oneOf
with a discriminator; other words are for readers and ignored.
https://json-schema.org/draft/2020-12/json-schema-validation
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def faults(schema: Schema, value: Any) -> dict[str, str]:
    """Return what is wrong, a sentence by the path of the field; empty when nothing is. The first fault of each
    field.
    """
    first_faults: dict[str, str] = {}
    for path, sentence in _faults(schema, value, ""):
        first_faults.setdefault(path, sentence)
    return first_faults


def _faults(schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if "oneOf" in schema:
        yield from _variant_faults(schema, value, path)
        return
    kinds = schema.get("type")
    if kinds is not None:
        kinds = [kinds] if isinstance(kinds, str) else kinds
        if not any(_has_type(kind, value) for kind in kinds):
            yield path, f"This must be {' or '.join(_WORDS[kind] for kind in kinds)}"
            return
    if "const" in schema and value != schema["const"]:
        yield path, f"This must be {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield path, f"This must be one of {', '.join(map(str, schema['enum']))}"
    if isinstance(value, str):
        yield from _text_faults(schema, value, path)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield path, f"This must be at least {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield path, f"This must be at most {schema['maximum']}"
    elif isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)):
            yield path, f"This may hold at most {schema['maxItems']}"
        if len(value) < schema.get("minItems", 0):
            yield path, f"This must hold at least {schema['minItems']}"
        for number, element in enumerate(value[: schema.get("maxItems", len(value))]):
            yield from _faults(schema.get("items", {}), element, f"{path}.{number}" if path else str(number))
    elif isinstance(value, dict):
        yield from _object_faults(schema, value, path)


def _variant_faults(schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Check only the variant that is meant, of those that a field tells apart."""
    name = schema["discriminator"]["propertyName"]
    variants = {variant["properties"][name]["const"]: variant for variant in schema["oneOf"]}
    if not isinstance(value, dict):
        yield path, f"This must be {_WORDS['object']}"
        return
    chosen = value.get(name)
    meant = variants.get(chosen) if isinstance(chosen, str) else None
    if meant is None:
        yield f"{path}.{name}" if path else name, f"This must be one of {', '.join(variants)}"
    else:
        yield from _faults(meant, value, path)


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


def _object_faults(schema: Schema, value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    def below(name: str) -> str:
        return f"{path}.{name}" if path else name

    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            yield below(name), "This is missing"
    for name, member in value.items():
        if name in known:
            yield from _faults(known[name], member, below(name))
        elif others is False:
            yield below(name[:80]), "There is no such field"
        elif isinstance(others, Mapping):
            yield from _faults(others, member, below(name))


def _has_type(kind: str, value: Any) -> bool:
    if kind == "boolean" or isinstance(value, bool):
        return kind == "boolean" and isinstance(value, bool)
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])
