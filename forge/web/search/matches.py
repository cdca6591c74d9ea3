"""The programs that the address of a feed or a table asks for, by the find page's own parameters."""

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from catalog.errors import NotFound
from catalog.search import IndexMissing, SearchQuery
from forge.web.core.list_query import ListQuery, read_query
from forge.web.core.render import now_of

MAX_MATCHES = 100


def query_of(request: Request, noun: str) -> ListQuery:
    """The words and filters of an address. Raises NotFound for what cannot be understood: more than was asked for would
    come, and nobody would see why. `noun`: what is asked for."""
    query = read_query(request.query_params.multi_items())
    if query.ignored:
        raise NotFound(noun, query.ignored[0])
    return ListQuery(query.text, query.filters, literal=query.literal)


def matching_ids(request: Request, query: ListQuery, language: str) -> list[UUID]:
    """At most `MAX_MATCHES` programs: the best for words, else those that changed last. Raises HTTPException 503 while
    the index is made."""
    sort = "best" if query.text else "recent"
    search = SearchQuery(query.text, query.filters, sort, 1, MAX_MATCHES, language, literal=query.literal)
    try:
        ids: list[UUID] = request.app.state.searcher.find(search, now_of(request)).ids
    except IndexMissing:
        raise HTTPException(503, headers={"Retry-After": "60"}) from None
    return ids
