"""Types of what the API takes and gives. What a type says of a value is what pydantic checks in a query or a body, and
what `/openapi.json` says: its schemas are made of the types.

A record in an answer is the dataclass that holds it here, written by `catalog.publication.dataclass_json`.
"""

from collections.abc import Mapping
from dataclasses import make_dataclass
from functools import cache
from typing import Annotated, Any, NotRequired

from annotated_types import MaxLen
from typing_extensions import TypedDict

from catalog.validation import Pattern, SchemaNote, json_schema

VERSION = "1.0.0"
Time = Annotated[str, SchemaNote(more=(("format", "date-time"),))]
Slug = Annotated[str, MaxLen(100), Pattern("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
LanguageTag = Annotated[str, MaxLen(35), Pattern("^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$")]
Country = Annotated[str, Pattern("^[A-Z]{2}$")]
Uri = Annotated[str, SchemaNote(more=(("format", "uri"),))]
Id = Annotated[str, SchemaNote(more=(("format", "uuid"),))]
License = Annotated[
    str,
    SchemaNote(
        "SPDX: of what this catalogue itself states. A record whose home is another catalogue, or an imported list, "
        "stands under the license of that home; a fact of another origin has its license in its `source`."
    ),
]
TextByLanguage = Annotated[dict[str, str], SchemaNote("Texts by language tag.")]


def record(name: str, members: Mapping[str, Any]) -> Any:
    """An object of these members, where their names are known at run time only."""
    type_: Any = TypedDict
    return type_(name, dict(members))


def with_license(described: Any) -> Any:
    """One record as an answer, a dataclass: with the license of its data, where this catalogue has a manifest."""
    members: Any = [("license", License | None, None)]
    return make_dataclass(described.__name__, members, bases=(described,), kw_only=True, frozen=True)


def part_of_list(name: str, described: Any, beside: Mapping[str, Any]) -> Any:
    """A part of a list as an answer, with what stands `beside` it and the address of the next part."""
    members = {"license": NotRequired[License], **beside, name: list[described], "next": Uri | None}
    return record(name, members)


def whole_list(name: str, described: Any) -> Any:
    """A list that comes in one part as an answer."""
    return record(name, {"license": NotRequired[License], name: list[described]})


def list_of(described: Any) -> Any:
    return list[described]


@cache
def schema(described: Any) -> Mapping[str, Any]:
    """Its JSON Schema, with `null` among the types of what may be null."""
    json: Mapping[str, Any] = _plain(json_schema(described))
    return json


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if not isinstance(value, dict):
        return value
    value = {name: _plain(part) for name, part in value.items()}
    match value.get("anyOf"):
        case [{"type": str(name), **bounds}, {"type": "null"}] if "enum" not in bounds:
            above = {name: part for name, part in value.items() if name != "anyOf"}
            return {**bounds, "type": [name, "null"], **above}
    return value
