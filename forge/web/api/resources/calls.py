"""Calls in the API: what groups and makers ask for. Who sent one is never told."""

from starlette.requests import Request
from starlette.responses import Response

from catalog.rules.call import KINDS, CallFilter
from catalog.rules.submission import normalized_reference
from catalog.store.calls.read_models import CallLine, CallPage
from forge.web.api.cursor import BY_TIME_AND_TEXT
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import Parameter, one_of
from forge.web.api.response import single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.types import Country, LanguageTag, Slug, with_license

TAG = "Calls"


def search(request: Request) -> Response:
    query = request.state.asked
    kind, language, country, slug = (query.get(name) for name in ("kind", "language", "country", "project"))
    call_filter = CallFilter(kind, language, country, slug, query.get("state") == "ended")
    after, limit = _CALLS.after(request), _CALLS.size(request) + 1
    calls = request.app.state.store.api_lists.calls(call_filter, after=after, limit=limit)
    return _CALLS.answer(request, calls, lambda rows: [line for _, line in rows], human="/calls")


def show_call(request: Request) -> Response:
    page = request.app.state.store.calls.page(normalized_reference(request.path_params["reference"]))
    return single_record(request, page, f"/calls/{page.line.call.reference}")


_FILTERS = (
    Parameter("kind", "What is asked for.", one_of(*KINDS)),
    Parameter("language", "The language that it is written in.", LanguageTag),
    Parameter("country", "ISO 3166-1.", Country),
    Parameter("project", "The slug of a project.", Slug),
    Parameter("state", "Open ones without it.", one_of("open", "ended")),
)
_CALLS = Paginator("calls", CallLine, BY_TIME_AND_TEXT)
ROUTES = [
    DescribedRoute(
        "/api/v1/calls",
        "api-calls",
        TAG,
        {
            "GET": _CALLS.operation(
                search,
                "What is asked for, the newest first",
                _FILTERS,
                examples={"limit": "2"},
            )
        },
    ),
    DescribedRoute(
        "/api/v1/calls/{reference}",
        "api-call",
        TAG,
        {
            "GET": Operation(
                show_call,
                "One call, with its answer",
                with_license(CallPage),
                fails=(404,),
            )
        },
    ),
]
