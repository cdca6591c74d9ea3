"""The pages of calls that people made in other catalogues: all that are read here, and one with its whole text. Nothing
is sent from them: who supports, helps or answers does so on the call's own page, which both link to.
"""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.calls import KINDS
from catalog.errors import NotFound
from forge.languages import plain
from forge.web import called
from forge.web.render import address, now_of, page
from forge.web.wish import number_of, page_numbers

PER_PAGE = 20


def show_all(request: Request) -> Response:
    """Open ones, or those that are over, by kind, language, country and project."""
    asked = request.query_params
    chosen = {name: plain(asked.get(name, "")).strip()[:100] for name in ("kind", "language", "country", "project")}
    over = asked.get("state") == "ended"
    ignored = []
    if chosen["kind"] and chosen["kind"] not in KINDS:
        ignored.append(chosen["kind"])
        chosen["kind"] = ""
    number = number_of(asked.get("page"))
    found = request.app.state.store.their_calls.find(
        kind=chosen["kind"] or None,
        language=chosen["language"] or None,
        country=chosen["country"] or None,
        project_slug=chosen["project"] or None,
        ended=over,
        page=number,
        per_page=PER_PAGE,
        now=now_of(request),
    )
    query = [(name, value) for name, value in chosen.items() if value] + ([("state", "ended")] if over else [])
    last = max(1, -(-found.total // PER_PAGE))
    if number > last:
        return RedirectResponse(address(request.url.path, query), 302)
    return page(
        request,
        "calls-elsewhere.html",
        found=found,
        chosen=chosen,
        over=over,
        ignored=ignored,
        words=called,
        number=number,
        last=last,
        numbers=page_numbers(number, last),
        query=query,
        canonical=address(request.url.path, query + ([("page", str(number))] if number > 1 else [])),
        noindex=True,
    )


def show(request: Request) -> Response:
    """One of them. Raises NotFound."""
    text = request.path_params["key"]
    try:
        key = UUID(text)
    except ValueError:
        raise NotFound("call", text[:40]) from None
    found = request.app.state.store.their_calls.one(key, now=now_of(request))
    return page(
        request,
        "call-elsewhere.html",
        call=found,
        words=called,
        canonical=f"/{request.state.tongue.tag}/calls/elsewhere/{key}",
        noindex=True,
    )


PAGES = [  # below /{language}, before the calls of this catalogue, whose references stand in the same place
    ("/calls/elsewhere", show_all, "calls-elsewhere"),
    ("/calls/elsewhere/{key}", show, "call-elsewhere"),
]
