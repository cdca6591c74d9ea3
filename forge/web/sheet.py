"""One page of paper for a meeting: a project, or up to four side by side, each fact with who says it and since when.
What is known is chosen as for a project's page, by `shown` and `columns`.

It is drawn whole, then cut further and further until it fits. What is missing is counted, and stands at its address.
"""

from bisect import bisect_left
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound, OptedOut
from forge.web import paper
from forge.web.columns import FACTS, MORE, Column, Row, asked, column, rows
from forge.web.fitting import cut, numbered
from forge.web.qr import qr_code
from forge.web.render import address, now_of, page, tongue_of

GROUPS = 5  # named on a project's sheet
_BESIDE = ("help", "leaving")  # of MORE, on a sheet of several


def project(request: Request) -> Response:
    """The sheet of one project. Raises NotFound, Moved, Removed, OptedOut."""
    found = request.app.state.store.pages.project(request.path_params["slug"])
    if found.opted_out is not None:
        raise OptedOut("project", found.record.slug, found.opted_out.at)
    one = column(found, now_of(request))
    path = f"/{request.state.tongue.tag}/projects/{one.slug}"
    facts = [*rows([one], FACTS), *rows([one], MORE)]
    in_order = {key: place for place, key in enumerate((*FACTS, *MORE))}
    facts.sort(key=lambda row: in_order[row.key])
    return _sheet(request, "sheet.html", path, [one], facts, paper.ALONE)


def compared(request: Request) -> Response:
    """The sheet of up to four. Raises NotFound where the address names no project."""
    wanted = asked(request)
    if wanted.moved:
        return RedirectResponse(address(request.url.path, [("p", slug) for slug in wanted.moved]), 301)
    if not wanted.columns:
        raise NotFound("project", ", ".join(wanted.missing))
    query = [("p", one.slug) for one in wanted.columns]
    path = address(f"/{request.state.tongue.tag}/compare", query)
    facts = [*rows(wanted.columns, FACTS), *rows(wanted.columns, {key: MORE[key] for key in _BESIDE})]
    layout = paper.BESIDE.get(len(wanted.columns), paper.FOUR)
    return _sheet(request, "sheet-compared.html", path, wanted.columns, facts, layout)


def _sheet(
    request: Request, name: str, path: str, columns: Sequence[Column], facts: Sequence[Row], layout: paper.Layout
) -> Response:
    base = request.app.state.site.base_url or str(request.base_url).rstrip("/")
    code, now = qr_code(f"{base}{path}"), now_of(request)

    def drawn(room: paper.Room) -> Response:
        sheets, notes = numbered([cut(one, room, now, tongue_of(request)) for one in columns], facts)
        return page(
            request,
            name,
            sheets=sheets,
            notes=notes,
            facts=facts,
            most=min(GROUPS, room.things),
            back=path,
            shown=f"{base}{path}",
            code=code,
            noindex=True,
        )

    def fits(answer: Response) -> bool:
        return answer.status_code == 304 or paper.fits(bytes(answer.body).decode(), layout)

    whole = drawn(paper.ROOMS[0])
    if fits(whole):
        return whole
    last = len(paper.ROOMS) - 1  # taken whether it fits or not
    return drawn(paper.ROOMS[bisect_left(paper.ROOMS, True, 1, last, key=lambda room: fits(drawn(room)))])
