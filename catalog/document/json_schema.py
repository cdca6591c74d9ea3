"""The document's shape as a JSON Schema, made by pydantic of the types that check it.

What needs more than one record (references, terms of another catalogue) is checked by `folder.check` only.
https://json-schema.org/draft/2020-12/schema
"""

from typing import Any

from catalog import validation
from catalog.model import Document

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def json_schema() -> Schema:
    """The schema of a whole document in JSON."""
    return validation.json_schema(Document, of_file=True) | {
        "$schema": DIALECT,
        "title": "A catalogue of free software for the social and solidarity economy",
        "description": "catalog.yaml of Forge, format 1. Texts by language have a language tag as their key.",
    }
