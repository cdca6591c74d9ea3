"""Phrases by which somebody wants one thing for themselves: "phone number", "for sale"."""

from collections.abc import Iterable, Sequence
from functools import cache

from catalog.search import normalize, word_lists

_OURS = "نا"  # what Arabic writes behind a word for "our"


def asks_for_oneself(words: Sequence[str], names: Iterable[str]) -> bool:
    """Whether the folded words of a text ask, in one of these languages, for one thing that somebody wants for
    themselves ("phone number", "for sale"), and none of them says that a group or software is meant ("our").

    Marks are compared as written: "phone number" is one person's, "phone numbers" are those of a group.
    """
    every = list(names)
    theirs = {
        word
        for name in every
        for phrase in word_lists.phrases_under(name, "theirs")
        for word in normalize.words(phrase)
    }
    if not theirs.isdisjoint(words) or any(len(word) > len(_OURS) + 2 and word.endswith(_OURS) for word in words):
        return False
    marks = (mark for name in every for mark in _marks(name))
    return any(tuple(words[at : at + len(mark)]) == mark for mark in marks for at in range(len(words)))


@cache
def _marks(name: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(normalize.words(phrase)) for phrase in word_lists.phrases_under(name, "personal"))
