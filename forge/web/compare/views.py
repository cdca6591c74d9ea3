"""Up to four projects side by side: where they differ first, what is the same behind it, and what may be combined.
Which facts tell projects apart, `columns` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.licenses.compatibility import Answer, combined
from catalog.search import IndexMissing, Query
from catalog.store.core.read_models import Card
from forge.i18n.languages import plain
from forge.web.compare.columns import FACTS, MORE, MOST, Column, asked, rows
from forge.web.core.render import address, now_of, page, tongue_of

SUGGESTIONS = 8
_TEXT_CHARACTERS = 200


@dataclass(frozen=True)
class Pair:
    """May code of one go into the other: `both` where the answer holds in either direction."""

    code: Column
    work: Column
    answer: Answer
    both: bool


def show(request: Request) -> Response:
    """The projects named by `p`, in the order of the address; `add` is a name to look for."""
    wanted = asked(request)
    if wanted.moved:
        return RedirectResponse(address(request.url.path, [("p", slug) for slug in wanted.moved]), 301)
    columns = wanted.columns
    slugs = [one.slug for one in columns]
    text = plain(request.query_params.get("add", "")).strip()[:_TEXT_CHARACTERS]
    return page(
        request,
        "compare/compare.html",
        columns=columns,
        first=rows(columns, FACTS),
        more=rows(columns, MORE),
        pairs=pairs(columns),
        missing=wanted.missing,
        left_out=wanted.left_out,
        most=MOST,
        text=text,
        candidates=[one for one in _candidates(request, text) if one.slug not in slugs] if text else (),
        query=[("p", slug) for slug in slugs],
        canonical=address(request.url.path, [("p", slug) for slug in sorted(slugs)]),
        noindex=True,  # as many pages as there are choices of four
    )


def pairs(columns: Sequence[Column]) -> tuple[Pair, ...]:
    """What may be combined, each two of them; once where it is the same in both directions."""
    found = []
    for one, other in combinations(columns, 2):
        there, back = _combined(one, other), _combined(other, one)
        if there.may is back.may and (there.may is not True or _plain(there, back)):
            found.append(Pair(one, other, there, True))
        else:
            found += [Pair(one, other, there, False), Pair(other, one, back, False)]
    return tuple(found)


def _plain(there: Answer, back: Answer) -> bool:
    return all(each.under is None and each.how == "whole" for each in (there, back))


def _combined(code: Column, work: Column) -> Answer:
    if code.expression is None or work.expression is None:
        return Answer(None)
    return combined(code.expression, work.expression)


def _candidates(request: Request, text: str) -> Sequence[Card]:
    """Projects that a typed name may mean, the best first; none while the index is being built again."""
    try:
        query = Query(text, per_page=SUGGESTIONS + MOST, language=tongue_of(request).tag)
        ids = request.app.state.searcher.find(query, now_of(request)).ids
    except IndexMissing:
        return ()
    cards: Sequence[Card] = request.app.state.store.pages.cards(ids)
    return cards[: SUGGESTIONS + MOST]
