"""Reads which calls a reader asks for from an address, and draws the page of a list of them."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.rules.call import KINDS, CallFilter
from forge.i18n.languages import plain
from forge.web.core.list_query import page_number_of, page_numbers
from forge.web.core.render import address, page
from forge.web.wording import calls

PER_PAGE = 20
MAX_VALUE = 100
CHOICES = ("kind", "language", "country", "project")


@dataclass(frozen=True)
class CallFilters:
    """The filters of an address. `chosen`: kind, language, country and project, "" where any will do; `ignored`: what
    is no kind.
    """

    chosen: dict[str, str]
    ignored: tuple[str, ...]
    over: bool
    number: int

    @property
    def wanted(self) -> CallFilter:
        kind, language, country, slug = (self.chosen[name] or None for name in CHOICES)
        return CallFilter(kind, language, country, slug, self.over)

    @property
    def query(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.chosen.items() if value] + [("state", "ended")] * self.over


def read_filters(request: Request) -> CallFilters:
    params = request.query_params
    chosen = {name: plain(params.get(name, "")).strip()[:MAX_VALUE] for name in CHOICES}
    ignored = () if chosen["kind"] in ("", *KINDS) else (chosen["kind"],)
    if ignored:
        chosen["kind"] = ""
    return CallFilters(chosen, ignored, params.get("state") == "ended", page_number_of(params.get("page")))


def calls_list_page(request: Request, call_filters: CallFilters, calls_found: Any, **context: Any) -> Response:
    """Draw the part that was asked for; beyond the last part redirect to the first."""
    last, query = max(1, -(-calls_found.total // PER_PAGE)), call_filters.query
    if call_filters.number > last:
        return RedirectResponse(address(request.url.path, query), 302)
    return page(
        request,
        "calls/list.html",
        found=calls_found,
        chosen=call_filters.chosen,
        over=call_filters.over,
        ignored=call_filters.ignored,
        words=calls,
        number=call_filters.number,
        last=last,
        numbers=page_numbers(call_filters.number, last),
        query=query,
        canonical=address(
            request.url.path, query + ([("page", str(call_filters.number))] if call_filters.number > 1 else [])
        ),
        **context,
    )
