"""The public log of decisions: what was decided, about what, when and why. Never by whom."""

from starlette.requests import Request
from starlette.responses import Response

from forge.web.core.list_query import line_number
from forge.web.core.render import address, now_of, page

PER_PAGE = 20


def log_page(request: Request) -> Response:
    """Newest first; `before` is the number of the last line that the reader has seen."""
    before = line_number(request.query_params.get("before"))
    store = request.app.state.store
    lines = store.decisions.lines(before, PER_PAGE + 1)
    return page(
        request,
        "desk/log.html",
        lines=lines[:PER_PAGE],
        before=before,
        next=lines[PER_PAGE - 1].number if len(lines) > PER_PAGE else None,
        answered=store.decisions.answered_share(now=now_of(request)),
        canonical=address(f"/{request.state.page_language.tag}/log", [("before", str(before))] if before else []),
    )
