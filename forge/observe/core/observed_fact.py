"""The type of one fact read from a repository, as every observer returns it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ObservedFact:
    """`field` as in the document where it has such a key; `value` JSON-safe; `path` of the file that states it.

    A path is None where it comes from the history or the whole tree. `hidden` is never a fact on a page: a list of
    users in a repository waits for each organization's consent (decision 067, rule 2).
    """

    field: str
    value: Any
    path: str | None = None
    hidden: bool = False
