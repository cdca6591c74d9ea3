"""Checks one value of a record by its type in the model: what is wrong with each part of it, as codes.

It is for what people type in a form, where the sentences for editors of the document would not help: the form has a
sentence for each code.
"""

from collections.abc import Callable, Mapping
from typing import Any

from catalog import text_rules as rules
from catalog.document.keys import NOUNS, Flag, Group, Many, Noun, Shape, Text, WholeNumber

MAX_TEXT = 10_000  # characters
MAX_ITEMS = 100
CODES = (
    *("missing", "shape", "line", "long", "many", "twice", "number", "choice", "nobody", "address"),
    *(
        "prose",
        "summary",
        "easy",
        "url",
        "repository",
        "license",
        "language",
        "country",
        "region",
        "path",
        "date",
        "year",
    ),
)

RecordExists = Callable[[str, str], bool]  # whether there is a record of this kind with this slug
Path = tuple[str, ...]


def faults_of_value(noun: type, field: str, value: Any, known: RecordExists) -> dict[Path, str]:
    """What is wrong with the value of a field of a kind of record: a code of CODES by the path to it, () for the whole.

    Without any, `document.from_record` accepts the value. Raises KeyError for a field that the kind does not have.
    """
    found: dict[Path, str] = {}
    _check(NOUNS[noun].keys[field].shape, value, (), known, found)
    return found


def _check(shape: Shape, value: Any, path: Path, known: RecordExists, found: dict[Path, str]) -> None:
    if isinstance(shape, Text):
        _check_text(shape, value, path, known, found)
    elif isinstance(shape, WholeNumber):
        if type(value) is not int or not shape.least <= value <= shape.most:
            found[path] = "number"
    elif isinstance(shape, Flag):
        if not isinstance(value, bool):
            found[path] = "shape"
    elif isinstance(shape, Group):
        _check_group(shape, value, path, known, found)
    elif isinstance(shape, Many):
        _check_many(shape, value, path, known, found)
    elif isinstance(shape, Noun):
        _check_noun(shape, value, path, known, found)
    else:
        found[path] = "shape"


def _check_text(shape: Text, value: Any, path: Path, known: RecordExists, found: dict[Path, str]) -> None:
    if not isinstance(value, str):
        found[path] = "shape"
    elif not value.strip():
        found[path] = "missing"
    elif len(value) > MAX_TEXT:
        found[path] = "long"
    elif "\n" in value and not shape.paragraphs:
        found[path] = "line"
    elif shape.refers and not known(shape.refers, value):
        found[path] = "nobody"
    elif shape.rule and shape.rule(value) is not None:
        found[path] = _code_of(shape, value)


def _code_of(shape: Text, value: str) -> str:
    code = shape.code
    if code == "summary" and len(value) <= rules.MAX_SUMMARY:
        code = "prose"
    return "address" if code == "prose" and "@" in value else code


def _check_group(shape: Group, value: Any, path: Path, known: RecordExists, found: dict[Path, str]) -> None:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        found[path] = "shape"
    elif not value:
        found[path] = "missing"
    elif len(value) > MAX_ITEMS:
        found[path] = "many"
    else:
        for key, entry in value.items():
            if shape.key.rule and shape.key.rule(key) is not None:
                found[(*path, key)] = _code_of(shape.key, key)
            else:
                _check(shape.of, entry, (*path, key), known, found)


def _check_many(shape: Many, value: Any, path: Path, known: RecordExists, found: dict[Path, str]) -> None:
    if shape.former and isinstance(value, Mapping):
        _check_group(shape.former.shape, value, path, known, found)
    elif not isinstance(value, list):
        found[path] = "shape"
    elif not value:
        found[path] = "missing"
    elif len(value) > min(shape.most or MAX_ITEMS, MAX_ITEMS):
        found[path] = "many"
    else:
        seen: list[Any] = []
        for number, entry in enumerate(value):
            if entry in seen:
                found[(*path, str(number))] = "twice"
            else:
                seen.append(entry)
                _check(shape.of, entry, (*path, str(number)), known, found)


def _check_noun(shape: Noun, value: Any, path: Path, known: RecordExists, found: dict[Path, str]) -> None:
    if shape.short and isinstance(value, str):
        value = {shape.short: value}
    if not isinstance(value, Mapping) or not value:
        found[path] = "missing" if not value else "shape"
        return
    for name in value:
        if name not in shape.keys:
            found[(*path, str(name))] = "shape"
    for name, key in shape.keys.items():
        if name in value:
            _check(key.shape, value[name], (*path, name), known, found)
        elif key.required:
            found[(*path, name)] = "missing"
