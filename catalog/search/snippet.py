"""Cut the excerpt of a text that shows why a result matches: the piece around the words that were searched for.

Words count as the same here when they begin alike: what is shown need not be stemmed, and a page shows many texts.
"""

import re
from collections.abc import Iterator, Sequence

from catalog.search import normalize
from catalog.search.normalize import Word

BEFORE, AFTER = 60, 120  # characters around the first of the words
MAX_SCANNED_CHARACTERS = 2_000  # characters that are read word by word where no word is in the text as it was typed
MAX_ENDING_LETTERS = 2  # letters in which forms of a word may differ
MIN_BEGINNING = 4

MarkedParts = tuple[tuple[str, bool], ...]  # pieces of a text, and whether each is one of the words


class SoughtWords:
    """The words of a query, to be found in texts; the last of them may be a beginning."""

    def __init__(self, words: Sequence[Word]):
        self._words = [(word.surface, max(MIN_BEGINNING, len(word.surface) - MAX_ENDING_LETTERS)) for word in words]
        self._last = words[-1].surface if words else ""
        typed = {
            form[:letters]
            for word, (_, letters) in zip(words, self._words, strict=True)
            for form in _written_forms(word)
        }
        # Finds words with the same letters; accents and articles need a comparison word by word.
        self._near = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, sorted(typed)))})[^\W_]*", re.IGNORECASE)

    def stands_in(self, text: str) -> bool:
        """Whether any of the words is in the beginning of `text`."""
        return next(self._hits(text[:MAX_SCANNED_CHARACTERS]), None) is not None

    def excerpt(self, text: str) -> MarkedParts | None:
        """The piece of `text` around the first of the words, each of them marked; None where there is none."""
        first = next(self._hits(text), None)
        return self._around(text, first[0]) if first else None

    def _around(self, text: str, first: int) -> MarkedParts:
        start, end = max(0, first - BEFORE), min(len(text), first + AFTER)
        if start:
            start = min(first, (text.find(" ", start, first) + 1) or first)
        if end < len(text):
            end = max(text.rfind(" ", first, end), first + 1) if " " in text[first:end] else end
        piece = " ".join(text[start:end].split())
        parts: list[tuple[str, bool]] = [("… ", False)] if start else []
        done = 0
        for begins, ends in self._hits(piece):
            parts += [(piece[done:begins], False), (piece[begins:ends], True)]
            done = ends
        parts += [(piece[done:], False), *([(" …", False)] if end < len(text) else [])]
        return tuple(part for part in parts if part[0])

    def _hits(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the words stand in `text`."""
        near = (match.span() for match in self._near.finditer(text))
        hits = ((start, end) for start, end in near if self._is(text[start:end]))
        first = next(hits, None)
        if first is not None:
            yield first
            yield from hits
        elif not text.isascii():
            every = normalize.word_places(text[:MAX_SCANNED_CHARACTERS])
            yield from ((start, end) for start, end, surfaces in every if any(map(self._like, surfaces)))

    def _is(self, word: str) -> bool:
        return self._like(word.lower()) if word.isascii() else any(map(self._like, normalize.words(word)))

    def _like(self, surface: str) -> bool:
        if self._last and surface.startswith(self._last):
            return True
        return any(
            surface == word
            or (surface[:letters] == word[:letters] and letters <= len(surface) <= len(word) + MAX_ENDING_LETTERS)
            for word, letters in self._words
        )


def _written_forms(word: Word) -> tuple[str, str]:
    return word.surface, word.spelling
