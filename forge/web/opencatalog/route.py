"""How each address of the Open Catalog API is answered: who asks, what the body holds, what went wrong. No SQL.

Reading is for everybody but where a resource says otherwise; writing takes a crawler's token. A body is bounded, and
read before a thread is taken; errors become problems by one table.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.errors import AlreadyExists, Invalid, NotFound
from catalog.rules.open_catalog import parse_id
from catalog.rules.permissions import CRAWLER_READS, CRAWLER_WRITES, crawler_may
from catalog.store.opencatalog import Opencatalog
from forge.web.core import rate_limits
from forge.web.core.render import now_of
from forge.web.core.request_guard import BodyTooLarge, json_of_body, read_body
from forge.web.opencatalog import bodies, patches, tokens
from forge.web.opencatalog.problems import MALFORMED, OPEN, UNAUTHORIZED, BrokenRule, Refused, problem


class _Entry(Convertor[str]):
    """The name of an entry, which is not that of the webhooks of all: those have methods of their own."""

    regex = "(?!webhooks(?:/|$))[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("entry", _Entry())

MAX_BYTES, MAX_DEPTH = 900_000, 64  # the whole site reads a million: beyond that nobody here is asked
SECONDS = 10  # for which an answer may be kept
VERBS = {"GET": "get", "HEAD": "get", "POST": "create", "PATCH": "update", "DELETE": "delete"}
WRITES = rate_limits.Limit("v1-write", 20_000, rate_limits.HOUR)  # of one crawler
WRONG_TOKENS = rate_limits.Limit("v1-token", 300, rate_limits.HOUR)  # of one network
NOT_STORED = "no-store"


@dataclass(frozen=True)
class ApiRequest:
    """One request: `crawler` bears a token, `body` is as it came."""

    request: Request
    crawler: tokens.Crawler | None
    body: bytes
    now: datetime

    @property
    def store(self) -> Opencatalog:
        kept: Opencatalog = self.request.app.state.store.opencatalog
        return kept

    @property
    def actor(self) -> str | None:
        return self.crawler.name or None if self.crawler else None

    @property
    def whole(self) -> bool:
        """Whether what is for the bearers of tokens alone may be shown."""
        return self.crawler is not None

    def key(self, name: str = "id") -> str:
        key: str = self.request.path_params[name]
        return key

    def catalog(self, otherwise: UUID | str | None) -> Any:
        """What rows of the catalog in the address hold as theirs; `otherwise` where it names none. Raises NotFound."""
        key = self.request.path_params.get("catalog")
        return otherwise if key is None else self.store.catalogs.place(key)

    def json(self) -> Any:
        """What the body holds. Raises Refused, 400, for what is not one JSON value."""
        try:
            return json_of_body(self.body, _text, MAX_DEPTH)
        except ValueError:
            raise Refused(400, MALFORMED) from None

    @property
    def operates(self) -> bool:
        """Whether a PATCH is a list of operations, and no merge."""
        kind = self.request.headers.get("content-type", "").partition(";")[0]
        return kind.strip().lower() == patches.MEDIA_TYPE

    def patched(self, document: Mapping[str, Any], described: type[Any]) -> Any:
        """A record after the patch that the body holds; `described`: what of it may be posted."""
        given = self.json()
        if self.operates:
            return patches.patched(document, given)
        bodies.checked_merge(described, given)
        return patches.merged(document, given)


Answer = tuple[int, Any]  # status and what is sent as JSON; None: nothing
Handler = Callable[[ApiRequest], Answer]


def a_route(path: str, name: str, noun: str, *, private: bool = False, **handlers: Handler) -> Route:
    """An address and what answers there, by methods in lower case.

    `noun` names it in titles; `private`: reading takes a token too.
    """

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _allowed(handlers)
        try:
            body = await read_body(request, MAX_BYTES)
        except BodyTooLarge:
            return problem(413, "Content Too Large", Refused(413, f"A body has at most {MAX_BYTES} bytes."))
        return await run_in_threadpool(_answer_request, request, body, noun, private, handlers)

    return Route(path, answer, methods=_methods(handlers), name=name)


def _methods(handlers: Mapping[str, Handler]) -> list[str]:
    return [*(name.upper() for name in handlers), "OPTIONS"]


def _answer_request(
    request: Request, body: bytes, noun: str, private: bool, handlers: Mapping[str, Handler]
) -> Response:
    method = "GET" if request.method == "HEAD" else request.method
    title = f"can't {VERBS[method]} {noun}"
    try:
        ask = _ask(request, body, private or method != "GET")
        status, content = handlers[method.lower()](ask)
    except Refused as refused:
        return problem(refused.status, UNAUTHORIZED if refused.status == 401 else title, refused)
    except NotFound as missing:
        return problem(404, title, Refused(404, f"{missing.kind} was not found"))
    except AlreadyExists as taken:
        return problem(409, title, Refused(409, _conflict_sentence(noun, taken)))
    except Invalid as wrong:
        broken = [BrokenRule(field, "exists") for field in wrong.errors]
        return problem(422, title, Refused(422, " ".join(wrong.errors.values()), faults=broken))
    headers = {**OPEN, "Cache-Control": _cache_control(request, status, private), "Vary": "Authorization"}
    if content is None:
        return Response(status_code=status, headers=headers)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, "application/json")


def _ask(request: Request, body: bytes, demands: bool) -> ApiRequest:
    """Raises Refused, 401, and HTTPException, 429."""
    state, now, token = request.app.state, now_of(request), tokens.given(request)
    someone = tokens.crawler(state.open_catalog_key, token, now=now)
    if token is not None and someone is None and state.open_catalog_key is not None:
        rate_limits.count_network(request, WRONG_TOKENS)
    if demands:
        writes = request.method not in ("GET", "HEAD")
        if not crawler_may(someone.name if someone else None, CRAWLER_WRITES if writes else CRAWLER_READS):
            raise Refused(401)
        if writes and someone and not rate_limits.count_within(request, WRITES, f"crawler {someone.name}"):
            raise Refused(429, "Too many changes in this hour.")
    return ApiRequest(request, someone, body, now)


def _cache_control(request: Request, status: int, private: bool) -> str:
    if private or status == 204 or request.method not in ("GET", "HEAD") or "authorization" in request.headers:
        return NOT_STORED
    return f"public, max-age={SECONDS}"


def _conflict_sentence(noun: str, taken: AlreadyExists) -> str:
    if taken.kind == "id":
        return f"{noun} with id '{taken.key}' already exists"
    return f"{taken.kind} already exists" + (f": {taken.key}" if parse_id(taken.key) else "")


def _allowed(handlers: Mapping[str, Handler]) -> Response:
    """What a browser asks before another site's program reads with a condition or a token."""
    more = {"Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Allow-Headers": "Authorization"}
    allow = {"Allow": ", ".join(_methods(handlers)), "Access-Control-Max-Age": "86400"}
    return Response(status_code=204, headers={**OPEN, **more, **allow})


def _text(value: str) -> str:
    """Half a character is in no text, and a null in none that a database keeps. Raises ValueError for the latter."""
    if "\0" in value:
        raise ValueError("a null character")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
