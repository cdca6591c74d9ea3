"""The JSON Schema (2020-12) of each file of an exchange, made from the dataclasses that it is checked by."""

from collections.abc import Mapping
from typing import Any

from catalog.exchange import names
from catalog.exchange.limits import LIMITS
from catalog.exchange.records import OrganizationRecord, ProjectRecord
from catalog.exchange.statements import (
    InstanceCard,
    RootStatement,
    ShardBits,
    Withdrawal,
)
from catalog.validation import json_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ROOT, BITS = "x-catalogue", "custom"  # inside of root.json, and beside a target

# Of each file: its members, and the dataclass of their entries; None: the file is one value itself.
_LISTS: Mapping[str, tuple[tuple[str, type], ...]] = {
    names.PROJECTS: (("records", ProjectRecord),),
    names.ORGANIZATIONS: (("records", OrganizationRecord),),
    names.WITHDRAWN: (("withdrawn", Withdrawal),),
}
_VALUES: Mapping[str, type] = {"instance": InstanceCard, ROOT: RootStatement}


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by name: of the files in a folder, of withdrawn and instance, of the root's member and of
    `custom`."""
    found: dict[str, dict[str, Any]] = {}
    for name, members in _LISTS.items():
        most = LIMITS[name].entries
        lists = {member: {"type": "array", "maxItems": most, "items": json_schema(kind)} for member, kind in members}
        found[name] = _headed(name, {"type": "object", "properties": lists})
    for name, kind in _VALUES.items():
        found[name] = _headed(name, json_schema(kind))
    bits = {"type": "object", "properties": {"bits": json_schema(ShardBits)}, "required": ["bits"]}
    found[BITS] = _headed(BITS, bits)
    return found


def _headed(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": name, **schema}
