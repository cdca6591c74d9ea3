"""The document's shape as a JSON Schema, made of the table of keys, so that the two cannot differ.

What needs more than one record (references, terms of another catalogue) is checked by `folder.check` only.
https://json-schema.org/draft/2020-12/schema
"""

from typing import Any

from catalog.document.keys import (
    DOCUMENT,
    Flag,
    Group,
    Identity,
    Many,
    Noun,
    Shape,
    Text,
    WholeNumber,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def json_schema() -> Schema:
    """The schema of a whole document in JSON, without includes."""
    return {
        "$schema": DIALECT,
        "title": "A catalogue of free software for the social and solidarity economy",
        "description": "catalog.yaml of Forge, format 1. Texts by language have a language tag as their key.",
    } | _schema_of_shape(DOCUMENT)


def _schema_of_shape(shape: Shape) -> Schema:
    if isinstance(shape, Text):
        return {"type": "string", "minLength": 1} | shape.schema
    if isinstance(shape, Identity):
        return {"type": "string", "format": "uuid"}
    if isinstance(shape, WholeNumber):
        return {"type": "integer", "minimum": shape.least, "maximum": shape.most}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, Group):
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": shape.key.schema,
            "additionalProperties": _schema_of_shape(shape.of),
        }
    if isinstance(shape, Many):
        most = {"maxItems": shape.most} if shape.most else {}
        return {"type": "array", "items": _schema_of_shape(shape.of)} | most
    return _schema_of_noun(shape)


def _schema_of_noun(noun: Noun) -> Schema:
    whole: Schema = {
        "type": "object",
        "properties": {name: _schema_of_shape(key.shape) for name, key in noun.keys.items()},
        "required": [name for name, key in noun.keys.items() if key.required],
        "additionalProperties": False,
    }
    return {"anyOf": [_schema_of_shape(noun.keys[noun.short].shape), whole]} if noun.short else whole
