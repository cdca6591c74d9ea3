"""The words of descriptions that several routes share: parameters, and schemas made of the document's table of keys.
What one route alone gives stands beside that route.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.document import keys, rules
from forge.web.api.cursor import MAX_CHARACTERS
from forge.web.api.route import Parameter

Schema = dict[str, Any]

VERSION = "1.0.0"
LIMIT, MOST = 20, 100
SLUG = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 100}
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
TRUTH: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
URI: Schema = {"type": "string", "format": "uri"}
ID: Schema = {"type": "string", "format": "uuid"}
LICENSE: Schema = {
    "description": "SPDX: of what this catalogue itself states. A record whose `home` is another catalogue, or an "
    "imported list, has its own `data_license`; a fact of another origin has its license in its `source`.",
    "type": "string",
}
WORDS: Schema = {
    "description": "Texts by language tag; with a language asked for, one text and its language.",
    "type": "object",
    "additionalProperties": {"type": "string"},
}
LINES: Schema = {
    "description": "Lists of lines by language tag; with a language asked for, `lines` and their `language`.",
    "type": "object",
    "additionalProperties": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]},
}
LANGUAGE = Parameter(
    "language",
    "One language for all texts, in place of maps of language and text; `Accept-Language` asks for the same.",
    {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$", "maxLength": 35},
    "fr",
    chooses_texts=True,
)
# Where `language` is a filter, as on the find page.
TEXTS = replace(LANGUAGE, name="texts")
CURSOR = Parameter(
    "cursor",
    "Where the part begins, as `next` of the part before gives it.",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": MAX_CHARACTERS},
)
PART = Parameter(
    "limit",
    f"How many at most, {LIMIT} without it.",
    {"type": "integer", "minimum": 1, "maximum": MOST},
    5,
)
COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}


def nullable(schema: Mapping[str, Any]) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def array(of: Mapping[str, Any]) -> Schema:
    return {"type": "array", "items": dict(of)}


def record(**properties: Mapping[str, Any]) -> Schema:
    """An object of which every field may be left out by `fields=`."""
    return {"type": "object", "properties": {name: dict(one) for name, one in properties.items()}}


def whole(schema: Mapping[str, Any]) -> Schema:
    """One record as an answer: with the license of its data."""
    return {**schema, "properties": {"license": LICENSE, **schema["properties"]}}


def part(list_name: str, of: Mapping[str, Any], /, **more: Mapping[str, Any]) -> Schema:
    """A part of a list as an answer."""
    told = {"license": LICENSE, **more, list_name: array(of), "next": nullable(URI)}
    return {"type": "object", "properties": told, "required": [list_name, "next"]}


def fields(of: Mapping[str, Any]) -> Parameter:
    """The parameter that chooses among the fields of a record."""
    names = tuple(of["properties"])
    return Parameter(
        "fields",
        "The names of the fields that are wanted, with commas between them; all of them without it.",
        {"type": "string", "maxLength": 1_000, "minLength": 1, "x-fields": names},
        ",".join(names[:2]),
    )


def of_noun(noun: keys.Noun, *without: str) -> Schema:
    """The schema of a noun of the document, as the interface gives it."""
    return {
        "type": "object",
        "properties": {name: _of(key.shape) for name, key in noun.keys.items() if name not in without},
    }


def _of(one: keys.Shape) -> Schema:
    if isinstance(one, keys.Text):
        return dict(TEXT)
    if isinstance(one, keys.Identity):
        return dict(ID)
    if isinstance(one, keys.Whole):
        return {"type": "integer", "minimum": one.least, "maximum": one.most}
    if isinstance(one, keys.Flag):
        return dict(TRUTH)
    if isinstance(one, keys.Group):
        if one.key_rule is rules.language:
            if isinstance(one.of, keys.Noun):
                return {"type": "object", "additionalProperties": {"anyOf": [of_noun(one.of), TEXT]}}
            return dict(LINES if isinstance(one.of, keys.Many) else WORDS)
        return {"type": "object", "additionalProperties": _of(one.of)}
    if isinstance(one, keys.Many):
        return array(_of(one.of))
    schema = of_noun(one)
    return {"anyOf": [TEXT, schema]} if one.short else schema
