"""Projects in the API: search with the parameters of the find page, one project, its facts, history and adoptions.
`catalog.search` decides what matches.
"""

from typing import Annotated

from annotated_types import MaxLen
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import TypedDict

from catalog.search import IndexMissing, ListPlace, SearchQuery
from catalog.search.facets import FACETS
from catalog.store.core.read_models import Card, HistoryLine
from forge.web.api.answers import (
    IDENTITY,
    ProjectAnswer,
    facts_answer,
    facts_type,
    identity,
    listed_projects,
    project_answer,
)
from forge.web.api.cursor import BY_NUMBER, BY_PLACE
from forge.web.api.paginator import Paginator
from forge.web.api.parameters import LINES_PARAMETER, Parameter, one_of
from forge.web.api.resources.adoption_lists import ADOPTIONS, adoptions_part
from forge.web.api.response import json_answer, single_record
from forge.web.api.route import DescribedRoute, Operation
from forge.web.api.sentences import INVALID_CURSOR
from forge.web.api.types import list_of, with_license
from forge.web.core.list_query import (
    MAX_LITERAL,
    MAX_TEXT_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    MAX_VALUES,
    SORTS,
    ListQuery,
    read_query,
    value_type,
)
from forge.web.core.problems import ApiError
from forge.web.core.render import now_of, page_language_of
from forge.web.projects.requested_project import project_of

TAG = "Software"
_FILTERS = tuple(
    Parameter(facet.name, facet.about, Annotated[list_of(value_type(facet.name)), MaxLen(MAX_VALUES)])
    for facet in FACETS
)
_Q = Parameter("q", "Words; with them a list ends after the 300 best.", Annotated[str, MaxLen(MAX_TEXT_CHARACTERS)])
_LITERAL = Parameter(
    "literal",
    "Words of q that name no country. Without it a country among the words asks for what is used or made there.",
    Annotated[list[Annotated[str, MaxLen(MAX_VALUE_CHARACTERS)]], MaxLen(MAX_LITERAL)],
)
_SORT = Parameter("sort", "The order, best without it.", one_of(*SORTS), "name")


class StopReason(TypedDict):
    reason: str
    organizations: int


def search(request: Request) -> Response:
    """Search. Raises ApiError: 400 for what the find page would ignore, 503 while the index is built again."""
    query = read_query(request.query_params.multi_items(), any_license=True)
    if query.ignored:
        raise ApiError(400, {"q": f"Not understood: {', '.join(query.ignored)}"})
    place = _PROJECTS.after(request)
    search = SearchQuery(
        query.text, query.filters, query.sort, language=page_language_of(request).tag, literal=query.literal
    )
    if place is not None and not _continues(place, query):
        raise ApiError(404, {"cursor": INVALID_CURSOR})
    try:
        hits = request.app.state.searcher.walk(search, place, _PROJECTS.size(request), now_of(request))
    except IndexMissing:
        detail = "The search is being built again. Ask in a minute"
        raise ApiError(503, detail=detail, headers={"Retry-After": "60"}) from None
    cards = listed_projects(request, request.app.state.store.public_records.cards(hits.ids))
    return _PROJECTS.whole(request, cards, hits.next, human="/projects", total=hits.total)


def _continues(place: ListPlace, query: ListQuery) -> bool:
    """Whether a place is one in the list that is asked for: with words, by name, or by a number."""
    if query.text or place.seen:
        return bool(query.text) == bool(place.seen)
    return isinstance(place.value, str) == (query.sort == "name")


def show_project(request: Request) -> Response:
    """The record as its page shows it; of a project whose makers asked not to be listed, name, address and license."""
    public = project_of(request)
    home = public.origin.home
    return single_record(
        request, project_answer(request, public), f"/projects/{public.slug}", home.license if home else None
    )


def facts(request: Request) -> Response:
    """List all public facts of a project, each with its origin, and whether its page shows it."""
    slug = request.path_params["slug"]
    page = request.app.state.store.facts.page(slug)
    return json_answer(request, facts_answer(page), human=f"/projects/{slug}/facts")


def history(request: Request) -> Response:
    """List what changed, newest first."""
    slug = request.path_params["slug"]
    page = request.app.state.store.facts.history(slug, _HISTORY.after(request), _HISTORY.size(request))
    return _HISTORY.whole(request, page.lines, page.next, human=f"/projects/{slug}/history", **identity(page))


def adoptions(request: Request) -> Response:
    """List who says publicly that they use it, or did, and why uses ended, counted over all."""
    slug, store = request.path_params["slug"], request.app.state.store
    why = store.record_pages.stop_reasons(store.record_pages.project_id(slug))
    after, limit = ADOPTIONS.after(request), ADOPTIONS.size(request)
    lines = store.api_lists.adoptions(project_slug=slug, after=after, limit=limit)
    return adoptions_part(
        request,
        lines,
        human=f"/projects/{slug}/users",
        stop_reasons=[StopReason(reason=term, organizations=number) for term, number in why],
    )


_PROJECTS = Paginator("projects", Card, BY_PLACE)
_HISTORY = Paginator("lines", HistoryLine, BY_NUMBER, limit=LINES_PARAMETER)
ROUTES = [
    DescribedRoute(
        "/api/v1/projects",
        "api-projects",
        TAG,
        {
            "GET": _PROJECTS.operation(
                search,
                "Search projects, with the filters and orders of the find page",
                (_Q, *_FILTERS, _LITERAL, _SORT),
                "Any of the values of one filter, all filters together. A list without words goes on behind the "
                "last project it gave: what is added meanwhile moves nothing.",
                examples={"domain": "member-management", "limit": "3"},
                beside={"total": int},
                fails=(503,),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}",
        "api-project",
        TAG,
        {
            "GET": Operation(
                show_project,
                "One project, as its page shows it",
                with_license(ProjectAnswer),
                (),
                "`record` is what the page shows, `chosen` who says each value, `today` what follows of it on the day "
                "of asking. Each value is the strongest of all origins; all of them stand in its facts. Of a project "
                "whose makers asked not to be listed only name, address and license are told.",
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}/facts",
        "api-facts",
        TAG,
        {
            "GET": Operation(
                facts,
                "Every public fact of a project with its origin, source and dates",
                facts_type(),
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}/history",
        "api-history",
        TAG,
        {
            "GET": _HISTORY.operation(
                history,
                "What changed about a project, the newest first",
                beside=IDENTITY,
                examples={"limit": "2"},
                fails=(308, 404, 410),
            )
        },
    ),
    DescribedRoute(
        "/api/v1/projects/{slug}/adoptions",
        "api-project-adoptions",
        TAG,
        {
            "GET": ADOPTIONS.operation(
                adoptions,
                "Who says publicly that they use a project",
                (),
                "`stop_reasons` says how many organizations gave each term of `stop-reason`, in all public past uses.",
                beside={"stop_reasons": list[StopReason]},
                examples={"limit": "2"},
                fails=(308, 404, 410),
            )
        },
    ),
]
