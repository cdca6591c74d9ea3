"""A printed page for a meeting: a project, or up to four side by side, each fact with who says it and since when.

What is known is chosen as for a project's page, by `merged_record` and `columns`. Nothing is cut: the print style sheet
lays it out, and what one page does not hold begins the next with a whole row.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import NotFound, OptedOut
from forge.web.compare.columns import (
    FURTHER_FACTS,
    MAIN_FACTS,
    Column,
    FactRow,
    compared_projects,
    fact_rows,
)
from forge.web.compare.sheet_sources import numbered_sources
from forge.web.core.qr import qr_code
from forge.web.core.render import address, base_url, now_of, page
from forge.web.projects.profile import adoptions_by_sort

_FACTS = {**MAIN_FACTS, **FURTHER_FACTS}
# What a board asks of each of several, in this order; their comparison has all.
_BOARD_FACTS = {
    key: _FACTS[key]
    for key in ("made-for", "alive", "languages", "help", "cost", "cautions", "leaving", "uses", "rules")
}


def sheet_page(request: Request) -> Response:
    """The sheet of one project, or of up to four. Raises NotFound where the address names no project, OptedOut where
    the only one is not to be listed.
    """
    projects = compared_projects(request)
    if projects.moved:
        return RedirectResponse(address(request.url.path, projects.query(projects.moved)), 301)
    if not projects.columns:
        raise NotFound("project", ", ".join(projects.missing))
    columns, tag = projects.columns, request.state.page_language.tag
    asked = _BOARD_FACTS if len(columns) > 1 else _FACTS
    facts = tuple(sorted(fact_rows(columns, asked), key=lambda row: list(asked).index(row.key)))
    if len(columns) > 1:
        path = address(f"/{tag}/compare", projects.query(column.slug for column in columns))
        return _sheet_page(request, "compare/sheet-compared.html", path, columns, facts)
    project = columns[0].found
    if project.opted_out is not None:
        raise OptedOut("project", project.record.slug, project.opted_out.at)
    users = adoptions_by_sort(project.adoptions)
    return _sheet_page(request, "compare/sheet.html", f"/{tag}/projects/{columns[0].slug}", columns, facts, users=users)


def _sheet_page(
    request: Request, name: str, path: str, columns: Sequence[Column], facts: Sequence[FactRow], **more: Any
) -> Response:
    base = base_url(request)
    numbers, notes = numbered_sources(columns, facts, now_of(request))
    return page(
        request,
        name,
        back=path,
        shown=f"{base}{path}",
        code=qr_code(f"{base}{path}"),
        columns=columns,
        numbers=numbers,
        notes=notes,
        facts=facts,
        noindex=True,
        **more,
    )
