"""Search: a tantivy index that is derived from the store, written by one process and read by all.

`index.IndexWriter` follows the store's change counter, `finder.Finder` answers the find page. Everything in the folder
can be deleted: it is built again from the store. Why tantivy: docs/decisions/011-search-engine.md.
"""

from catalog.search.finder import Finder
from catalog.search.index import IndexWriter
from catalog.search.index_folder import IndexMissing
from catalog.search.pagination import ListPart, ListPlace
from catalog.search.results import SORTS, SearchQuery, SearchResult

__all__ = ["SORTS", "Finder", "IndexMissing", "IndexWriter", "ListPart", "ListPlace", "SearchQuery", "SearchResult"]
