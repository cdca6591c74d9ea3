"""The programs that the address of a feed or a table asks for, by the find page's own parameters."""

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request

from catalog.errors import NotFound
from catalog.search import IndexMissing, SearchQuery
from forge.web.core.list_query import ListQuery, read_query
from forge.web.core.render import now_of

MAX_ROWS = 300  # of a table, as many as a search with words gives; of more results no page leads to a table


def query_of(request: Request, noun: str) -> ListQuery:
    """The words and filters of an address. Raises NotFound for what cannot be understood: more than was asked for would
    come, and nobody would see why. `noun`: what is asked for."""
    query = read_query(request.query_params.multi_items())
    if query.ignored:
        raise NotFound(noun, query.ignored[0])
    return ListQuery(query.text, query.filters, literal=query.literal)


def matching_ids(request: Request, query: ListQuery, language: str, most: int) -> list[UUID]:
    """At most `most` programs: the best for words, else those that changed last. Raises HTTPException 503 while the
    index is made."""
    search = SearchQuery(
        query.text, query.filters, "best" if query.text else "recent", language=language, literal=query.literal
    )
    try:
        ids: list[UUID] = request.app.state.searcher.walk(search, None, most, now_of(request)).ids
    except IndexMissing:
        raise HTTPException(503, headers={"Retry-After": "60"}) from None
    return ids
