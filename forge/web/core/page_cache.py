"""A cache of finished pages, so that they are neither drawn nor compressed again for a moment. Pure ASGI. How fast
pages are with and without it: docs/decisions/042-speed-against-targets.md.

Drawing a page takes milliseconds in Python; giving it again takes a fraction of one, most of it the one statement
that reads the change counter. Any public change empties all: while many first visits end, little is kept.

A page is given again only while the store's change counter and the search index are where they were before it was
drawn: a withdrawal, a block or a load moves the counter in its own transaction and is seen by the next request. What
does not count as a change (an idle visit, "3 days ago") may be `MAX_AGE` old. Templates and texts are read once by a
process, so that no version of theirs is in the key. Files that a page shows, and that change before a change is
counted, it names itself (`rest_on`): they are looked at each time. Only pages below a language are kept. No error, no
redirect, nothing asked with a cookie or credentials, no page that says that more is being computed.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog.bounded_cache import BoundedCache
from forge.web.core.etag import is_known

MAX_AGE = timedelta(seconds=60)
MAX_BYTES = 4_000_000  # 400 packed pages: what is asked for again within MAX_AGE
MAX_PAGES = 2_000
MAX_PAGE_BYTES = 500_000
MAX_QUERY_BYTES = 512
MAX_HOST_BYTES = 255
_ENTRY_BYTES = 2_000  # about what headers, key and bookkeeping of a page take
_PAGE = re.compile(r"/(?!api/)[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}/")
_RESTS_ON = "forge.rests_on"  # where a request keeps what its page names
_BODY_HEADERS = (b"content-length", b"content-type", b"content-encoding")
Header = tuple[bytes, bytes]
Look = Callable[[], Hashable]


def rest_on(scope: Scope, look: Look) -> None:
    """Have the page of this request given again only while `look` returns what it returns now, before the page is
    drawn. It is called in the event loop, and must be quick."""
    if _RESTS_ON in scope:
        scope[_RESTS_ON].append((look, look()))


@dataclass(frozen=True)
class _CachedPage:
    headers: list[Header]
    body: bytes
    tag: str
    drawn_at: datetime
    rests_on: Sequence[tuple[Look, Hashable]]

    def is_fresh(self, now: datetime) -> bool:
        return timedelta(0) <= now - self.drawn_at < MAX_AGE and all(look() == marker for look, marker in self.rests_on)

    async def give(self, scope: Scope, send: Send, request_headers: Headers) -> None:
        """Send the page, or 304 for a reader who has it; to HEAD its headers alone."""
        if is_known(request_headers, self.tag):
            await _send_not_modified(self.headers, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.body})


class PageCache:
    """Answers from the cache while nothing changed, else lets the site answer and keeps that.

    `standing` returns the state of store and index, None when that cannot be known: then nothing is kept. It is
    called in the event loop when it is `quick`, else in a thread. `one_host`: pages do not hold the host that was
    asked for. `may_give`: whether a request may be given what is kept; else the site answers it.
    """

    def __init__(
        self,
        app: ASGIApp,
        standing: Callable[[], Hashable | None],
        clock: Callable[[], datetime],
        *,
        quick: bool,
        one_host: bool,
        may_give: Callable[[Scope], bool] = lambda scope: True,
        max_bytes: int = MAX_BYTES,
        max_pages: int = MAX_PAGES,
    ):
        self._app, self._standing, self._clock, self._quick = app, standing, clock, quick
        self._one_host, self._may_give = one_host, may_give
        self._pages = BoundedCache[Hashable, _CachedPage](max_entries=max_pages, max_size=max_bytes)
        self._stood: Hashable | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        key = self._key(scope, headers)
        standing = await self._now_standing() if key is not None else None
        if key is None or standing is None:
            await self._app(scope, receive, send)
            return
        if standing != self._stood:
            self._pages.clear()
            self._stood = standing
        now = self._clock()
        page_kept = self._pages.get(key)
        if page_kept is not None and page_kept.is_fresh(now) and self._may_give(scope):
            await page_kept.give(scope, send, headers)
            return

        started: list[Message] = []
        rests_on: list[tuple[Look, Hashable]] = []
        answered = False

        async def finish(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                started.append(message)
                return
            start = started.pop() if started else None
            page = _cacheable_page(start, message, now, rests_on) if start else None
            if page is None:
                tag = Headers(raw=start["headers"]).get("etag") if start else None
                if start and start["status"] == 200 and tag and is_known(headers, tag):
                    answered = True
                    await _send_not_modified(start["headers"], send)
                elif start:
                    await send(start)
                if not answered:
                    await send(message)
                return
            if scope["method"] == "GET" and standing == self._stood:
                self._keep(key, page)
            await page.give(scope, send, headers)

        # Asked without condition, so that what comes can be kept; the condition is answered here.
        whole = [header for header in scope["headers"] if header[0] != b"if-none-match"]
        await self._app({**scope, "headers": whole, _RESTS_ON: rests_on}, receive, finish)

    @property
    def number(self) -> int:
        return len(self._pages)

    @property
    def bytes(self) -> int:
        return self._pages.size

    async def _now_standing(self) -> Hashable | None:
        return self._standing() if self._quick else await run_in_threadpool(self._standing)

    def _key(self, scope: Scope, headers: Headers) -> Hashable | None:
        """Return what the page depends on beside store, index and time; None for what is not kept."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not _PAGE.match(scope["path"]):
            return None
        query, host = scope["query_string"], "" if self._one_host else headers.get("host", "")
        if len(query) > MAX_QUERY_BYTES or len(host) > MAX_HOST_BYTES:
            return None
        if any(name in (b"cookie", b"authorization") for name, _ in scope["headers"]):
            return None
        place = ("", "", "") if self._one_host else (scope["scheme"], host, str(scope.get("server")))
        packed = "gzip" in headers.get("accept-encoding", "")  # as Starlette's GZipMiddleware decides
        return (scope.get("raw_path") or scope["path"], query, packed, scope.get("root_path", ""), *place)

    def _keep(self, key: Hashable, page: _CachedPage) -> None:
        if len(page.body) <= MAX_PAGE_BYTES:
            self._pages.keep(key, page, len(page.body) + _ENTRY_BYTES)


async def _send_not_modified(headers: list[Header], send: Send) -> None:
    left = [header for header in headers if header[0] not in _BODY_HEADERS]
    await send({"type": "http.response.start", "status": 304, "headers": left})
    await send({"type": "http.response.body", "body": b""})


def _cacheable_page(
    start: Message, message: Message, now: datetime, rests_on: Sequence[tuple[Look, Hashable]]
) -> _CachedPage | None:
    """Return a whole page that anybody may be given; None for any other answer."""
    headers = Headers(raw=start["headers"])
    whole = message["type"] == "http.response.body" and not message.get("more_body", False)
    public = "set-cookie" not in headers and headers.get("cache-control", "").startswith("public")
    varies = headers.get("vary", "").lower() in ("", "accept-encoding")
    html = headers.get("content-type", "").startswith("text/html")
    if start["status"] != 200 or not (whole and public and varies and html and "etag" in headers):
        return None
    return _CachedPage(list(start["headers"]), message.get("body", b""), headers["etag"], now, rests_on)
