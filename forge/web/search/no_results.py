"""What the find page says where little or nothing was found: what was asked for, what asking for less would find, and
who else asked for it.

The index is queried only where leaving out any single thing finds nothing: then for pairs that could be left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from catalog.search import SearchResult
from catalog.search.facets import BY_NAME
from catalog.search.normalize import STEM_MARK, Word
from catalog.store.calls.read_models import CallLine
from catalog.store.core.folded import folded
from catalog.store.store import Store
from forge.i18n.languages import PageLanguage
from forge.web.core.list_query import ListQuery
from forge.web.search.facets import filter_value_label

FEW_RESULTS = 3  # with fewer results the page suggests what else to try
MOST_PAIRED = 5  # things asked for of which pairs are tried: at most ten queries of the index
MAX_PAIRS = 3  # that are shown
SHORTEST_STEM = 3  # letters: shorter ones begin half of all words
MAX_SHOWN = 10  # things that are shown, each with an address that holds all the others


@dataclass(frozen=True)
class WiderSearch:
    """A search that asks for less. `parts`: filter and value of all that is left out; `every`: all filters are
    left out; `count`: how many projects it finds, more than were found."""

    parts: tuple[tuple[str, str], ...]
    query: ListQuery
    count: int
    every: bool = False


def has_few_results(result: SearchResult) -> bool:
    return result.total < FEW_RESULTS or not result.confident


def similar_calls(result: SearchResult, store: Store) -> tuple[CallLine, ...]:
    """Calls of others that have the same words, where little or nothing was found."""
    if not has_few_results(result):
        return ()
    return store.calls.holding([_word_forms(word) for word in result.words])


def _word_forms(word: Word) -> set[str]:
    """A word as it was typed, and how its forms begin in any of our languages."""
    stems = (stem.removeprefix(STEM_MARK) for stem in word.stems)
    return {word.surface, folded(word.spelling), *(stem for stem in stems if len(stem) >= SHORTEST_STEM)} - {""}


def chosen_filters(query: ListQuery, page_language: PageLanguage) -> list[tuple[str, list[str]]]:
    """Each filter that was chosen, with the values of which one had to be true."""
    return [
        (
            page_language.gettext(BY_NAME[name].title),
            [filter_value_label(name, value, page_language) for value in values],
        )
        for name, values in query.filters.items()
        if values
    ]


def wider_searches(query: ListQuery, result: SearchResult, count: Callable[[ListQuery], int]) -> list[WiderSearch]:
    """Searches without one thing; where none of them finds anything, without two things, and if these find nothing
    either, without all filters. Pairs are sorted by count, the highest first; `count` gives how many a query finds."""
    single = [
        WiderSearch((part,), query.without(*part), more) for part, more in result.without.items() if more > result.total
    ]
    if single or result.total or not result.without:
        best = sorted(single, key=lambda wider: -wider.count)[:MAX_SHOWN]
        return [wider for wider in single if wider in best]
    return list(_without_pairs(query, list(result.without), count)) or list(_without_all(query, count))


def _without_pairs(
    query: ListQuery, parts: list[tuple[str, str]], count: Callable[[ListQuery], int]
) -> list[WiderSearch]:
    # A pair of two parts is all of it.
    if not 2 < len(parts) <= MOST_PAIRED:
        return []
    tried = ((pair, query.without(*pair[0]).without(*pair[1])) for pair in combinations(parts, 2))
    brought = [WiderSearch(pair, less, more) for pair, less in tried if (more := count(less))]
    return sorted(brought, key=lambda wider: -wider.count)[:MAX_PAIRS]


def _without_all(query: ListQuery, count: Callable[[ListQuery], int]) -> Iterator[WiderSearch]:
    if len(query.chosen) > 1 and (more := count(query.cleared())):
        yield WiderSearch(tuple(query.chosen), query.cleared(), more, every=True)
