"""Guess the categories that a text is likely about, where it says them in words of its own: "a bed for tonight".

Every word of the lists, labels and definitions points to the categories that it is said for, the more so the fewer
they are; words under `hints` in the lists only do that. A guess is no answer: what it brings is a suggestion
(docs/decisions/012-lists-of-words.md).
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from catalog import vocabulary
from catalog.search import normalize, word_lists
from catalog.search.normalize import LANGUAGES

MOST = 3  # categories of a guess
LEAST_SHARE = 0.2  # of what the words tell, that has to point to a category
CLOSE_SHARE = 0.5  # of the score of the likeliest category, for the next ones
SAID_ONCE = 0.5  # a word said in one phrase of a category counts two thirds, in three phrases six sevenths
UNKNOWN_SHARE = 0.7  # of what a word of one category tells, for a word that points nowhere
MIN_LETTERS = 3  # of a word that points anywhere: the "e" of "e-mail" is no word
MIN_LETTERS_WITH_PREFIX = 5
_PREFIXES = "وبلكف"  # what Arabic writes before a word, beside its article

_Pointing = Mapping[str, Sequence[tuple[str, float]]]  # root -> categories with their shares


def likely_categories(text: str, language: str) -> Sequence[str]:
    """The categories that the words of `text` point to together, the likeliest first; none where they say little."""
    own = language.partition("-")[0].lower()
    if own not in LANGUAGES:
        return ()
    pointing, weight = _pointing_words(own), 0.0
    scores: dict[str, float] = {}
    words = dict.fromkeys(normalize.words(text[: normalize.MAX_QUERY]))
    for word in list(words)[: normalize.MAX_QUERY_WORDS]:
        if word in _small_words(own):
            continue
        root = next((root for root in _roots(word, own) if root in pointing), None)
        if root is None:
            weight += UNKNOWN_SHARE * _telling(1)
            continue
        telling = _telling(len(pointing[root]))
        weight += telling
        for category, share in pointing[root]:
            scores[category] = scores.get(category, 0.0) + telling * share
    categories = sorted(scores.items(), key=lambda pair: -pair[1])[:MOST]
    if not categories or categories[0][1] < LEAST_SHARE * weight:
        return ()
    return [category for category, score in categories if score >= CLOSE_SHARE * categories[0][1]]


def _telling(categories: int) -> float:
    """How much a word tells that is said for so many categories."""
    return math.log(len(vocabulary.vocabulary("domain").terms) / categories)


def _roots(word: str, language: str) -> Iterator[str]:
    """What the forms of a folded word may share."""
    yield normalize.folded_stem(word, language)
    yield normalize.stem(word, language)
    if language == "ar" and len(word) >= MIN_LETTERS_WITH_PREFIX and word[0] in _PREFIXES:
        yield normalize.folded_stem(word[1:], language)


@cache
def _small_words(language: str) -> frozenset[str]:
    return frozenset(normalize.words(word_lists.small_words(language)))


@cache
def _pointing_words(language: str) -> _Pointing:
    counts: dict[str, Counter[str]] = {}
    for category, text in _texts(language):
        for word in dict.fromkeys(normalize.words(text)):
            if len(word) >= MIN_LETTERS and word not in _small_words(language):
                counts.setdefault(next(_roots(word, language)), Counter())[category] += 1
    return {root: tuple(map(_shared_pair, counted.items())) for root, counted in counts.items()}


@cache
def _shared_pair(counted: tuple[str, int]) -> tuple[str, float]:
    """A category and the share of a word that is said so many times for it: the same few hundred for all words."""
    category, times = counted
    return category, times / (times + SAID_ONCE)


def _texts(language: str) -> Iterator[tuple[str, str]]:
    """Categories, each with every text that is said for it."""
    for phrases in (word_lists.category_phrases()[language], word_lists.category_hints(language)):
        yield from ((category, phrase) for category, every in phrases.items() for phrase in every)
    for term in vocabulary.vocabulary("domain").terms.values():
        yield from ((term.slug, text[language]) for text in (term.label, term.definition) if language in text)
