"""What a case of the kit is: a request, and what must come back; and how both are compared. It asks nobody.

Texts of a case may hold names in braces: `{software}` is a new entry made for the case, `{url}` an address that nobody
had before; the list of them is `World` in conftest.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON, MERGE, OPERATIONS = "application/json", "application/merge-patch+json", "application/json-patch+json"
PROBLEM = "application/problem+json"
MISSING = "eea19c82-0449-41ed-bd84-d8bbc146d165"

Rule = Callable[[Any], bool]


@dataclass(frozen=True)
class Case:
    """`body`: text is sent as it is, anything else as JSON. `holds`: members by dotted path, each a value or a rule.
    `level` and `newer` say which servers are asked."""

    says: str
    method: str
    path: str
    status: int | tuple[int, ...]
    body: Any = None
    type: str = JSON
    token: str = "right"  # right | none | wrong
    holds: Mapping[str, Any] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()
    level: int = 2
    newer: bool = False

    @property
    def writes(self) -> bool:
        return self.token == "right" and self.method != "GET"


def is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None


def is_time(value: Any) -> bool:
    zone = r"(Z|[+-]\d\d:\d\d)"
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?" + zone, value) is not None


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def broken(field: str, *rules: str) -> Rule:
    """The validation errors name this field, by its path or its last part, with one of these rules."""

    def rule(value: Any) -> bool:
        return isinstance(value, list) and any(
            field in (record["field"].partition("[")[0], record["field"].rpartition(".")[2])
            and record["rule"] in rules
            and isinstance(record["value"], str)
            for record in value
        )

    rule.__name__ = f"an error of {field}: {' or '.join(rules)}"
    return rule


def has(*values: Any) -> Rule:
    """A list of these values, in any order."""

    def rule(value: Any) -> bool:
        return isinstance(value, list) and sorted(value) == sorted(values)

    rule.__name__ = f"a list of {values}"
    return rule


def at(document: Any, path: str) -> Any:
    """The member at a dotted path; numbers count in lists."""
    for step in path.split("."):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def differences(document: Any, holds: Mapping[str, Any], lacks: tuple[str, ...]) -> list[str]:
    """What of a document is not as the case says, a sentence each."""
    found = []
    for path, expected in holds.items():
        try:
            value = at(document, path)
        except (KeyError, IndexError, TypeError, ValueError):
            found.append(f"{path} is not there")
            continue
        fine = expected(value) if callable(expected) else value == expected and type(value) is type(expected)
        if not fine:
            wanted = getattr(expected, "__name__", None) if callable(expected) else repr(expected)
            found.append(f"{path} is {value!r}, not {wanted}")
    return found + [f"{name} is there" for name in lacks if isinstance(document, dict) and name in document]
