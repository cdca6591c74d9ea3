"""Lists of the Open Catalog API: which part of one a query asks for, and the addresses of its neighbours. No SQL.

A cursor is the base64 of a JSON pair, creation date and identity; `links` are queries that begin with a question mark
and keep what else was asked for. A page is clamped to MOST, without a word: clients ask for ten thousand.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID

from starlette.datastructures import QueryParams

from catalog.store.opencatalog.pages import Mark, Page, Window
from forge.web.opencatalog.problems import RefusedRequest
from forge.web.opencatalog.records import time_of

SIZE, MOST = 25, 100
AFTER, BEFORE, PAGE_SIZE = "page[after]", "page[before]", "page[size]"
_NUMBER = re.compile(r"[+-]?\d{1,4000}")
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:[.,](\d{1,40}))?(?:([Zz])|([+ -])(\d\d:\d\d))", re.ASCII
)  # RFC 3339; a plus that nobody escaped comes as a space
_HEX = re.compile(r"[0-9a-f]{1,32}")


def window(query: QueryParams) -> Window:
    """What a query asks for. Raises RefusedRequest, 422, for what cannot be read."""
    return Window(
        size=_size(query.get(PAGE_SIZE, "")),
        after=_mark(query.get(AFTER, "")),
        before=_mark(query.get(BEFORE, "")),
        since=_moment(query.get("from", "")),
        until=_moment(query.get("to", "")),
    )


def envelope(query: QueryParams, entries: Iterable[Mapping[str, Any]], page: Page) -> dict[str, Any]:
    """The list as it is sent: `entries` are the records of the page, shaped."""
    first, last = (page.rows[0], page.rows[-1]) if page.rows else (None, None)
    return {
        "data": list(entries),
        "links": {
            "prev": _link(query, BEFORE, cursor(first.created_at, first.id)) if first and page.earlier else None,
            "next": _link(query, AFTER, cursor(last.created_at, last.id)) if last and page.later else None,
        },
    }


def cursor(at: datetime, id: UUID) -> str:
    return base64.b64encode(json.dumps([time_of(at), str(id)], separators=(",", ":")).encode()).decode()


def _link(query: QueryParams, name: str, value: str) -> str:
    parameters = {key: value for key, value in query.items() if key not in (AFTER, BEFORE)} | {name: value}
    return "?" + "&".join(f"{quote(key, safe='[]')}={quote_plus(parameters[key])}" for key in sorted(parameters))


def _size(text: str) -> int:
    if not text:
        return SIZE
    if not _NUMBER.fullmatch(text):
        raise RefusedRequest("page[size] must be an integer")
    size = int(text)
    if size < 1:
        raise RefusedRequest(f"page[size] must be between 1 and {MOST}")
    return min(size, MOST)


def _mark(text: str) -> Mark | None:
    """A cursor, read. One that names only the beginning of an identity stands where that would."""
    if not text:
        return None
    wrong = RefusedRequest("wrong cursor format in page[after] or page[before]")
    try:
        plain = base64.b64decode(text.translate(str.maketrans("-_ ", "+/+")) + "=" * (-len(text) % 4), validate=True)
        pair = json.loads(plain)
    except (binascii.Error, ValueError, RecursionError):
        raise wrong from None
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
        raise wrong
    at, digits = _read_time(pair[0]), pair[1].lower().replace("-", "")
    if at is None or not _HEX.fullmatch(digits):
        raise wrong
    return at, UUID(digits.ljust(32, "0"))


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment = _read_time(text)
    if moment is None:
        raise RefusedRequest("invalid date time format (RFC 3339 needed)")
    return moment


def _read_time(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if not match:
        return None
    day, hour, fraction, zulu, sign, offset = match.groups()
    zone = "+00:00" if zulu else f"{'-' if sign == '-' else '+'}{offset}"
    try:
        return datetime.fromisoformat(f"{day}T{hour}.{(fraction or '0')[:6]:0<6}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
