"""Checks a file of strangers against the description of its format: every problem with its line, key and sentence.

A description is a type that pydantic reads (`catalog.validation`), made of the parts below: `text`, FLAG, `list_of`,
`group`, `by_language`. Its JSON Schema says which keys there are and which are deprecated. No sentence and no key
repeats the file's content, except keys that look like keys: it contains names of people.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any

from annotated_types import MinLen

from catalog import validation
from catalog.sentences import mark
from catalog.validation import Converted, Described, Explained, Fault, Refused, Unfit
from catalog.vocabulary import nearest
from catalog.yaml_nodes import Mapping as Pairs
from catalog.yaml_nodes import Node, Scalar, Sequence

MAX_PROBLEMS = validation.MAX_FAULTS  # of one file; a file with more has told enough

WRITE_TEXT = mark("Write one text here, no list and no group.")
WRITE_LIST = mark("Write a list here: a line that begins with - for each value.")
WRITE_KEYS = mark("Write keys with values here, one below the other and set in.")
WRITE_FLAG = mark("Write true or false here, without quotes; yes, no, on and off are texts.")
KEY_TWICE = mark("This key stands here twice; remove one of the two.")
_EMPTY_LINE = mark("This line of the list is empty; write a value or remove it.")
_EMPTY_LIST = mark("The list is empty; write at least one value.")
_UNKNOWN = mark("The standard knows no such key here; remove it.")
_MISSING = {
    "string": mark("This key is needed here; add it with a text."),
    "boolean": mark("This key is needed here; add it with true or false."),
    "array": mark("This key is needed here; add it with a list of at least one value."),
    "object": mark("This key is needed here; add it with the keys that belong below it."),
}
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_PEOPLE = frozenset({"contacts", "contractors"})  # lists of persons
_OF_PEOPLE = frozenset({"name", "email", "phone", "affiliation", "until", "website"})

Path = validation.Path


@dataclass(frozen=True)
class FileProblem:
    """`key` is the path, such as description.en.features; "" is the whole file. A warning leaves the file valid."""

    line: int
    key: str
    sentence: str
    warning: bool = False


def problem_rows(problems: Collection[FileProblem]) -> list[dict[str, Any]]:
    return [asdict(problem) for problem in problems]


def _scalar_text(given: Any) -> str:
    if not isinstance(given, Scalar):
        raise Refused(WRITE_TEXT)
    return given.text


def _scalar_flag(given: Any) -> bool:
    if not isinstance(given, Scalar) or given.boolean is None:
        raise Refused(WRITE_FLAG)
    return given.boolean


def _entries(given: Any) -> Any:
    if not isinstance(given, list):
        raise Refused(WRITE_LIST)
    return given


def _entries_or_one(given: Any) -> Any:
    return [given] if isinstance(given, Scalar) else _entries(given)


def _entry(given: Any) -> Any:
    if isinstance(given, Scalar) and not given.text.strip():
        raise Refused(_EMPTY_LINE)
    return given


def _not_blank(text: str) -> str | None:
    return None if text.strip() else _MISSING["string"]


def text(*problems: Callable[[str], str | None]) -> Any:
    """One text, as it is written; each of `problems` gives a sentence about it, or None."""
    return Annotated[(str, Converted(_scalar_text), *map(Explained, problems))]


def needed_text(*problems: Callable[[str], str | None]) -> Any:
    """A text that may not be blank."""
    return text(_not_blank, *problems)


FLAG: Any = Annotated[bool, Converted(_scalar_flag)]


def list_of(kind: Any, least: int = 0, alone: bool = False) -> Any:
    """A list of `least` values; `alone`: one value without a list will do."""
    entries = Converted(_entries_or_one if alone else _entries)
    return Annotated[list[Annotated[kind, Converted(_entry)]], MinLen(least), entries]


def group(name: str, keys: Mapping[str, Any], needed: Collection[str] = ()) -> Any:
    """Keys with values, and no others."""
    return validation.members(name, keys, needed)


def by_language(kind: Any, tag: Callable[[str], str | None]) -> Any:
    """At least one key that is a language tag; all hold the same."""
    return Annotated[dict[Annotated[str, Explained(tag)], kind], MinLen(1)]


def deprecated(kind: Any, sentence: str) -> Any:
    """A key that will be dropped; the sentence says what to do."""
    return Annotated[kind, Described(sentence, (("deprecated", True),))]


def check_keys(
    root: Pairs,
    description: Any,
    sentences: Mapping[tuple[str, int, str], str] = MappingProxyType({}),
    empty_is_absent: bool = True,
) -> list[FileProblem]:
    """The problems of the keys of a file. `sentences`: what to say of a fault instead, by first key, depth and sort.
    `empty_is_absent`: a key without a value is as if it were not there."""
    reading = _Reading(empty_is_absent)
    data = reading.data(root, ())
    problems = [FileProblem(line, shown_key(path), KEY_TWICE) for path, line in reading.doubled]
    schema = _schema(description)
    try:
        validation.read(description, data)
    except Unfit as unfit:
        problems += [_problem(fault, reading.lines, schema, sentences) for fault in unfit.faults]
    for path, sentence in _deprecated(data, schema, ()):
        problems.append(FileProblem(reading.lines[path], shown_key(path), sentence, warning=True))
    return problems


def shown_key(path: Path) -> str:
    """The path as text; a key that does not look like one, or is below people, becomes "?": it may be a name."""
    shown = ""
    below_people = False
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
            continue
        known = step in _OF_PEOPLE or (_KEY.fullmatch(step) and not below_people)
        shown += ("." if shown else "") + (step if known else "?")
        below_people = below_people or step in _PEOPLE
    return shown


class _Reading:
    """The nodes of a file as dicts, lists and Scalars, with the line of each path."""

    def __init__(self, empty_is_absent: bool) -> None:
        self.empty_is_absent = empty_is_absent
        self.lines: dict[Path, int] = {}
        self.doubled: list[tuple[Path, int]] = []

    def data(self, node: Node, path: Path, line: int | None = None) -> Any:
        self.lines[path] = node.line if line is None else line
        if isinstance(node, Sequence):
            return [self.data(child, (*path, number)) for number, child in enumerate(node.nodes)]
        return self._keys(node, path) if isinstance(node, Pairs) else node

    def _keys(self, node: Pairs, path: Path) -> dict[str, Any]:
        """The values of a group of keys; of a key that stands twice the first counts, and it is reported."""
        values: dict[str, Any] = {}
        seen: set[str] = set()
        for name, child in node.pairs:
            if name.text in seen:
                self.doubled.append(((*path, name.text), name.line))
                continue
            seen.add(name.text)
            if not (self.empty_is_absent and isinstance(child, Scalar) and child.null):
                values[name.text] = self.data(child, (*path, name.text), name.line)
        return values


@cache
def _schema(description: Any) -> dict[str, Any]:
    return validation.json_schema(description)


def _at(schema: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    for step in path:
        below = schema.get("items") if isinstance(step, int) else schema.get("properties", {}).get(step)
        schema = below or schema.get("additionalProperties") or {}
    return schema


def _problem(
    fault: Fault, lines: Mapping[Path, int], schema: Mapping[str, Any], sentences: Mapping[tuple[str, int, str], str]
) -> FileProblem:
    path = fault.path[:-1] if fault.path[-1:] == ("[key]",) else fault.path
    if fault.sort == validation.MISSING:
        sentence = _MISSING[_at(schema, path)["type"]]
        return FileProblem(lines[path[:-1]], shown_key(path), sentence)
    while path not in lines:  # one value in place of a list
        path = path[:-1]
    own = sentences.get((str(path[0]) if path else "", len(path), fault.sort))
    if fault.sort == validation.UNKNOWN_MEMBER:
        sentence = _unknown(str(path[-1]), _at(schema, path[:-1]).get("properties", {}))
    elif fault.sort == validation.TOLD:
        sentence = fault.limits["sentence"]
    else:
        sentence = {validation.NO_OBJECT: WRITE_KEYS, validation.SHORT: _EMPTY_LIST}[fault.sort]
    return FileProblem(lines[path], shown_key(path), own or sentence)


def _unknown(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f"The standard knows no such key here; did you mean {near}?" if near else _UNKNOWN


def _deprecated(data: Any, schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, dict):
        for name, value in data.items():
            below = _at(schema, (name,))
            if below.get("deprecated"):
                yield (*path, name), below["description"]
            yield from _deprecated(value, below, (*path, name))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _deprecated(value, _at(schema, (number,)), (*path, number))
