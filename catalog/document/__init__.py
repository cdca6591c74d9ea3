"""The document: `catalog.yaml` read into the model, every mistake with its place, and written back to the same bytes.

Nothing is stored here: `catalog.store` saves what is loaded; `catalog.licenses` and `catalog.vocabulary` know the
terms, `catalog.validation` checks by pydantic. Modules: nodes (YAML to text with places), keys (the table of keys, made
of the model), cross_field_rules (one record), references (all records), problems (the list of mistakes), reader (nodes
to the model), folder (paths), json (JSON shapes), writer (canonical text),
check_value (faults of one value, for forms), json_schema (for other programs).
"""

from catalog.document.folder import check, load, parse
from catalog.document.json import as_record, from_record
from catalog.document.writer import complete, dump, dump_json
from catalog.errors import DocumentProblem, FaultyDocument
from catalog.text_rules import repository_key

__all__ = [
    "DocumentProblem",
    "FaultyDocument",
    "as_record",
    "check",
    "complete",
    "dump",
    "dump_json",
    "from_record",
    "load",
    "parse",
    "repository_key",
]
