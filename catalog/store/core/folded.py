"""How a name is kept to be sorted and looked for. Words that are searched are folded by `catalog.search.normalize`.

One order for all languages: an order for each would need a column for each, and a field of the index.
"""

import unicodedata

FOLDED_CHARACTERS = 200


def folded(text: str) -> str:
    """A name as it is sorted and looked for: no case, no accents, at most 200 characters.

    >>> folded("Économie  Solidaire")
    'economie solidaire'
    """
    letters = (one for one in unicodedata.normalize("NFKD", text) if unicodedata.category(one) != "Mn")
    return " ".join("".join(letters).casefold().split())[:FOLDED_CHARACTERS]
