"""Checks strangers' data against the frozen dataclasses that describe it, with pydantic: every fault with its path.

A dataclass says bounds in `Annotated`, with the marks of `annotated_types`, those below, and for the document's records
those of `catalog.model_base`. Our own rows are read by it too, by their types alone. pydantic is imported at the first
check, which costs 60 ms and 12 MB; by services, whose processes all check something, before they are forked.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, make_dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Required, cast, get_type_hints

from typing_extensions import TypedDict  # Python 3.11 keeps too little of its own for pydantic

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationError
    from pydantic_core import SchemaValidator

Path = tuple[str | int, ...]
MAX_FAULTS = 100  # that are told of one document
MISSING, UNKNOWN = "missing", "unexpected_keyword_argument"  # pydantic's names of two sorts of faults
NO_LIST, SHORT = "tuple_type", "too_short"  # likewise
TOLD: Any = "told"  # the sort of a fault that has its sentence
SENTENCE = "sentence"  # where the limits of a fault have it
KEY = "[key]"  # pydantic's last step to the key of a group with free keys
# In the metadata of a schema: the one that stands for it where no rule is asked.
WITHOUT_RULES = "without_rules"
NOT_ONE_OF = "not_one_of"  # the sort of a text that is none of a list


@dataclass(frozen=True)
class Fault:
    """One value that is not as it must be. `sort`: pydantic's name of what is wrong, or that of a Rule; `given`: the
    value, None where there is none."""

    path: Path
    sort: str
    limits: Mapping[str, Any]
    given: Any

    @property
    def field(self) -> str:
        """The path as people write it: `sources[0].url`."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return "".join(steps).removeprefix(".")


class InvalidData(Exception):
    """Data that does not fit its description: all its `faults`, up to a bound; so many more are `untold`."""

    def __init__(self, faults: tuple[Fault, ...], untold: int = 0):
        super().__init__("; ".join(f"{fault.field}: {fault.sort}" for fault in faults[:MAX_FAULTS]))
        self.faults, self.untold = faults, untold


@dataclass(frozen=True)
class Rule:
    """A rule for a value, beyond its type: `read` gives the value to keep, or None for one that breaks the rule.
    `described`: what its JSON Schema says of it."""

    name: str
    read: Callable[[Any], Any]
    described: tuple[tuple[str, Any], ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        def checked(value: Any) -> Any:
            result = self.read(value)
            if result is None:
                raise PydanticCustomError(self.name, "rule")
            return result

        return core_schema.no_info_after_validator_function(checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return {**handler(schema), **dict(self.described)}


class InvalidValue(ValueError):
    """A value that does not fit, with the sentence that says what to do."""

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class ConvertedBy:
    """A rule for a value that is read out of something else first: `read` gives it, or raises InvalidValue. Its Fault
    is of the sort TOLD and has the sentence in `limits`."""

    read: Callable[[Any], Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(_telling(self.read), handler(source))


def _telling(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    from pydantic_core import PydanticCustomError

    def telling(value: Any) -> Any:
        try:
            return convert(value)
        except InvalidValue as refused:
            raise PydanticCustomError(TOLD, "{sentence}", {SENTENCE: refused.sentence}) from None

    return telling


@dataclass(frozen=True)
class OfExactType:
    """A rule for a value that is of its JSON type already: "true" and 1 are no flags."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        return {**handler(source), "strict": True}


@dataclass(frozen=True)
class AsWholeNumber:
    """A rule for a whole number as JSON means it: 1.0 is one; "1" and true are none."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        def whole(value: Any) -> Any:
            return int(value) if isinstance(value, float) and value.is_integer() else value

        return core_schema.no_info_before_validator_function(whole, {**handler(source), "strict": True})


@dataclass(frozen=True)
class Pattern:
    """A rule for a text that fits a regular expression of ECMA-262, as JSON Schema writes them."""

    expression: str

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        return {**handler(source), "pattern": self.expression}


@dataclass(frozen=True)
class OneOf:
    """A rule for a text that is one of `known`, which its Fault has in `limits`."""

    known: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        return core_schema.custom_error_schema(
            core_schema.literal_schema(list(self.known)),
            custom_error_type=NOT_ONE_OF,
            custom_error_message="rule",
            custom_error_context={"known": ", ".join(self.known)},
        )


@dataclass(frozen=True)
class AsTextPattern:
    """A rule for a value that JSON holds as a text which fits `expression`, of ECMA-262: `read` makes the value of it,
    and may raise ValueError. `described`: what its JSON Schema says beside the pattern."""

    name: str
    expression: str
    read: Callable[[str], Any]
    described: tuple[tuple[str, Any], ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import PydanticCustomError, core_schema

        def made(text: str) -> Any:
            try:
                return self.read(text)
            except ValueError:
                raise PydanticCustomError(self.name, "rule") from None

        text = core_schema.str_schema(pattern=self.expression, strict=True)
        return core_schema.no_info_after_validator_function(made, text)

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return {**handler(schema), **dict(self.described)}


@dataclass(frozen=True)
class SchemaNote:
    """What the JSON Schema of a value says of it beside its bounds."""

    description: str = ""
    more: tuple[tuple[str, Any], ...] = ()

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return {**handler(schema), **({"description": self.description} if self.description else {}), **dict(self.more)}


@dataclass(frozen=True)
class StaysHere:
    """A mark of a field that is in no JSON which leaves from here, and in no schema of it."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        from pydantic_core import PydanticOmit

        raise PydanticOmit


STRICT, WHOLE, STAYS_HERE = OfExactType(), AsWholeNumber(), StaysHere()


def import_pydantic() -> None:
    """Read what the first check would read."""
    import pydantic._internal._validators
    import pydantic.dataclasses
    import pydantic.json_schema
    import pydantic.plugin._schema_validator
    import pydantic.type_adapter  # noqa: F401


def read(described: Any, value: Any, *, context: Any = None, most: int = MAX_FAULTS) -> Any:
    """The value that JSON-safe data describes. `context`: what marks may ask of this check; `most`: faults that are
    told. Raises InvalidData."""
    from pydantic import ValidationError

    try:
        return _adapter(described).validate_python(value, context=context)
    except ValidationError as wrong:
        raise _unfit(wrong, most) from None


def read_shape(described: Any, value: Any) -> Any:
    """As `read`, by the types alone: no rule of a value is asked. Raises InvalidData."""
    from pydantic import ValidationError

    try:
        return _validator_without_rules(described).validate_python(value)
    except ValidationError as wrong:
        raise _unfit(wrong, MAX_FAULTS) from None


def json_schema(described: Any, *, of_file: bool = False) -> dict[str, Any]:
    """Its JSON Schema (2020-12), as what is to be sent, without references, and without the titles that pydantic makes
    of names. `of_file`: for the editor of a file, as _file_schemas makes it."""
    from pydantic import TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    schema = TypeAdapter(described).json_schema(schema_generator=_file_schemas() if of_file else GenerateJsonSchema)
    inner = schema.pop("$defs", {})

    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(part) for part in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            value = {**inner[value["$ref"].rpartition("/")[2]], **{key: value[key] for key in value if key != "$ref"}}
        return {key: plain(part) for key, part in value.items() if key != "title" or not isinstance(part, str)}

    document: dict[str, Any] = plain(schema)
    return document


def _file_schemas() -> Any:
    """A generator that tells no defaults, which need not be written, and of groups with free keys what each key must
    be: pydantic would let through those that fit no pattern."""
    from pydantic.json_schema import GenerateJsonSchema

    class FileSchemas(GenerateJsonSchema):
        def default_schema(self, schema: Any) -> dict[str, Any]:
            return self.generate_inner(schema["schema"])

        def dict_schema(self, schema: Any) -> dict[str, Any]:
            keys = self.generate_inner(schema["keys_schema"])
            names = {name: says for name, says in keys.items() if name not in ("type", "minLength")}
            values = self.generate_inner(schema["values_schema"])
            return {"type": "object", "minProperties": 1, "propertyNames": names, "additionalProperties": values}

    return FileSchemas


def members(name: str, described: Mapping[str, Any], required: Collection[str] = ()) -> Any:
    """An object of these members and no others, which is read as a dict of those that are there."""
    typed = {key: Required[kind] if key in required else kind for key, kind in described.items()}
    typed_dict: Any = cast(Any, TypedDict)(name, typed, total=False)
    typed_dict.__pydantic_config__ = {"extra": "forbid"}
    return typed_dict


def _unfit(wrong: "ValidationError", most: int) -> InvalidData:
    details = wrong.errors(include_url=False)
    if any(error["type"] == SHORT for error in details):  # a list is short of what was refused of it
        inner = {error["loc"][:length] for error in details for length in range(len(error["loc"]))}
        details = [error for error in details if error["type"] != SHORT or error["loc"] not in inner]
    faults = (
        Fault(
            tuple(step for step in error["loc"] if isinstance(step, str) or step >= 0),  # else a tag of a union
            error["type"],
            error.get("ctx", {}),
            None if error["type"] == MISSING else error["input"],
        )
        for error in details[:most]
    )
    return InvalidData(tuple(faults), len(details) - min(len(details), most))


@cache
def partly(described: Any) -> type[Any]:
    """The same description, of which any member may be left out at the top: what a merge patch holds."""
    hints = get_type_hints(described, include_extras=True)
    left = [(field.name, hints[field.name] | None, None) for field in fields(described)]
    partial_class = make_dataclass(f"Partial{described.__name__}", left, frozen=True)
    partial_class.__pydantic_config__ = getattr(described, "__pydantic_config__", {})  # type: ignore[attr-defined]
    return partial_class


@cache
def _adapter(described: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(described)


@cache
def _validator_without_rules(described: Any) -> "SchemaValidator":
    from pydantic import TypeAdapter
    from pydantic_core import SchemaValidator

    def plain(schema: Any) -> Any:
        if isinstance(schema, list):
            return [plain(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        shape = (schema.get("metadata") or {}).get(WITHOUT_RULES)
        if shape is not None:
            return plain(shape)
        return {key: part if key == "metadata" else plain(part) for key, part in schema.items()}

    return SchemaValidator(plain(TypeAdapter(described).core_schema))
