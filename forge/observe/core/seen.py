"""One thing that a repository tells, as every observer gives it. It judges nothing and keeps nothing."""

from dataclasses import dataclass
from typing import Any


def N_(text: str) -> str:
    """Marks a sentence that people read, so that Babel collects it; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Seen:
    """`field` as in the document where it has such a key; `value` JSON-safe; `path` of the file that says so.

    A path is None where the history or the whole tree tells it. `hidden` is never a fact on a page: a list of users
    that a repository gives by itself waits for each organization's word (rules of trust, 2).
    """

    field: str
    value: Any
    path: str | None = None
    hidden: bool = False
