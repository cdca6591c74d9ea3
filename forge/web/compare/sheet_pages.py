"""A printed page for a meeting: a project, or up to four side by side, each fact with who says it and since when.

What is known is chosen as for a project's page, by `merged_record` and `columns`. Texts and lists are cut to what the
page holds (`sheet_limits`); what is missing is counted, and can be read at the address of the sheet.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound, OptedOut
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
from forge.web.compare.sheet_limits import LIMITS
from forge.web.core.qr import qr_code
from forge.web.core.render import address, base_url, now_of, page, page_language_of

_FACTS = {**MAIN_FACTS, **FURTHER_FACTS}


def project_sheet(request: Request) -> Response:
    """The sheet of one project. Raises NotFound, Moved, Removed, OptedOut."""
    found = request.app.state.store.public_records.project(request.path_params["slug"])
    if found.opted_out is not None:
        raise OptedOut("project", found.record.slug, found.opted_out.at)
    column = project_column(found, now_of(request))
    places = list(_FACTS)
    facts = sorted(fact_rows([column], _FACTS), key=lambda row: places.index(row.key))
    path = f"/{request.state.page_language.tag}/projects/{column.slug}"
    return _sheet_page(request, "compare/sheet.html", path, [column], facts)


def comparison_sheet(request: Request) -> Response:
    """The sheet of up to four projects. Raises NotFound where the address names no project."""
    wanted = compared_projects(request)
    if wanted.moved:
        return RedirectResponse(address(request.url.path, [("p", slug) for slug in wanted.moved]), 301)
    if not wanted.columns:
        raise NotFound("project", ", ".join(wanted.missing))
    query = [("p", column.slug) for column in wanted.columns]
    path = address(f"/{request.state.page_language.tag}/compare", query)
    facts = fact_rows(wanted.columns, _FACTS)
    return _sheet_page(request, "compare/sheet-compared.html", path, wanted.columns, facts)


def _sheet_page(
    request: Request, name: str, path: str, columns: Sequence[Column], facts: Sequence[FactRow]
) -> Response:
    limits, now = LIMITS[len(columns)], now_of(request)
    base = base_url(request)
    cut = [cut_column(column, limits, now, page_language_of(request)) for column in columns]
    sheets, notes, more_notes = number_sources(cut, facts, limits.sources)
    return page(
        request,
        name,
        back=path,
        shown=f"{base}{path}",
        code=qr_code(f"{base}{path}"),
        sheets=sheets,
        notes=notes,
        more_notes=more_notes,
        facts=facts,
        most=limits.limits_of("uses").things,
        noindex=True,
    )
