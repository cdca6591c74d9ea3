"""Fold a name for sorting and look-up. Words in the search index are folded by `catalog.search.normalize`.

One order for all languages: an order for each language would need a column and a field of the index for each.
"""

import unicodedata

from catalog.unicode_normalization import normalized

FOLDED_CHARACTERS = 200


def folded(text: str) -> str:
    """A name for sorting and look-up: without case and accents, at most 200 characters.

    >>> folded("Économie  Solidaire")
    'economie solidaire'
    """
    letters = (character for character in normalized("NFKD", text) if unicodedata.category(character) != "Mn")
    return " ".join("".join(letters).casefold().split())[:FOLDED_CHARACTERS]
