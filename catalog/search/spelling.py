"""What somebody may have meant: indexed words close to one that is not indexed. It runs no search."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.search import fold

MAX_WORDS = 200_000  # indexed words that are compared
MAX_CANDIDATES = 3


@dataclass(frozen=True)
class Candidate:
    surface: str  # folded
    spelling: str  # as most records write it
    distance: int
    records: int


class Spellings:
    """The indexed words as they are written, for one state of the index."""

    def __init__(self, counted: Iterable[tuple[str, int]]):
        """`counted`: word as written and number of records; of spellings that fold alike the commonest stays."""
        best: dict[str, tuple[str, int]] = {}
        for spelling, records in counted:
            surfaces = fold.words(spelling)
            if len(surfaces) == 1 and records > best.get(surfaces[0], ("", 0))[1]:
                best[surfaces[0]] = (spelling, records)
        self._by_length: dict[int, list[tuple[str, str, int, int]]] = {}
        for surface, (spelling, records) in best.items():
            self._by_length.setdefault(len(surface), []).append((surface, spelling, records, _letters(surface)))

    def near(self, word: str) -> list[Candidate]:
        """The words within one edit of a word of 4 letters or more, two of 8 or more; the nearest and commonest first.

        An edit is a letter more, less or other, or two neighbours swapped. Words without letters have no neighbours.
        """
        bound = 2 if len(word) >= 8 else 1 if len(word) >= 4 else 0
        if not bound or not word.isalpha() or fold.unspaced(word):
            return []
        letters, found = _letters(word), []
        for length in range(len(word) - bound, len(word) + bound + 1):
            for surface, spelling, records, known in self._by_length.get(length, ()):
                # Each edit changes at most two letters of the set: a cheap way to pass over nearly all words.
                if (letters ^ known).bit_count() <= 2 * bound and surface != word:
                    distance = edits(word, surface, bound)
                    if distance is not None:
                        found.append(Candidate(surface, spelling, distance, records))
        found.sort(key=lambda candidate: (candidate.distance, -candidate.records, candidate.surface))
        return found[:MAX_CANDIDATES]


def edits(one: Sequence[str], other: Sequence[str], bound: int) -> int | None:
    """Edits that turn `one` into `other`, a swap of neighbours counting as one; None when more than `bound`.

    Optimal string alignment, https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance.
    """
    if abs(len(one) - len(other)) > bound:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, target in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != target))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == target:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > bound:
            return None
    return row[-1] if row[-1] <= bound else None


def _letters(word: str) -> int:
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 63)
    return mask
