"""Projects that an address names: up to four side by side, where they differ first as `columns` decides, or up to
twenty as a list for a board, a page and a table.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.publication.own_project import own_project
from catalog.search import IndexMissing, SearchQuery
from catalog.store.core.read_models import Card
from forge.export import tables
from forge.export.catalogue_exports import CSV
from forge.export.catalogue_site import CatalogueSite
from forge.export.delimited import csv_pieces
from forge.i18n.languages import plain
from forge.web.compare.columns import FURTHER_FACTS, MAIN_FACTS, MAX_COLUMNS, compared_projects, fact_rows
from forge.web.core.list_query import MAX_LISTED, MAX_TITLE_CHARACTERS, OWN_LIST, OwnList, list_title, read_own_list
from forge.web.core.render import address, base_url, manifest_of, now_of, page, page_language_of
from forge.web.projects.reader_context import rule_countries

SUGGESTIONS = 8
_TEXT_CHARACTERS = 200


def compare_page(request: Request) -> Response:
    """The projects named by `p`, in the order of the address; `add` is a name to look for."""
    projects = compared_projects(request)
    if projects.moved:
        return RedirectResponse(address(request.url.path, projects.query(projects.moved)), 301)
    columns = projects.columns
    slugs = [column.slug for column in columns]
    text = _search_text_of(request)
    return page(
        request,
        "compare/compare.html",
        columns=columns,
        rows=fact_rows(columns, {**MAIN_FACTS, **FURTHER_FACTS}),
        missing=projects.missing,
        left_out=projects.left_out,
        most=MAX_COLUMNS,
        text=text,
        candidates=_candidates_of(request, text, slugs),
        query=projects.query(slugs),
        chosen=projects.query(()),
        country=projects.country,
        rule_countries=rule_countries(request.state.page_language, projects.country),
        canonical=address(request.url.path, [("p", slug) for slug in sorted(slugs)]),
        noindex=True,  # as many pages as there are choices of four
    )


def list_page(request: Request) -> Response:
    """The projects of `list` and those named by `p` under the reader's own `title`; `add` is a name to look for,
    `as=csv` asks for the table. Nothing is stored: whoever has the address has the list."""
    own_list = read_own_list(request.query_params.get(OWN_LIST, ""))
    projects = compared_projects(request, MAX_LISTED, own_list.slugs)
    title = list_title(request.query_params.get("title", "")) or own_list.title
    own, as_table = [("title", title)] if title else [], request.query_params.get("as") == "csv"
    if projects.moved:
        query = [*projects.query(projects.moved), *own, *([("as", "csv")] if as_table else ())]
        return RedirectResponse(address(request.url.path, query), 301)
    columns, slugs = projects.columns, [column.slug for column in projects.columns]
    if as_table:
        records = [own_project(column.found) or column.found for column in columns]
        body = b"".join(csv_pieces(tables.projects(records, CatalogueSite(base_url(request), manifest_of(request)))))
        headers = {"Content-Disposition": 'attachment; filename="list.csv"', "X-Robots-Tag": "noindex"}
        return Response(body, headers=headers, media_type=CSV)
    text = _search_text_of(request)
    answer = page(
        request,
        "compare/list.html",
        projects=projects,
        rows={row.key: row for row in fact_rows(columns, MAIN_FACTS)},
        most=MAX_LISTED,
        title_characters=MAX_TITLE_CHARACTERS,
        text=text,
        candidates=_candidates_of(request, text, slugs),
        query=[*projects.query(slugs), *own],
        own=own,
        own_list=OwnList(tuple(slugs), title),
        canonical=address(request.url.path, projects.query(sorted(slugs))),
        noindex=True,  # a reader's own words, and as many pages as there are lists
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _search_text_of(request: Request) -> str:
    """The name of a program to add that was typed, or what it is needed for."""
    return plain(request.query_params.get("add", "")).strip()[:_TEXT_CHARACTERS]


def _candidates_of(request: Request, text: str, slugs: Sequence[str]) -> Sequence[Card]:
    """Projects beside `slugs` that a typed name may mean, the best first, dormant and ended ones only by their own
    name; none while the index is being built again."""
    if not text:
        return ()
    most = SUGGESTIONS + len(slugs)
    try:
        query = SearchQuery(text, per_page=most, language=page_language_of(request).tag)
        results = request.app.state.searcher.find(query, now_of(request))
    except IndexMissing:
        return ()
    cards: Sequence[Card] = request.app.state.store.public_records.cards(results.ids[: results.living])
    return [card for card in cards[:most] if card.slug not in slugs]
