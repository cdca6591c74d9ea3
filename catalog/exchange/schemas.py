"""The JSON Schema (2020-12) of each file of an exchange, made from the dataclasses that it is checked by."""

from collections.abc import Mapping
from typing import Any

from catalog.exchange import names
from catalog.exchange.limits import LARGEST_NUMBER, LIMITS, LIST_ENTRIES, TEXT_CHARACTERS
from catalog.exchange.records import BODY, ExchangeRecord, members
from catalog.exchange.statements import (
    InstanceCard,
    RootStatement,
    ShardBits,
    Withdrawal,
)
from catalog.exchange.values import NO_CONTROLS
from catalog.validation import json_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ROOT, BITS = "x-catalogue", "custom"  # inside of root.json, and beside a target

_VALUE = {"$ref": "#/$defs/value"}
_TEXT = {"type": "string", "maxLength": TEXT_CHARACTERS, "pattern": f"^{NO_CONTROLS}$"}
# Any member of the document's record: what it must be beyond that is asked value by value.
_MEMBER = {
    "anyOf": [
        _TEXT,
        {"type": "integer", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER},
        {"type": "boolean"},
        {"type": "array", "maxItems": LIST_ENTRIES, "items": _VALUE},
        {"type": "object", "maxProperties": LIST_ENTRIES, "propertyNames": _TEXT, "additionalProperties": _VALUE},
    ]
}
_VALUES: Mapping[str, type] = {"instance": InstanceCard, ROOT: RootStatement}


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by name: of the files in a folder, of withdrawn and instance, of the root's member and of
    `custom`."""
    schemas_by_kind: dict[str, dict[str, Any]] = {}
    entries = {folder: ("records", _record(kind)) for kind, folder in names.FOLDER_OF.items()}
    for name, (member, entry) in (entries | {names.WITHDRAWN: ("withdrawn", json_schema(Withdrawal))}).items():
        listed = {"type": "array", "maxItems": LIMITS[name].entries, "items": entry}
        schemas_by_kind[name] = _headed(name, {"type": "object", "properties": {member: listed}})
    for name, kind in _VALUES.items():
        schemas_by_kind[name] = _headed(name, json_schema(kind))
    bits = {"type": "object", "properties": {"bits": json_schema(ShardBits)}, "required": ["bits"]}
    schemas_by_kind[BITS] = _headed(BITS, bits)
    return schemas_by_kind


def _record(kind: str) -> dict[str, Any]:
    """Of a line: its own members and those of its body, which stand beside each other."""
    schema = json_schema(ExchangeRecord)
    _with_body(schema["properties"], kind)
    del schema["properties"]["record_kind"]
    if kind == names.PROJECT:
        _with_body(schema["properties"]["adoptions"]["items"]["properties"], names.ADOPTION)
    else:
        del schema["properties"]["adoptions"]
    return {"$id": f"urn:exchange:{kind}", **schema, "$defs": {"value": _MEMBER}}


def _with_body(properties: dict[str, Any], kind: str) -> None:
    del properties[BODY]
    properties |= dict.fromkeys(members(kind), _VALUE)


def _headed(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": name, **schema}
