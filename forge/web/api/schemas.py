"""Parameters and schemas that several routes share, and schemas made of the document's table of keys. What a single
route gives is described beside that route.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.document import keys, rules
from forge.web.api.route import Parameter

Schema = dict[str, Any]

VERSION = "1.0.0"
LIMIT, MAX_LIMIT = 20, 100
SLUG = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 100}
TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
URI: Schema = {"type": "string", "format": "uri"}
ID: Schema = {"type": "string", "format": "uuid"}
LICENSE: Schema = {
    "description": "SPDX: of what this catalogue itself states. A record whose `home` is another catalogue, or an "
    "imported list, has its own `data_license`; a fact of another origin has its license in its `source`.",
    "type": "string",
}
TEXT_BY_LANGUAGE: Schema = {
    "description": "Texts by language tag; with a language asked for, one text and its language.",
    "type": "object",
    "additionalProperties": {"type": "string"},
}
LANGUAGE = Parameter(
    "language",
    "One language for all texts, in place of maps of language and text; `Accept-Language` asks for the same.",
    {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$", "maxLength": 35},
    "fr",
    chooses_texts=True,
)
# Where `language` is a filter, as on the find page.
TEXTS_LANGUAGE = replace(LANGUAGE, name="texts")
LIMIT_PARAMETER = Parameter(
    "limit",
    f"How many at most, {LIMIT} without it.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
    5,
    otherwise=LIMIT,
)
LINES_PARAMETER = Parameter(
    "limit", "How many lines at most, 50 without it.", {"type": "integer", "minimum": 1, "maximum": 200}, otherwise=50
)
BEFORE = Parameter(
    "before",
    "Lines below this number; `cursor` does the same.",
    {"type": "integer", "minimum": 1, "maximum": 999_999_999},
)
COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}


def nullable(schema: Mapping[str, Any]) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def array(of: Mapping[str, Any]) -> Schema:
    return {"type": "array", "items": dict(of)}


def record(**properties: Mapping[str, Any]) -> Schema:
    """Make an object of which every field may be left out by `fields=`."""
    return {"type": "object", "properties": {name: dict(schema) for name, schema in properties.items()}}


def with_license(schema: Mapping[str, Any]) -> Schema:
    """Make the schema of one record as an answer: with the license of its data."""
    return {**schema, "properties": {"license": LICENSE, **schema["properties"]}}


def list_schema(list_name: str, of: Mapping[str, Any], /, **more: Mapping[str, Any]) -> Schema:
    """Make the schema of a part of a list as an answer."""
    properties = {"license": LICENSE, **more, list_name: array(of), "next": nullable(URI)}
    return {"type": "object", "properties": properties, "required": [list_name, "next"]}


def fields_parameter(of: Mapping[str, Any]) -> Parameter:
    """Make the parameter that chooses among the fields of a record."""
    names = tuple(of["properties"])
    return Parameter(
        "fields",
        "The names of the fields that are wanted, with commas between them; all of them without it.",
        {"type": "string", "maxLength": 1_000, "minLength": 1, "x-fields": names},
        ",".join(names[:2]),
    )


def noun_schema(noun: keys.Noun, *without: str) -> Schema:
    """Make the schema of a noun of the document, as the API gives it."""
    return {
        "type": "object",
        "properties": {name: _of_shape(key.shape) for name, key in noun.keys.items() if name not in without},
    }


def _of_shape(shape: keys.Shape) -> Schema:
    if isinstance(shape, keys.Text):
        return dict(TEXT)
    if isinstance(shape, keys.Identity):
        return dict(ID)
    if isinstance(shape, keys.WholeNumber):
        return {"type": "integer", "minimum": shape.least, "maximum": shape.most}
    if isinstance(shape, keys.Flag):
        return dict(BOOLEAN)
    if isinstance(shape, keys.Group):
        if shape.key_rule is rules.language:
            if isinstance(shape.of, keys.Noun):
                return {"type": "object", "additionalProperties": {"anyOf": [noun_schema(shape.of), TEXT]}}
            return dict(TEXT_BY_LANGUAGE)
        return {"type": "object", "additionalProperties": _of_shape(shape.of)}
    if isinstance(shape, keys.Many):
        return array(_of_shape(shape.of))
    schema = noun_schema(shape)
    return {"anyOf": [TEXT, schema]} if shape.short else schema
