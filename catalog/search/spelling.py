"""Find what somebody may have meant: indexed words close to a word that is not indexed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.search import normalize

MAX_WORDS = 200_000  # indexed words that are compared
MAX_CANDIDATES = 3
NAME_LANGUAGE = ""  # the language of a name


@dataclass(frozen=True)
class Candidate:
    surface: str  # folded
    spelling: str  # as most records write it
    distance: int
    records: int


class Spellings:
    """The indexed words as they are written, for one state of the index."""

    def __init__(self, counted: Iterable[tuple[str, str, int]]):
        """`counted`: language ("" of a name), word as written and number of records; of spellings that fold alike the
        commonest of the language stays.
        """
        best: dict[str, dict[str, tuple[str, int]]] = {}
        for language, spelling, records in counted:
            surfaces = normalize.words(spelling)
            if len(surfaces) == 1:
                words = best.setdefault(surfaces[0], {})
                if records > words.get(language, ("", 0))[1]:
                    words[language] = (spelling, records)
        self._by_length: dict[int, list[tuple[str, dict[str, tuple[str, int]], int]]] = {}
        for surface, words in best.items():
            self._by_length.setdefault(len(surface), []).append((surface, words, _letters(surface)))

    def near(self, word: str, language: str) -> list[Candidate]:
        """The words of a language, and the names, within one edit of a word of 4 letters or more, two of 8 or more; the
        nearest and commonest first.

        An edit is a letter more, less or other, or two neighbours swapped. In a short word, and where there are two
        edits, the first letter has to be right: "bread" is no "read". Words without letters have no neighbours.
        """
        bound = 2 if len(word) >= 8 else 1 if len(word) >= 4 else 0
        if not bound or not word.isalpha() or normalize.is_unspaced(word):
            return []
        letters, candidates, base = _letters(word), [], language.partition("-")[0].lower()
        for length in range(len(word) - bound, len(word) + bound + 1):
            for surface, words, mask in self._by_length.get(length, ()):
                # Each edit changes at most two letters of the set: a cheap way to skip nearly all words.
                if (
                    (letters ^ mask).bit_count() <= 2 * bound
                    and surface != word
                    and (base in words or NAME_LANGUAGE in words)
                ):
                    distance = count_edits(word, surface, bound if surface[0] == word[0] else bound - 1)
                    if distance is not None:
                        spelling, records = max(
                            (words[tag] for tag in (base, NAME_LANGUAGE) if tag in words),
                            key=lambda counted: counted[1],
                        )
                        candidates.append(Candidate(surface, spelling, distance, records))
        candidates.sort(key=lambda candidate: (candidate.distance, -candidate.records, candidate.surface))
        return candidates[:MAX_CANDIDATES]


def count_edits(first: Sequence[str], second: Sequence[str], bound: int) -> int | None:
    """Number of edits that turn `first` into `second`, a swap of neighbours counts as one; None when above `bound`.

    Optimal string alignment, https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance.
    """
    if abs(len(first) - len(second)) > bound:
        return None
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        earlier, before, row = before, row, [i]
        for j, target in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != target))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == target:
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
