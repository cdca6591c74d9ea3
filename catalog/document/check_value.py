"""Checks one value of a record by its type in the model: what is wrong with each part of it, as codes.

It is for what people type in a form, where the sentences for editors of the document would not help: the form has a
sentence for each code.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catalog import model_base, validation
from catalog.document.keys import NOUNS
from catalog.validation import KEY, InvalidData

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


def faults_of_value(noun: type, field: str, value: Any, record_exists: RecordExists) -> dict[Path, str]:
    """What is wrong with the value of a field of a kind of record: a code of CODES by the path to it, () for the whole.

    Without any, `document.from_record` accepts the value. Raises KeyError for a field that the kind does not have.
    """
    if field not in NOUNS[noun].keys:
        raise KeyError(field)
    faults: dict[Path, str] = {}
    try:
        validation.read(noun, {field: value}, context=record_exists)
    except InvalidData as unfit:
        for fault in sorted(unfit.faults, key=lambda fault: fault.path[-1] == KEY):
            is_key = fault.path[-1] == KEY  # told rather than what is wrong with its value
            path = tuple(map(str, fault.path[1:-1] if is_key else fault.path[1:]))
            if fault.path[0] == field:  # else it is another field, which is required
                code = fault.sort if fault.sort in CODES else model_base.SHAPE
                faults[path] = code if is_key or code == model_base.SHAPE else faults.get(path, code)
    for path, code in _faults_of_size(value, ()):
        if faults.get(path) != model_base.SHAPE and (code != model_base.BLANK or path not in faults):
            faults[path] = code
    return {
        path: code for path, code in faults.items() if not any(path[:depth] in faults for depth in range(len(path)))
    }


def are_sound(noun: type, values: Mapping[str, Any], record_exists: RecordExists) -> bool:
    """Whether `faults_of_value` finds nothing wrong with any of these fields; none of them is None."""
    try:
        validation.read(validation.partly(noun), values, context=record_exists)
    except InvalidData:
        return False
    return not any(True for value in values.values() for _ in _faults_of_size(value, ()))


def _faults_of_size(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Texts that are too long; lists and groups that are empty, have too many parts, or one twice."""
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            yield path, "long"
    elif value in ([], {}):
        yield path, "missing"
    elif isinstance(value, list | dict):
        if len(value) > MAX_ITEMS:
            yield path, "many"
            return
        containers: list[Any] = []
        for step, part in value.items() if isinstance(value, Mapping) else enumerate(value):
            if isinstance(value, list) and part in containers:
                yield (*path, str(step)), "twice"
            else:
                containers.append(part)
                yield from _faults_of_size(part, (*path, str(step)))
