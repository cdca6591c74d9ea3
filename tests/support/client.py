"""A client that asks the site's application on one event loop, which stays for all tests of a process, and takes an
answer as a whole. It speaks no network, and starts and stops no application.

Starlette's own client begins a loop, its thread and those of its handlers for each request: half the time of a page.
"""

import asyncio
import gzip
import re
import threading
from collections.abc import Coroutine
from functools import cache
from typing import Any
from urllib.parse import unquote

import httpx2
import uvloop
from starlette.applications import Starlette
from starlette.testclient import TestClient

PORTS = {"http": 80, "https": 443}
# How far a line of a template is moved in says nothing, but in what is shown as it was typed.
MOVED_IN = re.compile(rb"(<(?:pre|textarea)\b.*?</)|\n {2,}", re.S)


class Client(TestClient):
    """As Starlette's, but for the loop: cookies, redirects, `template` and `context` of an answer are the same."""

    def __init__(self, app: Starlette, **options: Any):
        super().__init__(app, **options)
        raising = options.get("raise_server_exceptions", True)
        self._transport = _Transport(app, options.get("client", ("testclient", 50_000)), raising)


class _Transport(httpx2.BaseTransport):
    def __init__(self, app: Starlette, client: tuple[str, int], raising: bool):
        self._app, self._client, self._raising = app, client, raising

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer, error = _waited_for(_answered(self._app, _scope(request, self._client), request.read()))
        if error is not None and (self._raising or "status_code" not in answer):
            raise error
        told = answer.pop("told", {})
        response = httpx2.Response(**answer, request=request)
        for name in ("template", "context"):
            if name in told:
                setattr(response, name, told[name])
        return response


def _scope(request: httpx2.Request, client: tuple[str, int]) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.raw_path.split(b"?", 1)[0],
        "root_path": "",
        "scheme": url.scheme,
        "query_string": url.query,
        "headers": [(key.lower().encode(), value.encode()) for key, value in request.headers.multi_items()],
        "client": client,
        "server": [url.host, url.port or PORTS[url.scheme]],
        "extensions": {"http.response.debug": {}},
        "state": {},
    }


async def _answered(app: Starlette, scope: dict[str, Any], body: bytes) -> tuple[dict[str, Any], Exception | None]:
    """What becomes an answer, and what the application raised; a status only where it began to answer."""
    waiting, ended = [{"type": "http.request", "body": body}], asyncio.Event()
    answer: dict[str, Any] = {}
    pieces: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer["status_code"], answer["headers"] = message["status"], message.get("headers", [])
        elif message["type"] == "http.response.debug":
            answer["told"] = message["info"]
        else:
            pieces.append(bytes(message.get("body", b"")))
            if not message.get("more_body"):
                ended.set()

    error = None
    try:
        await app(scope, receive, send)
    except Exception as fault:
        error = fault
    if answer and scope["method"] != "HEAD":
        content = b"".join(pieces)
        headers = dict(answer["headers"])
        if headers.get(b"content-type", b"").startswith(b"text/html"):
            packed = headers.get(b"content-encoding") == b"gzip"
            html = gzip.decompress(content) if packed else content
            html = MOVED_IN.sub(lambda part: part[1] or b" ", html)
            content = gzip.compress(html, 1, mtime=0) if packed else html
        answer["content"] = content
    return answer, error


def _waited_for(asking: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(asking, _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop, begun = uvloop.new_event_loop(), threading.Event()

    async def stays() -> None:
        begun.set()
        await asyncio.Event().wait()

    threading.Thread(target=loop.run_until_complete, args=(stays(),), daemon=True).start()
    begun.wait()
    return loop
