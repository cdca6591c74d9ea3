"""One commit of the index, opened for reading."""

from functools import cached_property
from typing import Any

import tantivy

from catalog.search import synonyms
from catalog.search.spelling import MAX_WORDS, NAME_LANGUAGE, Spellings


class IndexSnapshot:
    """One commit of the index, and what was computed from it."""

    def __init__(self, searcher: Any, schema: tantivy.Schema):
        self.searcher, self.schema = searcher, schema

    @cached_property
    def spellings(self) -> Spellings:
        indexed = self.searcher.terms_with_prefix("spelling", "", None, MAX_WORDS)
        counted = ((*term.partition(":")[::2], records) for term, records in indexed)
        return Spellings([*counted, *((language, word, 1) for language, word in synonyms.listed_spellings())])

    @cached_property
    def names(self) -> Spellings:
        """The names of projects, each as one word."""
        indexed = self.searcher.terms_with_prefix("exact", "", None, MAX_WORDS)
        return Spellings((NAME_LANGUAGE, key, records) for key, records in indexed if key.isalpha())

    def count(self, query: tantivy.Query) -> int:
        # The engine takes no limit of 0.
        return int(self.searcher.search(query, 1, count=True, order_by_field="rank").count)
