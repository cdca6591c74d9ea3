"""The public log of decisions in the API. Deciding is in `moderation`."""

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from catalog.rules.decision import Decision
from forge.web.api.cursor import BY_NUMBER
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import LINES_PARAMETER
from forge.web.api.response import single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import with_license
from forge.web.core.list_query import line_number

TAG = "Decisions"


def search(request: Request) -> Response:
    """List the log, newest first."""
    lines = request.app.state.store.decisions.lines(_DECISIONS.after(request), _DECISIONS.size(request) + 1)
    return _DECISIONS.answer(request, lines, iter, human="/log")


def show_decision(request: Request) -> Response:
    written = request.path_params["number"]
    number = line_number(written)
    if number is None:
        raise NotFound("decision", written[:20])
    return single_record(request, request.app.state.store.decisions.get(number), "/log")


_DECISIONS = Paginator("decisions", Decision, BY_NUMBER, lambda line: line.number, limit=LINES_PARAMETER)
ROUTES = [
    DescribedRoute(
        "/api/v1/decisions",
        "api-decisions",
        TAG,
        {
            "GET": _DECISIONS.operation(
                search,
                "The public log of decisions, the newest first",
                (),
                "Each line names the digest of the line before, so that what is missing or changed is found out.",
                examples={"limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/decisions/{number}",
        "api-decision",
        TAG,
        {
            "GET": Operation(
                show_decision,
                "One line of the log",
                with_license(Decision),
                examples={"number": "1"},
                fails=(404,),
            )
        },
    ),
]
