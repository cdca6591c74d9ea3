"""The document: `catalog.yaml` to the nouns of the model, with every mistake at its place, and back to the same bytes.

It keeps nothing and asks nobody: the store saves what is loaded, `licenses` and `vocabulary` know the words.
Rooms: nodes (YAML to text with places), shape (the table of keys), rules (one value), pairs (one record), references
(all records), reader (nodes to nouns), folder (paths and includes), records (JSON shapes), writer (canonical text).
"""

from catalog.document.folder import check, files, load, parse
from catalog.document.records import as_record, from_record
from catalog.document.rules import repository_key
from catalog.document.writer import complete, dump, dump_json
from catalog.errors import FaultyDocument, Problem

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
