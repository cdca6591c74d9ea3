"""The document: `catalog.yaml` to the nouns of the model, with every mistake at its place, and back to the same bytes.

It keeps nothing and asks nobody: the store saves what is loaded, `licenses` and `vocabulary` know the words.
Rooms: nodes (YAML to text with places), shape (the table of keys), rules (one value), pairs (one record), references
(all records), problems (the list of mistakes), reader (nodes to nouns), folder (paths and includes), whole (which
files), records (JSON shapes), writer (canonical text), checked (one value by the same rules), schema (for others).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from catalog.errors import FaultyDocument, Problem

if TYPE_CHECKING:
    from catalog.document.folder import check, load, parse
    from catalog.document.included_files import files
    from catalog.document.json import as_record, from_record
    from catalog.document.rules import repository_key
    from catalog.document.writer import complete, dump, dump_json

__all__ = [
    "FaultyDocument",
    "Problem",
    "as_record",
    "check",
    "complete",
    "dump",
    "dump_json",
    "files",
    "from_record",
    "load",
    "parse",
    "repository_key",
]

_ROOMS = {
    "catalog.document.folder": ("check", "load", "parse"),
    "catalog.document.json": ("as_record", "from_record"),
    "catalog.document.rules": ("repository_key",),
    "catalog.document.included_files": ("files",),
    "catalog.document.writer": ("complete", "dump", "dump_json"),
}


def __getattr__(name: str) -> Any:
    """From the room that has it, which is read when it is first asked for: a site whose document did not change needs
    records alone, and reading YAML took a tenth of a second of what it starts in."""
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
