"""Which words of a query may be misspelt, and what was meant by them. It ranks nothing."""

from collections.abc import Iterable, Mapping, Sequence

from catalog.search import normalize, query_builder, synonyms
from catalog.search.normalize import Word
from catalog.search.snapshot import Opened
from catalog.search.spelling import Candidate
from catalog.search.synonyms import Meant

FEW = 3  # with fewer results another spelling is looked for
MUCH_COMMONER = 10  # times as many records before a word that exists is doubted
DOUBTED = 6  # letters of such a word
MENDED = 8  # letters, where the other words mean a need and are answered: "escada" (ladder) is no "escala" (shift)

Near = Mapping[str, Sequence[Candidate]]  # what may have been meant, by the folded word


def strange(opened: Opened, words: Iterable[Word], language: str) -> list[Word]:
    """Those of the words that are in no record, and no word that people say: what is found leaves them out."""
    return [word for word in words if not synonyms.known(word.surface, language) and not _held(opened, word, language)]


def near(opened: Opened, words: Iterable[Word], language: str) -> Near:
    """What may have been meant by words that are none of the reader's language as far as we know: no short word that
    says nothing of what is looked for.
    """
    found = {word.surface: _near(opened, word, language) for word in words}
    return {surface: near for surface, near in found.items() if near}


def respelled(words: Sequence[Word], near: Near) -> list[list[Word]]:
    """The words with what may have been meant in place of those that have something near them."""
    return [[_word(one) for one in near[word.surface]] if word.surface in near else [word] for word in words]


def mends(words: Sequence[Word], near: Near, meant: Iterable[Meant], answered: bool) -> bool:
    """Whether a word in another spelling is part of what people say for a need (`meant`, of the words respelled), and
    long enough to be no other word. `answered`: what was typed means a need that has projects without it.
    """
    least = MENDED if answered else DOUBTED
    places = {place for place, word in enumerate(words) if word.surface in near and len(word.surface) >= least}
    return any(one.domains and not places.isdisjoint(one.places) for one in meant)


def commoner(opened: Opened, words: Sequence[Word], language: str) -> Near:
    """Much commoner words close by, of those that hardly any record holds.

    A short word has too many neighbours to be doubted for one: "game" and "name" are both words.
    """
    found: dict[str, list[Candidate]] = {}
    for word in words:
        records = opened.searcher.doc_freq("words", word.surface)
        if records < FEW and len(word.surface) >= DOUBTED:
            close = [one for one in _near(opened, word, language) if one.records >= MUCH_COMMONER * max(1, records)]
            if close:
                found[word.surface] = close
    return found


def corrected(text: str, words: Sequence[Word], near: Near) -> str:
    """The text with the nearest words in place of those that have some."""
    better = {word.spelling: near[word.surface][0].spelling for word in words if word.surface in near}
    return " ".join(better.get(spelling, spelling) for spelling in normalize.spellings(text[: normalize.MAX_QUERY]))


def _held(opened: Opened, word: Word, language: str) -> bool:
    """Whether a record has the word, or a form of it in the reader's language."""
    return opened.count(query_builder.holding(opened.schema, word, language)) > 0


def _near(opened: Opened, word: Word, language: str) -> list[Candidate]:
    if synonyms.known(word.surface, language) or synonyms.small(word.surface, language):
        return []
    near = opened.spellings.near(word.surface, language)
    return [one for one in near if len(one.surface) >= DOUBTED or not synonyms.small(one.surface, language)]


def _word(candidate: Candidate) -> Word:
    return normalize.query_words(candidate.spelling)[0]
