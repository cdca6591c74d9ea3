"""What in a query asks for something and tells nothing of it: polite words, and small ones with a letter too few."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from catalog.search import fold, written

_TWICE = re.compile(r"(.)\1")


def asks(words: Sequence[str], names: Iterable[str]) -> set[str]:
    """Those of the folded words of a text that stand nowhere but in what asks in these languages: "por favor"."""
    places = {
        place
        for phrase in (each for name in names for each in _phrases(name))
        for first in range(len(words) - len(phrase) + 1)
        if tuple(words[first : first + len(phrase)]) == phrase
        for place in range(first, first + len(phrase))
    }
    return {words[place] for place in places} - {word for place, word in enumerate(words) if place not in places}


def squeezed(word: str) -> str:
    """A word with each doubled letter once: who writes "coment" means "comment".

    >>> squeezed("comment")
    'coment'
    """
    return _TWICE.sub(r"\1", word)


@cache
def _phrases(name: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(fold.words(phrase)) for phrase in written.words(name, "asking"))
