"""A route with its description beside its handler: parameters, answer, who may ask. The description is checked before
the handler runs and shown in `/openapi.json`; a route without one cannot be made. Why:
docs/decisions/022-json-api.md.

Handlers are plain: `handler(request)` finds its parameters, read and checked, in `request.state.asked`, and a body in
`request.state.body`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.rules.permissions import RULES, demand
from forge.web.api import auth, quota
from forge.web.api.body import read_json_body
from forge.web.api.parameters import Parameter, read_parameters
from forge.web.core.problems import OPEN_HEADERS
from forge.web.core.rate_limits import LIMITS
from forge.web.core.session import person_of

PREFLIGHT = OPEN_HEADERS | {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "Accept-Language, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True)
class Operation:
    """What one method of an address does. `needs_token`: without it anybody may ask.

    `answer` is the type of a good answer; None for an empty one. `examples` fill the path and the query.
    """

    handler: Callable[[Request], Response]
    summary: str
    answer: Any
    parameters: tuple[Parameter, ...] = ()
    more: str = ""
    body: Any = None  # the type of what is sent, or Variants of it
    example: Any = None  # of the body
    bodies: Mapping[str, Any] | None = None  # more of them, by name, where the body is of several sorts
    needs_token: bool = False
    status: int = 200
    fails: tuple[int, ...] = ()
    examples: Mapping[str, str] | None = None
    headers: tuple[Parameter, ...] = ()  # that may be sent along


class DescribedRoute(Route):
    """A route of the API; `operations` by method."""

    def __init__(self, path: str, name: str, tag: str, operations: Mapping[str, Operation]):
        if name not in RULES and any(operation.needs_token for operation in operations.values()):
            raise ValueError(f"catalog.rules.permissions has no rule for {name}.")
        self.operations, self.tag = operations, tag
        super().__init__(path, _endpoint(name, operations), methods=[*operations, "OPTIONS"], name=name)


def _endpoint(name: str, operations: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        operation = operations["GET" if request.method == "HEAD" else request.method]
        request.state.operation = operation
        if operation.body is not None:
            # Who asks is known before a byte of what they send is read.
            await run_in_threadpool(_admit, request, name, operation)
            request.state.body = await read_json_body(request, operation.body)
            answered = await run_in_threadpool(operation.handler, request)
        else:
            answered = await run_in_threadpool(_handle_in_one_view, request, name, operation)
        answered.headers.update(request.state.quota)
        return answered

    return answer


def _handle_in_one_view(request: Request, name: str, operation: Operation) -> Response:
    _admit(request, name, operation)
    with request.app.state.store.one_view():
        return operation.handler(request)


def _admit(request: Request, name: str, operation: Operation) -> None:
    """Check who asks and how often, and read the parameters. Raises ApiError: 400, 401, 403, 429."""
    auth.authenticate(request, needs_token=operation.needs_token)
    if operation.needs_token:
        demand(person_of(request), name)
    writes = request.method not in ("GET", "HEAD")
    request.state.quota = quota.count_request(request, LIMITS[name] if writes else quota.READ_LIMIT, batch=not writes)
    request.state.asked = read_parameters(operation.parameters, request.query_params.multi_items())
