"""The document's shape as a JSON Schema, generated from the table of keys, so that the two cannot differ.

What needs more than one record (references, terms of another catalogue) is checked by `folder.check` only.
https://json-schema.org/draft/2020-12/schema
"""

from collections.abc import Mapping
from typing import Any

from catalog import vocabulary
from catalog.document import rules
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
from catalog.document.rules import MAX_SUMMARY, FieldName, Term
from catalog.model import CHOSEN_BY_EDITORS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
_LANGUAGE = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
_SOURCE = {"description": "A web address, owner/repository:path#L12, or owner/repository@commit"}
_SCHEMA_OF_RULE: Mapping[Any, Schema] = {
    rules.slug: {"pattern": r"^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 80},
    rules.url: {"format": "uri", "pattern": "^https?://", "maxLength": rules.MAX_URL},
    rules.repository: {"format": "uri", "pattern": "^https?://", "maxLength": rules.MAX_URL},
    rules.summary: {"maxLength": MAX_SUMMARY},
    rules.date: {"pattern": _DATE},
    rules.year: {"pattern": "^[0-9]{4}$"},
    rules.language: {"pattern": _LANGUAGE},
    rules.country: {"pattern": "^[A-Z]{2}$"},
    rules.region: {"pattern": "^[A-Z]{2}-[A-Z0-9]{1,3}$"},
    rules.identifier: {"pattern": "^[a-z][a-z0-9_-]{0,39}$"},
    rules.license: {"description": "An SPDX license expression, https://spdx.org/licenses/"},
    rules.source: _SOURCE,
    rules.evidence_source: {"description": f"{_SOURCE['description']}, or {CHOSEN_BY_EDITORS}"},
    rules.path: {"description": "A path inside the repository"},
    rules.picture: {"description": "A path inside the repository, or owner/repository:path"},
    rules.contact: {"description": "An https page, or an address of a function"},
}


def json_schema() -> Schema:
    """The schema of a whole document in JSON, without includes."""
    return {
        "$schema": DIALECT,
        "title": "A catalogue of free software for the social and solidarity economy",
        "description": "catalog.yaml of Forge, format 1. Texts by language have a language tag as their key.",
    } | _schema_of_shape(DOCUMENT)


def _schema_of_shape(shape: Shape) -> Schema:
    if isinstance(shape, Text):
        return {"type": "string", "minLength": 1} | _schema_of_text(shape)
    if isinstance(shape, Identity):
        return {"type": "string", "format": "uuid"}
    if isinstance(shape, WholeNumber):
        return {"type": "integer", "minimum": shape.least, "maximum": shape.most}
    if isinstance(shape, Flag):
        return {"type": "boolean"}
    if isinstance(shape, Group):
        rule = shape.key_rule
        names = {"enum": list(rule.known)} if isinstance(rule, FieldName) else _SCHEMA_OF_RULE.get(rule, {})
        return {
            "type": "object",
            "minProperties": 1,
            "propertyNames": names,
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


def _schema_of_text(shape: Text) -> Schema:
    if shape.refers:
        return {"description": f"The slug of one of the {shape.refers}s"}
    if isinstance(shape.rule, Term):
        lists = [vocabulary.vocabulary(name) for name in shape.rule.names]
        return {"enum": [slug for terms in lists for slug in terms.terms]}
    return dict(_SCHEMA_OF_RULE.get(shape.rule, {}))
