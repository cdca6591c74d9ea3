"""A printed page for a meeting: a project, or up to four side by side, each fact with who says it and since when.

What is known is chosen as for a project's page, by `merged_record` and `columns`. The page is drawn whole, then cut
further and further until it fits; a sheet of several projects shows what can be done with each before it shows the rest
at length. What is missing is counted or named, and can be read at the address of the sheet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound, OptedOut
from forge.web.compare import page_fit
from forge.web.compare.column_fit import cut_column, number_sources
from forge.web.compare.columns import (
    FURTHER_FACTS,
    MAIN_FACTS,
    Column,
    FactRow,
    compared_projects,
    fact_rows,
    project_column,
)
from forge.web.core.qr import qr_code
from forge.web.core.render import address, now_of, page, render_text, tongue_of

MAX_GROUPS = 5  # named on a project's sheet
# Facts of MORE that are shown if they fit, the most important first: numbers of lines to try.
_OPTIONAL_FACTS = {"features": (7, 5, 3), "makers": (4, 2), "replaces": (12, 6)}
# What each costs and what is done with it come before the other facts: letters of the cost, lines and letters of the
# features for which the others are cut, as far as this leaves each of them one of the limits of `_OTHER_LIMITS`.
_COST_AND_FEATURES = tuple(
    {"cost": page_fit.CellLimits(cost, 1, 200), "features": page_fit.CellLimits(letters, lines, 200)}
    for cost, lines, letters in (
        *((400, 3, 100), (400, 3, 60), (240, 3, 60), (240, 2, 60)),
        *((160, 2, 60), (160, 1, 60), (100, 1, 60)),
    )
)
_OTHER_LIMITS = page_fit.CELL_LIMITS[6:9]
# The reader's language is the first of them. Some have 50, of which a board needs to know only how many.
_LANGUAGES = {"languages": replace(page_fit.CELL_LIMITS[0], things=5)}


def project_sheet(request: Request) -> Response:
    """The sheet of one project. Raises NotFound, Moved, Removed, OptedOut."""
    found = request.app.state.store.public_records.project(request.path_params["slug"])
    if found.opted_out is not None:
        raise OptedOut("project", found.record.slug, found.opted_out.at)
    shown_column = project_column(found, now_of(request))
    path = f"/{request.state.tongue.tag}/projects/{shown_column.slug}"
    facts = [*fact_rows([shown_column], MAIN_FACTS), *fact_rows([shown_column], FURTHER_FACTS)]
    in_order = {key: place for place, key in enumerate((*MAIN_FACTS, *FURTHER_FACTS))}
    facts.sort(key=lambda row: in_order[row.key])
    sheet = _PrintedSheet(request, "compare/sheet.html", path, [shown_column], page_fit.LAYOUT_ALONE)
    return sheet.page(facts, sheet.fitted(facts))


def comparison_sheet(request: Request) -> Response:
    """The sheet of up to four projects. Raises NotFound where the address names no project."""
    wanted = compared_projects(request)
    if wanted.moved:
        return RedirectResponse(address(request.url.path, [("p", slug) for slug in wanted.moved]), 301)
    if not wanted.columns:
        raise NotFound("project", ", ".join(wanted.missing))
    query = [("p", compared_column.slug) for compared_column in wanted.columns]
    path = address(f"/{request.state.tongue.tag}/compare", query)
    layout = page_fit.LAYOUTS_BESIDE.get(len(wanted.columns), page_fit.LAYOUT_OF_FOUR)
    sheet = _PrintedSheet(request, "compare/sheet-compared.html", path, wanted.columns, layout)
    every = {**MAIN_FACTS, **FURTHER_FACTS}
    spare = [
        key
        for key in _OPTIONAL_FACTS
        if any(any(row.known) for row in fact_rows(wanted.columns, {key: FURTHER_FACTS[key]}))
    ]
    kept = {key for key in every if key not in spare}

    def facts_with(*more: str) -> tuple[FactRow, ...]:
        return fact_rows(wanted.columns, {key: fact for key, fact in every.items() if key in kept or key in more})

    def left_out_facts(*but: str) -> list[str]:
        return [key for key in spare if key not in kept and key not in but]

    own = dict(_LANGUAGES)
    for rest, first in product(_OTHER_LIMITS, _COST_AND_FEATURES) if "features" in spare else ():
        if sheet.fits(facts_with("features"), page_fit.SheetLimits(rest, {**own, **first}), left_out_facts("features")):
            own |= first
            kept.add("features")
            break
    rooms = sheet.fitted(facts_with(), left_out_facts(), own)
    for key in spare:
        for things in _OPTIONAL_FACTS[key]:
            wider = replace(rooms, own={**rooms.own, key: replace(page_fit.CELL_LIMITS[0], things=things)})
            if sheet.fits(facts_with(key), wider, left_out_facts(key)):
                kept, rooms = {*kept, key}, wider
                break
    return sheet.page(facts_with(), rooms, left_out_facts())


class _PrintedSheet:
    """A page that is measured, and then sent."""

    def __init__(self, request: Request, name: str, path: str, columns: Sequence[Column], layout: page_fit.Layout):
        self._request, self._name, self._columns, self._layout = request, name, columns, layout
        base = request.app.state.site.base_url or str(request.base_url).rstrip("/")
        self._same = {"back": path, "shown": f"{base}{path}", "code": qr_code(f"{base}{path}"), "noindex": True}

    def fitted(
        self, facts: Sequence[FactRow], left: Sequence[str] = (), own: Mapping[str, page_fit.CellLimits] | None = None
    ) -> page_fit.SheetLimits:
        """The largest limits with which these facts fit, some with limits of their `own`; `left`: named as left out."""

        def with_own_limits(rooms: page_fit.SheetLimits) -> page_fit.SheetLimits:
            return replace(rooms, own={**rooms.own, **(own or {})})

        return with_own_limits(
            page_fit.largest_limits(lambda rooms: self._drawn(facts, with_own_limits(rooms), left), self._layout)
        )

    def fits(self, facts: Sequence[FactRow], rooms: page_fit.SheetLimits, left: Sequence[str] = ()) -> bool:
        return page_fit.fits(self._drawn(facts, rooms, left), self._layout)

    def page(self, facts: Sequence[FactRow], rooms: page_fit.SheetLimits, left: Sequence[str] = ()) -> Response:
        return page(self._request, self._name, **self._told(facts, rooms, left))

    def _drawn(self, facts: Sequence[FactRow], rooms: page_fit.SheetLimits, left: Sequence[str]) -> str:
        return render_text(self._request, self._name, **self._told(facts, rooms, left))

    def _told(self, facts: Sequence[FactRow], rooms: page_fit.SheetLimits, left: Sequence[str]) -> dict[str, Any]:
        now, tongue = now_of(self._request), tongue_of(self._request)
        sheets, notes = number_sources(
            [cut_column(shown_column, rooms, now, tongue) for shown_column in self._columns], facts
        )
        most = min(MAX_GROUPS, rooms.limits_of("uses").things)
        return {**self._same, "sheets": sheets, "notes": notes, "facts": facts, "most": most, "left": left}
