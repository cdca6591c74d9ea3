"""Sort keys for names, in the order in which a reader of a language looks for them.

A table of three letters and no library of collation: without accents, nothing else differs in our five languages.
Lists that the database or the index orders are in one order for all languages (`catalog.store.core.folded`).
"""

import re
import unicodedata
from collections.abc import Mapping

from catalog.unicode_normalization import normalized

# Where CLDR orders letters of a language otherwise than by what is left without accents (common/collation, 48).
_LAST = "\U0010fffd"
_LETTERS: Mapping[str, Mapping[int, str]] = {
    "es": str.maketrans({"ñ": "n" + _LAST}),  # a letter of its own, after n
    "ar": str.maketrans({"ة": "ت", "ى": "ي"}),  # forms of others; hamza on a bearer falls with the accents
}
_FIRST = {"ar": re.compile("[\u0600-\u06ff\u0750-\u077f]")}  # its own script comes before all others


def sort_key(name: str, language: str = "") -> tuple[str, str]:
    """Return the sort key of a name in a language: without case and accents, so that "États" does not come after
    "Zambie", and by these only where nothing else differs.
    """
    small = normalized("NFC", name).casefold().translate(_LETTERS.get(language, {}))
    letters = (char for char in normalized("NFKD", small) if unicodedata.category(char) != "Mn")
    own = _FIRST.get(language)
    return ("" if own is None or own.match(name) else _LAST) + "".join(letters), small
