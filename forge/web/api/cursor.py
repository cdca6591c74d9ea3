"""Cursors: where the next part of a list begins, as a text that nobody has to understand. Pure.

Each list says of what its cursors are made. That gives their pattern, which `/openapi.json` shows and the parameter is
checked against: whatever fits it is a place in the list, and is read without a fault.

No cursor holds the number of a row of adoptions: it would tell how many unnamed adoptions there are
(docs/decisions/022-json-api.md).
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from catalog.search import ListPlace
from catalog.search.pagination import MARK_BYTES, MAX_RESULTS_BY_TEXT
from catalog.validation import Pattern

INVALID_CURSOR = "This is no cursor of this list. Begin again without one"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BYTES = "(?:[A-Za-z0-9_-]{4}){0,500}(?:[A-Za-z0-9_-]{2,3})?"  # base64, without what fills it up
_HEX = "[0-9a-f]{16}"


@dataclass(frozen=True)
class CursorValue:
    """One value in a cursor; `read` takes whatever fits the pattern."""

    pattern: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


@dataclass(frozen=True)
class Cursor:
    """The cursors of a list: the values of the last record that was given."""

    parts: tuple[CursorValue, ...]

    @property
    def pattern(self) -> str:
        return f"^{'[.]'.join(part.pattern for part in self.parts)}$"

    @property
    def kind(self) -> Any:
        """The type of a parameter that takes one."""
        return Annotated[str, Pattern(self.pattern)]

    def encode(self, *values: Any) -> str:
        return ".".join(part.write(value) for part, value in zip(self.parts, values, strict=True))

    def decode(self, text: str | None) -> Any:
        """The values of a cursor that fits the pattern, the value where it holds one; None without a cursor."""
        if text is None:
            return None
        values = tuple(part.read(part_text) for part, part_text in zip(self.parts, text.split("."), strict=True))
        return values if len(values) > 1 else values[0]


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(value: str) -> str:
    return _read(value).decode("utf-8", "replace").replace("\0", "\ufffd")  # a null is in no text of a database


def _microseconds(moment: datetime) -> str:
    return f"{(moment - _EPOCH) // timedelta(microseconds=1):014x}"


def _place(text: str) -> ListPlace:
    sort, *rest = text.split("~")
    if sort == "w":
        marks = _read(rest[0])[: MARK_BYTES * MAX_RESULTS_BY_TEXT]
        return ListPlace(seen=marks[: len(marks) // MARK_BYTES * MARK_BYTES])
    high, near, value = rest
    return ListPlace(int(value, 16) if sort == "n" else _text(value), int(high, 16), int(near, 16))


def _written_place(place: ListPlace) -> str:
    if place.seen:
        return f"w~{_written(place.seen)}"
    by_name = isinstance(place.value, str)
    value = _written(place.value.encode()) if isinstance(place.value, str) else f"{place.value:016x}"
    return f"{'t' if by_name else 'n'}~{place.id_high:016x}~{place.near:016x}~{value}"


NUMBER = CursorValue("[1-9][0-9]{0,8}", str, int)
TEXT = CursorValue(_BYTES, lambda text: _written(text.encode()), _text)
TIME = CursorValue("[0-9a-f]{14}", _microseconds, lambda told: _EPOCH + timedelta(microseconds=int(told, 16)))
# Of a search with words, the marks of what was given; else the last project's value in the order and its identity.
PLACE = CursorValue(f"(?:w~{_BYTES}|n~{_HEX}~{_HEX}~{_HEX}|t~{_HEX}~{_HEX}~{_BYTES})", _written_place, _place)

BY_NUMBER, BY_TEXTS = Cursor((NUMBER,)), Cursor((TEXT, TEXT))
BY_TIME_AND_TEXT, BY_PLACE = Cursor((TIME, TEXT)), Cursor((PLACE,))
