"""What a case of the kit is: a request, and what must come back; and how both are compared. It asks nobody."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PROBLEM = "application/problem+json"
MISSING = "eea19c82-0449-41ed-bd84-d8bbc146d165"


@dataclass(frozen=True)
class Case:
    """`holds`: members of the answer, each a value or a rule."""

    says: str
    method: str
    path: str
    status: int
    holds: Mapping[str, Any] = field(default_factory=dict)


def is_id(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None


def is_time(value: Any) -> bool:
    zone = r"(Z|[+-]\d\d:\d\d)"
    return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?" + zone, value) is not None


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def differences(document: Any, holds: Mapping[str, Any]) -> list[str]:
    """What of a document is not as the case says, a sentence each."""
    wrong = []
    for name, expected in holds.items():
        if name not in document:
            wrong.append(f"{name} is not there")
            continue
        value = document[name]
        fine = expected(value) if callable(expected) else value == expected and type(value) is type(expected)
        if not fine:
            wanted = getattr(expected, "__name__", None) if callable(expected) else repr(expected)
            wrong.append(f"{name} is {value!r}, not {wanted}")
    return wrong
