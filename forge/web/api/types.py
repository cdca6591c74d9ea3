"""Types of what the API takes and gives. What a type says of a value is what pydantic checks in a query or a body, and
what `/openapi.json` says: its schemas are made of the types.

An answer is a `TypedDict`, which mypy compares with the code that makes it. What a single route gives is described
beside that route.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NotRequired, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen
from typing_extensions import TypedDict

from catalog.document import keys
from catalog.model_base import Flag, Identity, Text, WholeNumber
from catalog.validation import Pattern, SchemaNote, json_schema
from forge.export.json_records import Time as Time

VERSION = "1.0.0"
Slug = Annotated[str, MaxLen(100), Pattern("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")]
LanguageTag = Annotated[str, MaxLen(35), Pattern("^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$")]
Country = Annotated[str, Pattern("^[A-Z]{2}$")]
Uri = Annotated[str, SchemaNote(more=(("format", "uri"),))]
Id = Annotated[str, SchemaNote(more=(("format", "uuid"),))]
License = Annotated[
    str,
    SchemaNote(
        "SPDX: of what this catalogue itself states. A record whose `home` is another catalogue, or an imported list, "
        "has its own `data_license`; a fact of another origin has its license in its `source`."
    ),
]
TextByLanguage = Annotated[
    dict[str, str],
    SchemaNote("Texts by language tag; with a language asked for, one text and its language."),
]


def record(name: str, members: Mapping[str, Any]) -> Any:
    """An object of these members, where their names are known at run time only."""
    made: Any = TypedDict
    return made(name, dict(members))


def partly(described: Any) -> Any:
    """The same record, of which `fields=` may leave out any member. Each says so: hints forget `total`."""
    members = members_of(described).items()
    optional = {name: kind if get_origin(kind) is NotRequired else NotRequired[kind] for name, kind in members}
    return record(described.__name__, optional)


def with_license(described: Any) -> Any:
    """One record as an answer: with the license of its data, where this catalogue has a manifest."""
    return record(described.__name__, {"license": NotRequired[License], **members_of(described)})


def part_of_list(name: str, described: Any, beside: Mapping[str, Any]) -> Any:
    """A part of a list as an answer, with what stands `beside` it and the address of the next part."""
    members = {"license": NotRequired[License], **beside, name: list[described], "next": Uri | None}
    return record(name, members)


def whole_list(name: str, described: Any) -> Any:
    """A list that comes in one part as an answer."""
    return record(name, {"license": NotRequired[License], name: list[described]})


def list_of(described: Any) -> Any:
    return list[described]


def dict_of(described: Any) -> Any:
    return dict[str, described]


def members_of(described: Any) -> dict[str, Any]:
    return get_type_hints(described, include_extras=True)


def members_of_noun(noun: keys.RecordKeys, *without: str) -> dict[str, Any]:
    """The members of a record of the document without these, as the API gives them: what nobody stated is left out."""
    return {
        name: key_type if key.required or key.always else NotRequired[key_type]
        for name, key in noun.keys.items()
        if name not in without
        for key_type in (_type_of(key.shape),)
    }


def _type_of(shape: keys.Shape) -> Any:
    if isinstance(shape, keys.Group):
        described = _type_of(shape.of)
        if not shape.by_language:
            return dict_of(described)
        # In the language that was asked for it is one value, with the language beside it.
        return TextByLanguage if described is str else dict_of(described | str)
    if isinstance(shape, keys.Many):
        return list_of(_type_of(shape.of))
    if isinstance(shape, keys.RecordKeys):
        described = record(shape.cls.__name__, members_of_noun(shape))
        return str | described if shape.short else described
    if isinstance(shape, WholeNumber):
        return Annotated[int, Ge(shape.least), Le(shape.most)]
    return {Text: str, Identity: Id, Flag: bool}[type(shape)]


@cache
def schema(described: Any) -> Mapping[str, Any]:
    """Its JSON Schema, with `null` among the types of what may be null."""
    made: Mapping[str, Any] = _plain(json_schema(described))
    return made


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
