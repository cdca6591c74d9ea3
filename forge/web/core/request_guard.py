"""Security headers for every answer, and bounds on addresses and bodies of requests. Pure ASGI.

It sets no cookie. Requests that another site makes a browser send are refused.
"""

import json
import math
from collections.abc import AsyncGenerator, Callable
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_PATH_BYTES = 2048
MAX_QUERY_BYTES = 4096  # every filter of the find page chosen at once takes about 2,500

HEADERS = {
    # No script at all: every page works without JavaScript, so injected markup has nothing to run.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # Nothing to other sites. With "no-referrer" browsers say `Origin: null` when they send our own forms, and where the
    # site is plain http, as in an intranet, nothing else tells where a form came from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SAFE = ("GET", "HEAD", "OPTIONS")
OPEN_TO_ALL = ("/git/", "/off/", "/api/", "/v1/")  # programs send here, with keys of their own or without
PORTS = {"http": 80, "https": 443}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}

_UNREADABLE = b"%EF%BF%BD"  # U+FFFD

Refuse = Callable[[Request, int], Response]


class RequestTooLarge(HTTPException):
    """The body of a request has more bytes than its handler reads."""

    def __init__(self) -> None:
        super().__init__(413)


async def body_pieces(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """Yield the body as it comes. Raises RequestTooLarge where it has more than `max_bytes`."""
    length = 0
    async for piece in request.stream():
        length += len(piece)
        if length > max_bytes:
            raise RequestTooLarge
        yield piece


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Read the whole body. Raises RequestTooLarge where it has more than `max_bytes`."""
    body = bytearray()  # a list of its pieces would take forty times the bytes of a body that comes one by one
    async for piece in body_pieces(request, max_bytes):
        body += piece
    return bytes(body)


class TooDeep(ValueError):
    """Lists and objects stand within each other beyond the bound."""


def json_of_body(body: str | bytes, clean: Callable[[str], str], max_depth: int) -> Any:
    """Return what a body holds, its texts and names cleaned. Raises ValueError for what is not one JSON value, for
    numbers that JSON does not know or no `float` holds, and where `clean` does; TooDeep beyond `max_depth`.
    """
    try:
        value = json.loads(body, parse_constant=_refuse_number, parse_float=_finite)
        return _cleaned(value, clean, max_depth)
    except RecursionError:
        raise ValueError("It cannot be read") from None


def _cleaned(value: Any, clean: Callable[[str], str], depth: int) -> Any:
    if isinstance(value, str):
        return clean(value)
    if not isinstance(value, dict | list):
        return value
    if depth == 0:
        raise TooDeep
    if isinstance(value, dict):
        return {clean(name): _cleaned(part, clean, depth - 1) for name, part in value.items()}
    return [_cleaned(part, clean, depth - 1) for part in value]


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refuse_number(digits)


def _refuse_number(digits: str) -> NoReturn:
    raise ValueError(f"{digits[:20]} is no number of JSON")


class RequestGuard:
    """Refuses addresses that are too long or not UTF-8, and bodies of more than `max_bytes`; adds the headers that an
    answer has not set itself.

    A body that says how long it is is refused before anything of it is read. Behind this,
    `RequestBodyLimitMiddleware` stops one that does not; alone it would answer the first kind with three English
    words.
    """

    def __init__(self, app: ASGIApp, refuse: Refuse, base_url: str | None, max_bytes: int):
        self._app = RequestBodyLimitMiddleware(app, max_body_size=max_bytes)
        self._refuse, self._max_bytes = refuse, max_bytes
        self._headers = HEADERS | (HTTPS_ONLY if (base_url or "").startswith("https://") else {})
        self._site = _origin_of(base_url) if base_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        status = refusal_status(scope) or (403 if self._cross_site(scope) else 413 if self._too_large(scope) else None)
        answer = self._refuse(Request(scope), status) if status else self._app
        # PostgreSQL holds no null, and fails where it is asked for one; what cannot be read is searched for as such.
        query = scope["query_string"].replace(b"%00", _UNREADABLE).replace(b"\0", _UNREADABLE)
        scope = scope if query == scope["query_string"] else {**scope, "query_string": query}
        await answer(scope, receive, send_with_headers)

    def _too_large(self, scope: Scope) -> bool:
        """Return whether a body says that it is longer than is read; what git sends has a bound of its own."""
        length = Headers(scope=scope).get("content-length", "")
        return length.isdecimal() and int(length[:20]) > self._max_bytes and not scope["path"].startswith("/git/")

    def _cross_site(self, scope: Scope) -> bool:
        """Return whether another site makes this browser send something: `Sec-Fetch-Site` says so, or, in older
        browsers, the `Origin`. A program that is no browser sends neither. https://web.dev/articles/fetch-metadata
        """
        # In place of tokens in forms (docs/decisions/030-sign-in-without-passwords.md).
        if scope["method"] in SAFE or scope["path"].startswith(OPEN_TO_ALL):
            return False
        headers = Headers(scope=scope)
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            return site not in ("same-origin", "none")
        if origin is None:
            return False
        if self._site is None:  # which scheme readers use is not known behind a proxy
            return origin.partition("://")[2] != headers.get("host", "")
        return _origin_of(origin) != self._site


def _origin_of(address: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port, where the scheme's own port need not be written; None for what is no address.

    https://html.spec.whatwg.org/multipage/browsers.html#same-origin
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    default_port = PORTS.get(parts.scheme)
    return (parts.scheme, parts.hostname, port or default_port) if parts.hostname and default_port else None


def refusal_status(scope: Scope) -> int | None:
    """Return the status for a bad address: 414 when too long, 400 when its bytes are no text; else None."""
    path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    if len(path) > MAX_PATH_BYTES or len(query) > MAX_QUERY_BYTES:
        return 414
    try:
        readable = unquote_to_bytes(path).decode()
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return 400
    return 400 if any(ord(character) < 0x20 or character == "\x7f" for character in readable) else None
