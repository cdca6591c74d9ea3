"""The search room: a tantivy index derived from the store, written by one process and read by all. It decides no fact.

`index.Writer` follows the store's change counter, `find.Finder` answers the find page. Everything in the folder can be
thrown away: it is built again from the store. Why tantivy: docs/decisions/011-search-engine.md.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from catalog.search.finder import Finder
from catalog.search.index_folder import IndexMissing

if TYPE_CHECKING:
    from catalog.search.index import Writer
    from catalog.search.pagination import Place, Walked
    from catalog.search.results import SORTS, Found, Query

__all__ = ["SORTS", "Finder", "Found", "IndexMissing", "Place", "Query", "Walked", "Writer"]

_ROOMS = {
    "catalog.search.results": ("SORTS", "Found", "Query"),
    "catalog.search.index": ("Writer",),
    "catalog.search.pagination": ("Place", "Walked"),
}


def __getattr__(name: str) -> Any:
    """From the room that has it, which is read when it is first asked for: a start waits for the first page, which
    finds nothing."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
