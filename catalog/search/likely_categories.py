"""Guess the categories that a text is likely about, where it says them in words of its own: "a bed for tonight".

Every word of the lists and of labels and definitions points to the categories that it is said for, the more the fewer
they are. A guess is no answer: what it brings is only told as close (docs/decisions/064-everyday-sentences.md).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from catalog import vocabulary
from catalog.search import inflections, normalize, word_lists
from catalog.search.normalize import LANGUAGES

MOST = 2  # categories of a guess
LEAST_SHARE = 0.2  # of what the words say, that has to point to a category
CLOSE_SHARE = 0.6  # of the score of the likeliest, for a second one
FEW = 0.5  # what a word of one phrase lacks to count fully: said in three phrases it counts six sevenths
MIN_LETTERS_AFTER_PREFIX = 3  # letters of an Arabic word behind one that is written with it
_PREFIXES = "وبلكف"


def likely_categories(text: str, language: str) -> Sequence[str]:
    """The categories that the words of `text` point to together, the likeliest first; none where they say too little."""
    own = language.partition("-")[0].lower()
    if own not in LANGUAGES:
        return ()
    pointing, small = _pointing(own), _small(own)
    words = [word for word in normalize.words(text[: normalize.MAX_QUERY]) if word not in small]
    scores: Counter[str] = Counter()
    said = 0.0
    for forms in dict.fromkeys(map(_roots_of(own), words)):
        root = next((form for form in forms if form in pointing), "")
        said += _told_by(1) if not root else _told_by(len(pointing[root]))
        for category, share in pointing.get(root, {}).items():
            scores[category] += _told_by(len(pointing[root])) * share
    return _best(scores, said)


def _best(scores: Counter[str], said: float) -> Sequence[str]:
    found = scores.most_common(MOST)
    if not found or found[0][1] < LEAST_SHARE * said:
        return ()
    return [category for category, score in found if score >= CLOSE_SHARE * found[0][1]]


def _told_by(categories: int) -> float:
    """What a word tells that is said for so many categories."""
    return math.log(len(vocabulary.vocabulary("domain").terms) / categories)
