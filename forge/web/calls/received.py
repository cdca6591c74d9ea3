"""The pages of calls of other catalogues: all that are read here, and one with its whole text. Supporting, helping and
answering happen on the call's own page, which both link to.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from catalog.errors import NotFound
from forge.web.calls.filters import PER_PAGE, calls_list_page, read_filters
from forge.web.core.render import now_of, page
from forge.web.wording import calls


def received_calls_page(request: Request) -> Response:
    """List open ones, or those that are over, by kind, language, country and project."""
    asked = read_filters(request)
    calls_found = request.app.state.store.received_calls.find(
        asked.wanted, page=asked.number, per_page=PER_PAGE, now=now_of(request)
    )
    return calls_list_page(request, "calls/received-list.html", asked, calls_found, noindex=True)


def received_call_page(request: Request) -> Response:
    """Show one of them. Raises NotFound."""
    text = request.path_params["key"]
    try:
        key = UUID(text)
    except ValueError:
        raise NotFound("call", text[:40]) from None
    call = request.app.state.store.received_calls.get(key, now=now_of(request))
    return page(
        request,
        "calls/received-call.html",
        call=call,
        words=calls,
        canonical=f"/{request.state.page_language.tag}/calls/elsewhere/{key}",
        noindex=True,
    )
