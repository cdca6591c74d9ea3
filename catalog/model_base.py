"""What the model is made of: the marks by which pydantic checks the types of `catalog.value_types`, and the base class
of every dataclass of `catalog.model`.

A fault has the code that forms know it by as its sort, and in `limits` the sentence for the file's editor. All this
is asked by `validation.read`; `validation.read_shape` asks the types alone, as of rows that we wrote.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from catalog import text_rules as rules
from catalog.sentences import Sentence, quoted
from catalog.validation import MISSING, NO_LIST, SENTENCE, WITHOUT_RULES

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

Rule = Callable[[str], Sentence | None]  # a sentence about what is wrong with a text, None when nothing is
AS_TEXT = "as text"  # context of a check: every value is a text, as in YAML, so that "true" is a flag
SHAPE, BLANK, LINE, NUMBER, MANY, TWICE, NOBODY = "shape", MISSING, "line", "number", "many", "twice", "nobody"
_NOW, _BEFORE = -1, -2  # two shapes of a value; no path holds them, since no list has such a place
MAX_LINES = 5_000  # faults of one list after which the rest is not checked: a fault takes 1.5 kB
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHOLE_NUMBER = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class Text:
    """The type of a text that `rule` accepts. `refers`: the kind of record whose slug it is, which a check
    whose context is a function of kind and slug asks it about; `paragraphs`: it may have several lines; `code`: what
    forms call a fault in it; `described`: its JSON Schema beside the type.
    """

    rule: Rule | None = None
    refers: str | None = None
    paragraphs: bool = False
    code: str = "choice"
    described: tuple[tuple[str, Any], ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        if self.refers:
            return {"description": f"The slug of one of the {self.refers}s"}
        if isinstance(self.rule, rules.VocabularyTerm):
            return {"enum": self.rule.known}
        if isinstance(self.rule, rules.FieldName):
            return {"enum": list(self.rule.known)}
        return dict(self.described)

    def record(self, value: Any) -> Any:
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        rule, refers, paragraphs = self.rule, self.refers, self.paragraphs

        def checked(text: Any) -> Any:
            if type(text) is not str:
                raise _fault(SHAPE)
            if not text or text.isspace():
                raise _fault(BLANK, "There is no text; write it or remove the key.")
            if not paragraphs and "\n" in text:
                inside = "\n" in text.strip("\n")
                advice = "join the lines" if inside else "remove the line break at its end"
                raise _fault(LINE, f"The text must stand on one line; {advice}.")
            wrong = rule(text) if rule else None
            if wrong:
                raise _fault(self._sort_of(text), wrong)
            return text

        def referring(text: Any, info: Any) -> Any:
            slug = checked(text)
            if callable(info.context) and not info.context(refers, slug):
                raise _fault(NOBODY)
            return slug

        shape = {WITHOUT_RULES: core_schema.str_schema(strict=True)}
        if refers:
            return core_schema.with_info_plain_validator_function(referring, metadata=shape)
        return core_schema.no_info_plain_validator_function(checked, metadata=shape)

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return {"type": "string", "minLength": 1} | self.schema

    def _sort_of(self, text: str) -> str:
        code = self.code
        if code == "summary" and len(text) <= rules.MAX_SUMMARY:
            code = "prose"
        return "address" if code == "prose" and "@" in text else code


@dataclass(frozen=True)
class Flag:
    """The type of true and false."""

    def record(self, value: Any) -> Any:
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        def checked(value: Any, info: Any) -> bool:
            if info.context == AS_TEXT and value in ("true", "false"):
                return bool(value == "true")
            if type(value) is not bool:
                raise _fault(SHAPE, "Write true or false here.")
            return value

        shape = {WITHOUT_RULES: core_schema.bool_schema(strict=True)}
        return core_schema.with_info_plain_validator_function(checked, metadata=shape)

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return {"type": "boolean"}


@dataclass(frozen=True)
class WholeNumber:
    """The type of a whole number from `least` to `most`."""

    least: int
    most: int

    def record(self, value: Any) -> Any:
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        least, most = self.least, self.most

        def checked(value: Any, info: Any) -> int:
            if info.context == AS_TEXT and type(value) is str and _WHOLE_NUMBER.fullmatch(value):
                value = int(value)
            if type(value) is not int or not least <= value <= most:
                bounds = f"{least}" if least == most else f"a whole number from {least} to {most}"
                raise _fault(NUMBER, f"Write {bounds} here.")
            return value

        shape = {WITHOUT_RULES: core_schema.int_schema(strict=True, ge=least, le=most)}
        return core_schema.with_info_plain_validator_function(checked, metadata=shape)

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Identity:
    """The type of the UUID of a record, which the file and our rows have; nobody gives it in a form."""

    def record(self, value: Any) -> Any:
        return str(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        def checked(value: Any, info: Any) -> UUID:
            if info.context != AS_TEXT or type(value) is not str or not _UUID.fullmatch(value):
                raise _fault(SHAPE, "An id is a UUID in lower case; remove the key and one is made.")
            return UUID(value)

        shape = {WITHOUT_RULES: core_schema.uuid_schema()}
        return core_schema.with_info_plain_validator_function(checked, metadata=shape)

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return {"type": "string", "format": "uuid"}


@dataclass(frozen=True)
class Keyed:
    """A group with free keys; `example`: a pair, as sentences show it."""

    example: str


@dataclass(frozen=True)
class Listed:
    """A list in which no text stands twice and whose length may be bounded (`MaxLen`). Both is told beside what is
    wrong with its entries; a single entry in place of the list is checked as one. Fields of records need no mark."""

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        return _listed(handler(source))


@dataclass(frozen=True)
class Former:
    """The former shape of a list: a group of this type, which is read too and never written; `renewed` makes the list
    of it."""

    shape: Any
    renewed: Callable[[Any], tuple[Any, ...]]

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        before = core_schema.no_info_after_validator_function(self.renewed, handler.generate_schema(self.shape))
        choices: dict[Any, Any] = {_NOW: _listed(handler(source)), _BEFORE: before}
        return core_schema.tagged_union_schema(choices, lambda value: _BEFORE if type(value) is dict else _NOW)

    def __get_pydantic_json_schema__(self, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        return handler(schema["choices"][_NOW])


@dataclass(frozen=True)
class FieldType:
    """Another type for the field `name` of a dataclass of the model."""

    name: str
    kind: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        whole = dict(handler.resolve_ref_schema(handler(source)))
        whole.pop("ref", None)
        members = [
            {**member, "schema": handler.generate_schema(self.kind)} if member["name"] == self.name else member
            for member in whole["schema"]["fields"]
        ]
        return {**whole, "schema": {**whole["schema"], "fields": members}}


class StatedRecord:
    """What every dataclass of the model is: its keys are all known, no value is null, a list holds no text twice, and
    what is required is not empty.

    `short`: a text alone is the value of this key. `always_stated`: keys that are required though they have a default.
    """

    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}
    short: ClassVar[str | None] = None
    always_stated: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: "GetCoreSchemaHandler") -> Any:
        from pydantic_core import core_schema

        schema: Any = handler(source)
        whole: Any = handler.resolve_ref_schema(schema)
        if not whole.setdefault("metadata", {}).get(StatedRecord):  # else it was met in another field
            whole["metadata"][StatedRecord] = True
            for member in whole["schema"]["fields"]:
                member["schema"] = _of_member(member["schema"], member["name"] in cls.always_stated)
        if cls.short is None:
            return schema
        # The name under which other fields find it goes to the outer schema, else they would find it without this.
        inner = {key: value for key, value in whole.items() if key != "ref"}
        return core_schema.no_info_before_validator_function(
            lambda value: {cls.short: value} if type(value) is str else value, inner, ref=whole.get("ref")
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: "GetJsonSchemaHandler") -> Any:
        whole = handler.resolve_ref_schema(handler(schema))
        if cls.short is None or "properties" not in whole:  # the second: pydantic asks inside and outside
            return whole
        return {"anyOf": [whole["properties"][cls.short], whole]}


def _of_member(schema: Any, is_always_stated: bool) -> Any:
    """The schema of a field: what is required is not empty, though a row of ours may have nothing there."""
    from pydantic_core import core_schema

    if schema["type"] == "default" and not is_always_stated:
        return {**schema, "schema": _of_value(schema["schema"])}
    bare = schema["schema"] if schema["type"] == "default" else schema
    empty: Any = {"tuple": [], "dict": {}}.get(bare["type"])
    inner = _of_value(bare)
    if empty is None:
        return inner

    def filled(value: Any) -> Any:
        if value == empty:
            raise _fault(BLANK)
        return value

    return core_schema.no_info_before_validator_function(filled, inner, metadata={WITHOUT_RULES: inner})


def _of_value(schema: Any) -> Any:
    """The schema without null, and that of a list with the rules of lists."""
    if schema["type"] == "nullable":
        return _of_value(schema["schema"])
    return _listed(schema) if schema["type"] == "tuple" else schema


def _listed(schema: Any) -> Any:
    from pydantic_core import PydanticCustomError, ValidationError, core_schema

    most = schema.get("max_length")
    shape: Any = {key: value for key, value in schema.items() if key != "max_length"}
    is_of_texts = schema["items_schema"][0]["type"] == "function-plain"
    together = 1000 if is_of_texts else 1  # entries that are checked at once: each may have any number of faults

    def line(error: Any, path: Sequence[Any]) -> Any:
        kind = PydanticCustomError(error["type"], "rule", error.get("ctx"))
        return {"type": kind, "loc": path, "input": error["input"]}

    def checked(value: Any, handler: Any) -> Any:
        lines: list[Any] = []
        items: list[Any] = []
        wrong = set()
        is_list = type(value) is list
        entries = (
            value if is_list else [value] if type(value) is str or (type(value) is dict and not is_of_texts) else []
        )
        for start in range(0, len(entries), together):
            try:
                items += handler(entries[start : start + together])
            except ValidationError as error:
                for details in error.errors(include_url=False):
                    at, *path = details["loc"]
                    wrong.add(start + int(at))
                    lines.append(line(details, (start + int(at), *path) if is_list else path))
                if len(lines) > MAX_LINES:
                    break
        if not is_list:
            lines.append(line({"type": NO_LIST, "input": value}, ()))
        elif most is not None and len(value) > most:
            sentence = f"There are {len(value)} lines; keep the {most} most important."
            lines.append(line({"type": MANY, "input": value, "ctx": {SENTENCE: sentence}}, ()))
        # Of a list that was not checked to its end nothing more is told.
        left = max(MAX_LINES - len(lines), 0) if is_list and len(value) > 1 else 0
        for at, text in islice(_repeated(value, wrong), left):
            sentence = f"{quoted(text)} stands twice in this list; keep one."
            lines.append(line({"type": TWICE, "input": text, "ctx": {SENTENCE: sentence}}, (at,)))
        if lines:
            raise ValidationError.from_exception_data("list", lines)
        return tuple(items)

    return core_schema.no_info_wrap_validator_function(
        checked, shape, json_schema_input_schema=schema, metadata={WITHOUT_RULES: shape}
    )


def _repeated(entries: Sequence[Any], wrong: Collection[int | str]) -> Iterator[tuple[int, str]]:
    """The texts of a list that stand there already, with their places, but for those that are wrong anyway."""
    earlier = set()
    for at, text in enumerate(entries):
        if type(text) is str and at not in wrong:
            if text in earlier:
                yield at, text
            earlier.add(text)


def _fault(sort: str, sentence: Sentence | None = None) -> Exception:
    from pydantic_core import PydanticCustomError

    # Its context takes any value; the sentence of an unknown term is made only where it is told.
    return PydanticCustomError(sort, "rule", None if sentence is None else {SENTENCE: sentence})
