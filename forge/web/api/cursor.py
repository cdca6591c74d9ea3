"""Cursors: where the next part of a list begins, as a text that nobody has to understand, and the parsing of one.
Pure.

No cursor holds the number of a row of adoptions: it would tell how many unnamed adoptions there are
(docs/decisions/022-json-api.md).
"""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from catalog.search import ListPlace
from catalog.search.pagination import MARK_BYTES, MAX_RESULTS_BY_TEXT
from forge.web.core.problems import ApiError

MAX_CHARACTERS = 3_000
INVALID_CURSOR = "This is no cursor of this list. Begin again without one"
_HIGHEST = 2**64 - 1

T = TypeVar("T")


def encode(parts: Sequence[Any]) -> str:
    """Encode values that JSON can hold as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(text: str | None, take: Callable[[list[Any]], T]) -> T | None:
    """Decode a cursor and return what `take` makes of its parts; None without one. Raises Faulty 400 for an invalid
    cursor.
    """
    if text is None:
        return None
    try:
        parts = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if not isinstance(parts, list):
            raise ValueError("no list")
        return take(parts)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError):
        raise ApiError(400, {"cursor": INVALID_CURSOR}) from None


def of_number(parts: list[Any]) -> int:
    (number,) = parts
    if type(number) is not int or not 0 < number < 2**31:
        raise ValueError("no number")
    return number


def of_text(parts: list[Any]) -> str:
    (text,) = parts
    return _text(text)


def of_texts(parts: list[Any]) -> tuple[str, str]:
    first, second = parts
    return _text(first), _text(second)


def of_time(parts: list[Any]) -> tuple[datetime, str]:
    at, text = parts
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return moment.astimezone(UTC), _text(text)  # the first and the last hours that can be written are none elsewhere


def of_moment(parts: list[Any]) -> tuple[datetime, UUID]:
    """Return a time and the identity of what has it."""
    at, key = parts
    moment, text = of_time([at, key])
    return moment, UUID(text)


def of_day(parts: list[Any]) -> tuple[date, UUID, UUID]:
    """Return a day, the identity of what has it, and whose it is."""
    at, key, home = parts
    return date.fromisoformat(_text(at)), UUID(_text(key)), UUID(_text(home))


def of_pair(parts: list[Any]) -> tuple[datetime, UUID, UUID]:
    at, key, other = parts
    moment, text = of_time([at, key])
    return moment, UUID(text), UUID(_text(other))


def encode_place(place: ListPlace) -> str:
    marks = base64.b64encode(place.seen).decode()
    return encode(
        [place.value, place.id_high, place.near, marks] if marks else [place.value, place.id_high, place.near]
    )


def of_place(parts: list[Any]) -> ListPlace:
    value, high, near, *encoded_marks = parts
    marks = base64.b64decode(encoded_marks[0], validate=True) if encoded_marks else b""
    fine = all(type(number) is int and 0 <= number <= _HIGHEST for number in (high, near))
    whole = type(value) is int and 0 <= value <= _HIGHEST
    if not fine or not (whole or isinstance(value, str)) or len(marks) % MARK_BYTES:
        raise ValueError("no place")
    if len(marks) > MARK_BYTES * MAX_RESULTS_BY_TEXT:
        raise ValueError("more than is ever given")
    return ListPlace(value, high, near, marks)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("no text that a database holds")
    return value
