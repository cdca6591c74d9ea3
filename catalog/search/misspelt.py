"""Find words of a query that may be misspelt, and what was meant by them."""

from collections.abc import Iterable, Mapping, Sequence

from catalog.search import normalize, query_builder, synonyms
from catalog.search.normalize import Word
from catalog.search.snapshot import IndexSnapshot
from catalog.search.spelling import Candidate
from catalog.search.synonyms import Meaning

FEW_RESULTS = 3  # with fewer results another spelling is looked for
MIN_LETTERS_DOUBTED = 6  # letters of a word that may be misspelt
MIN_LETTERS_MENDED = (
    8  # letters, where the other words mean a category and are answered: "escada" (ladder) is no "escala" (shift)
)

CandidatesByWord = Mapping[str, Sequence[Candidate]]  # what may have been meant, by the folded word


def unsaid_words(opened: IndexSnapshot, words: Iterable[Word], language: str) -> list[Word]:
    """The words that are in no record and that the language says for no category: nothing that is found has them."""
    return [
        word
        for word in words
        if not synonyms.is_listed_word(word.surface, language) and not _is_in_a_record(opened, word, language)
    ]


def is_written(opened: IndexSnapshot, word: Word, language: str) -> bool:
    """Whether a record, or the name of an organization, has the word as it is, or the language is known to have it."""
    return synonyms.is_known_word(word.surface, language) or any(
        opened.searcher.doc_freq(field, word.surface) for field in ("own_words", "organizations")
    )


def respelling_candidates(opened: IndexSnapshot, words: Iterable[Word], language: str) -> CandidatesByWord:
    """What may have been meant by words that the reader's language does not have as far as we know: no small word that
    says nothing of what is looked for.
    """
    candidates = {word.surface: _close_words(opened, word, language) for word in words}
    return {surface: near for surface, near in candidates.items() if near}


def with_candidates(words: Sequence[Word], near: CandidatesByWord) -> list[list[Word]]:
    """The words, with what may have been meant in place of each word that has such candidates in `near`."""
    return [
        [_as_word(candidate) for candidate in near[word.surface]] if word.surface in near else [word] for word in words
    ]


def completes_a_category(
    words: Sequence[Word], near: CandidatesByWord, meant: Iterable[Meaning], answered: bool
) -> bool:
    """Whether a respelled word is part of a phrase that means a category (`meant`, of the respelled words), and too
    long to be taken for another word. `answered`: what was typed means a category that has projects without the
    respelled word."""
    least = MIN_LETTERS_MENDED if answered else MIN_LETTERS_DOUBTED
    places = {place for place, word in enumerate(words) if word.surface in near and len(word.surface) >= least}
    return any(meaning.domains and not places.isdisjoint(meaning.places) for meaning in meant)


def corrected_text(text: str, words: Sequence[Word], near: CandidatesByWord) -> str:
    """The text with the nearest word in place of each word that has such candidates in `near`."""
    better = {word.spelling: near[word.surface][0].spelling for word in words if word.surface in near}
    return " ".join(better.get(spelling, spelling) for spelling in normalize.spellings(text[: normalize.MAX_QUERY]))


def _is_in_a_record(opened: IndexSnapshot, word: Word, language: str) -> bool:
    """Whether a record has the word, or a form of it in the reader's language."""
    return opened.count(query_builder.word_query(opened.schema, word, language)) > 0


def _close_words(opened: IndexSnapshot, word: Word, language: str) -> list[Candidate]:
    if synonyms.is_known_word(word.surface, language) or synonyms.is_small_word(word.surface, language):
        return []
    near = opened.spellings.near(word.surface, language)
    return [
        candidate
        for candidate in near
        if len(candidate.surface) >= MIN_LETTERS_DOUBTED or not synonyms.is_small_word(candidate.surface, language)
    ]


def _as_word(candidate: Candidate) -> Word:
    return normalize.query_words(candidate.spelling)[0]
