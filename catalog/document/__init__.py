"""The document: `catalog.yaml` read into the model, every mistake with its place, and written back to the same bytes.

Nothing is stored here: `catalog.store` saves what is loaded; `catalog.licenses` and `catalog.vocabulary` know the
terms. Modules: nodes (YAML to text with places), keys (the table of keys), rules (one value), cross_field_rules (one
record), references (all records), problems (the list of mistakes), reader (nodes to the model), folder (paths and
includes), included_files (which files), json (JSON shapes), writer (canonical text), check_value (one value by the same
rules), json_schema (for other programs).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from catalog.errors import DocumentProblem, FaultyDocument

if TYPE_CHECKING:
    from catalog.document.folder import check, load, parse
    from catalog.document.included_files import files
    from catalog.document.json import as_record, from_record
    from catalog.document.rules import repository_key
    from catalog.document.writer import complete, dump, dump_json

__all__ = [
    "DocumentProblem",
    "FaultyDocument",
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

_NAMES_BY_MODULE = {
    "catalog.document.folder": ("check", "load", "parse"),
    "catalog.document.json": ("as_record", "from_record"),
    "catalog.document.rules": ("repository_key",),
    "catalog.document.included_files": ("files",),
    "catalog.document.writer": ("complete", "dump", "dump_json"),
}


def __getattr__(name: str) -> Any:
    """Import a name from its module when it is first used: a site whose document did not change needs `json` alone, and
    importing the reading of YAML took a tenth of a second of its start."""
    for module, names in _NAMES_BY_MODULE.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
