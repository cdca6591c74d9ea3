"""Search: a tantivy index that is derived from the store, written by one process and read by all.

`index.IndexWriter` follows the store's change counter, `finder.Finder` answers the find page. Everything in the folder
can be deleted: it is built again from the store. Why tantivy: docs/decisions/011-search-engine.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from catalog.search.finder import Finder
from catalog.search.index_folder import IndexMissing

if TYPE_CHECKING:
    from catalog.search.index import IndexWriter
    from catalog.search.pagination import ListPart, ListPlace
    from catalog.search.results import SORTS, SearchQuery, SearchResult

__all__ = ["SORTS", "Finder", "IndexMissing", "IndexWriter", "ListPart", "ListPlace", "SearchQuery", "SearchResult"]

_MODULE_NAMES = {
    "catalog.search.results": ("SORTS", "SearchResult", "SearchQuery"),
    "catalog.search.index": ("IndexWriter",),
    "catalog.search.pagination": ("ListPlace", "ListPart"),
}


def __getattr__(name: str) -> Any:
    """Import the module that has the name when it is first used: starting waits for the first page, which searches
    nothing."""
    for module, names in _MODULE_NAMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
