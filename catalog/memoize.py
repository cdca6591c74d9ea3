"""A cache of a pure function's answers to short texts. It bounds both the number of texts and their length.

It is for texts of strangers, of which no length is known before. Where a check, a list or a type has bounded the length
of what is asked for (terms, languages, names, words of a query), `functools.lru_cache` with a number of entries is
enough, and `functools.cache` where the values are as many as our own lists have.

One merge of 5,000 records asked 57,000 times for the registrable domain behind 6,000 different addresses.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Answer = TypeVar("Answer")

MOST = 4096
MOST_CHARACTERS = 300  # with MOST of them some megabytes, whatever strangers write


def memoize(function: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """`function`, called once for each of the last MOST texts; every time for a text over MOST_CHARACTERS."""
    remembered = lru_cache(MOST)(function)

    @wraps(function)
    def answer(text: str) -> Answer:
        return remembered(text) if len(text) <= MOST_CHARACTERS else function(text)

    return answer
