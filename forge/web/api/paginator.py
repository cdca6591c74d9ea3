"""Lists of the API in parts: one way to say how many, and where a part begins."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from forge.web.api.cursor import Cursor, CursorText
from forge.web.api.parameters import LIMIT_PARAMETER, Parameter
from forge.web.api.response import list_part
from forge.web.api.route import Operation
from forge.web.api.sentences import INVALID_CURSOR
from forge.web.api.types import part_of_list
from forge.web.core.problems import ApiError

Records = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Paginator:
    """One list: its name in the answer, the type of a record in it, its cursors. `key` gives the place behind
    a row."""

    name: str
    record: Any
    cursor: Cursor
    key: Callable[[Any], Any] = lambda row: row[0]
    limit: Parameter = LIMIT_PARAMETER

    def operation(
        self,
        handler: Callable[[Request], Response],
        summary: str,
        filters: Iterable[Parameter] = (),
        more: str = "",
        *,
        beside: Mapping[str, Any] | None = None,
        fails: tuple[int, ...] = (),
        **described: Any,
    ) -> Operation:
        """What answers with a part of it; `beside`: types of what stands beside the list."""
        begin = Parameter(
            "cursor",
            "Where the part begins, as `next` of the part before gives it.",
            CursorText,
            refused=INVALID_CURSOR,
        )
        answer = part_of_list(self.name, self.record, beside or {})
        fails = tuple(sorted({404, *fails}))
        return Operation(handler, summary, answer, (*filters, self.limit, begin), more, fails=fails, **described)

    def size(self, request: Request) -> int:
        """How many records at most are wanted."""
        size: int = request.state.asked["limit"]
        return size

    def after(self, request: Request) -> Any:
        """The place behind which the part begins; None for the first one. Raises ApiError 404 for what is no cursor of
        this list: its text may be of any that the description allows."""
        text = request.state.asked.get("cursor")
        try:
            return None if text is None else self.cursor.read(text)
        except ValueError:
            raise ApiError(404, {"cursor": INVALID_CURSOR}) from None

    def answer(
        self, request: Request, rows: Sequence[Any], records: Records, *, human: str = "", **beside: Any
    ) -> Response:
        """A part of it, of rows of which there is one more than is wanted where another part follows."""
        page_rows = rows[: self.size(request)]
        following = self.key(page_rows[-1]) if len(rows) > len(page_rows) else None
        return self.whole(request, records(page_rows), following, human=human, **beside)

    def whole(
        self,
        request: Request,
        records: Iterable[Any],
        following: Any,
        *,
        human: str = "",
        **beside: Any,
    ) -> Response:
        """A part of it with all these records; `following`: the place behind which the next one begins, if there is
        one."""
        behind = None if following is None else self.cursor.write(following)
        return list_part(request, self.name, records, following=behind, human=human, **beside)
