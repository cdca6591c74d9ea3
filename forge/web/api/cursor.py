"""Cursors: where the next part of a list begins, as a text that nobody has to understand: the values of the last record
that was given, as JSON in base64. Pure.

Each list says what these values are; a text that holds others is refused. No cursor holds the number of a row of
adoptions: it would tell how many unnamed adoptions there are (docs/decisions/022-json-api.md).
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from annotated_types import Ge, Le

from catalog import validation
from catalog.search import ListPlace
from catalog.validation import InvalidData, Pattern, Rule
from forge.web.api.sentences import INVALID_CURSOR

CursorText = Annotated[str, Pattern("^[A-Za-z0-9_-]{1,4000}$")]
_Text = Annotated[str, Pattern("^[^\0]*$")]  # a null is in no text of a database
_Time = Annotated[
    datetime,
    Ge(datetime(1970, 1, 1, tzinfo=UTC)),
    Le(datetime(9999, 1, 1, tzinfo=UTC)),
    Rule("aware", lambda at: at if at.tzinfo else None),
]


@dataclass(frozen=True)
class Cursor:
    """The cursors of a list; `place`: the type of the place that each of them holds."""

    place: Any

    def write(self, place: Any) -> str:
        text = json.dumps(place, default=lambda part: part.isoformat() if isinstance(part, datetime) else vars(part))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, text: str) -> Any:
        """Raises ValueError for what is no cursor of this list."""
        try:
            return validation.read(self.place, json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        except (InvalidData, RecursionError) as wrong:
            raise ValueError(INVALID_CURSOR) from wrong


BY_NUMBER, BY_PLACE = Cursor(Annotated[int, Ge(1), Le(999_999_999)]), Cursor(ListPlace)
BY_TEXTS, BY_TIME_AND_TEXT = Cursor(tuple[_Text, _Text]), Cursor(tuple[_Time, _Text])
