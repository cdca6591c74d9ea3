"""The type of one fact read from a repository, as every observer returns it, and how it writes a time."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class ObservedFact:
    """`field` as in the document where it has such a key; `value` JSON-safe; `path` of the file that states it.

    A path is None where it comes from the history or the whole tree.
    """

    field: str
    value: Any
    path: str | None = None


def utc_text(at: datetime | None) -> str | None:
    """A time as facts hold it: UTC, to the second, "2026-11-29T16:05:57Z"."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
