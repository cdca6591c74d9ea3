"""Types of single values of an exchange: texts, addresses, dates, terms. They are checked when a file is read.

A term is any word that can be one: each catalogue has vocabularies of its own, and passes over a term that it does not
know.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen

from catalog.exchange.limits import LARGEST_NUMBER
from catalog.validation import WHOLE, AsTextPattern, Pattern

OBJECT: Any = {"extra": "ignore"}  # `__pydantic_config__`: a later version may have more members

NO_CONTROLS = r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def instant(time: datetime) -> str:
    """The time in UTC, cut to the second. Raises ValueError for a time without zone."""
    if time.tzinfo is None:
        raise ValueError(f"a time without zone: {time!r}")
    return time.astimezone(UTC).strftime(_TIME)


Identity = Annotated[
    UUID, AsTextPattern("uuid", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", UUID, (("format", "uuid"),))
]
Instant = Annotated[
    datetime,
    AsTextPattern(
        "instant",
        "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        datetime.fromisoformat,
        (("format", "date-time"),),
    ),
]
Number = Annotated[int, Ge(1), Le(LARGEST_NUMBER), WHOLE]

Line = Annotated[str, MinLen(1), MaxLen(500), Pattern(r"^[^\u0000-\u001f\u007f]*$")]
Text = Annotated[str, MinLen(1), MaxLen(20_000), Pattern(f"^{NO_CONTROLS}$")]
Language = Annotated[str, MaxLen(35), Pattern("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Country = Annotated[str, Pattern("^[A-Z]{2}$")]
Url = Annotated[str, MaxLen(2_000), Pattern(r"^https?://[^\s\\<>\x22`{}|^]+$")]
Page = Annotated[str, MaxLen(500), Pattern(r"^/[^\s\\<>\x22`{}|^?]*$")]  # a path without language, below the address
Slug = Annotated[str, MaxLen(100), Pattern("^[a-z0-9]+(-[a-z0-9]+)*$")]
Term = Annotated[str, MaxLen(64), Pattern("^[A-Za-z0-9][A-Za-z0-9+._-]*$")]
License = Annotated[str, MinLen(1), MaxLen(200), Pattern(r"^[A-Za-z0-9 ().+:-]+$")]  # an SPDX expression

MAX_LANGUAGES = 100
MAX_FOLLOWED = 100  # catalogues that a card names
Texts = Annotated[Mapping[Language, Text], MaxLen(MAX_LANGUAGES)]
