"""The search room: a tantivy index derived from the store, written by one process and read by all. It decides no fact.

`index.Writer` follows the store's change counter, `find.Finder` answers the find page. Everything in the folder can be
thrown away: it is built again from the store.
"""

from catalog.search.answer import SORTS, Found, Query
from catalog.search.find import Finder
from catalog.search.folder import IndexMissing
from catalog.search.index import Writer
from catalog.search.walk import Place, Walked

__all__ = ["SORTS", "Finder", "Found", "IndexMissing", "Place", "Query", "Walked", "Writer"]
