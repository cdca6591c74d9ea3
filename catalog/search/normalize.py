"""Turn text into the words that are indexed and searched for: one way for both, so that they agree in every script.

Case, accents, letters such as ß ł ø œ, Arabic forms and articles are folded; scripts without spaces become pairs of
characters; words are stemmed before folding (Snowball, https://snowballstem.org), because stemmers read accents.
"""

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]

from catalog.search import inflections
from catalog.unicode_normalization import normalized

MAX_TEXT = 200_000  # characters that are read of one text
MAX_QUERY = 200  # characters of a query
MAX_QUERY_WORDS = 12
MAX_WORD = 64  # characters of a word; longer ones are keys and checksums
STEM_MARK = "="  # stands before a stem, so that stems and words as written never meet

STEMMERS = {"en": "english", "fr": "french", "es": "spanish", "pt": "portuguese", "ar": "arabic"}
LANGUAGES = tuple(STEMMERS)

_LETTERS = str.maketrans(
    {"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ħ": "h", "ŋ": "n"}
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك"}
    | dict.fromkeys("ـ\u200c\u200d", None)
)
# Characters that nobody sees and copied text is full of: soft hyphens, marks of direction, spaces without width.
_INVISIBLE = re.compile(r"[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_ARTICLE = re.compile(r"^(?:وال|بال|كال|فال|لل|ال)(?=[\u0600-\u06ff]{3})")
# Vowel signs of Arabic, Hebrew and the scripts of India stand inside words, though Python's \w leaves them out.
_SIGNS = (
    r"\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed"
    r"\u0900-\u0fff\u200c\u200d"
)
_WORD = re.compile(rf"[^\W_][^\W_{_SIGNS}]*(?:[{_SIGNS}]+[^\W_]*)*")
# Written without spaces: Han, kana, Hangul, Thai, Lao, Myanmar, Khmer.
_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")

# The commonest small words of each language: enough to tell which one a README is written in.
_SMALL = {
    "en": "the and of to is for with you this that are from can your it be or an by as",
    "fr": "le la les des une et du pour est dans avec vous sur pas au aux ce cette qui par",
    "es": "el los las una y del para es en con usted no al este esta que por se su lo",
    "pt": "o os as uma e do da dos das para é em com você não ao este esta que por um",
    "ar": "في من على إلى هذا هذه أن التي الذي مع عن هو هي أو كل بين",
}
_HINTS = {language: frozenset(small.split()) for language, small in _SMALL.items()}


_stemmer_lock = threading.Lock()  # a stemmer keeps the word that it works on in itself


@dataclass(frozen=True)
class Word:
    """One word of a query: as written and folded, its marked stems in five languages, and its spelling with accents."""

    surface: str
    stems: tuple[str, ...]
    spelling: str


def fold(text: str) -> str:
    """`text` without case, accents and variants of letters; at most MAX_TEXT characters of it are read.

    >>> fold("Łódź, Straße, Œuvre")
    'lodz, strasse, oeuvre'
    """
    plain = _visible(text[:MAX_TEXT]).casefold().translate(_LETTERS)
    if plain.isascii():
        return plain
    bare = "".join(c for c in normalized("NFD", plain) if not unicodedata.combining(c))
    return normalized("NFC", bare)


def without_surrogates(text: str) -> str:
    """`text` without lone surrogates: no encoding has them, and the engine takes none."""
    return text.encode("utf-8", "ignore").decode()


def _visible(text: str) -> str:
    if text.isascii():
        return text
    return _INVISIBLE.sub("", normalized("NFKC", without_surrogates(text)))


def words(text: str) -> list[str]:
    """The folded words of `text`, in order; pairs of characters where a script writes no spaces.

    >>> words("L'Économie sociale, 協同組合")
    ['l', 'economie', 'sociale', '協同', '同組', '組合']
    """
    return [surface for spelling in spellings(text) for surface in _surfaces(spelling)]


def spellings(text: str) -> list[str]:
    """The words of `text` in small letters with their accents, each at most MAX_WORD characters."""
    plain = _visible(text[:MAX_TEXT]).casefold()
    return [word[:MAX_WORD] for word in _WORD.findall(normalized("NFC", plain))]


def word_places(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Start and end of each word of `text`, with its folded words."""
    for match in _WORD.finditer(without_surrogates(text)):
        yield match.start(), match.end(), _surfaces(match.group()[:MAX_WORD])


def index_tokens(text: str, languages: Sequence[str]) -> list[str]:
    """Words and marked stems of `text`; `languages`: tags of those it is written in, none for a name."""
    stemmed = stemmed_languages(languages)
    return [token for spelling in spellings(text) for token in _tokens(spelling, stemmed)]


def query_words(text: str, aside: Set[str] = frozenset(), most: int = MAX_QUERY_WORDS) -> list[Word]:
    """The words to look for, each once, at most `most` of them; those of `aside` only where there is nothing else."""
    words_by_surface: dict[str, Word] = {}
    for spelling in spellings(text[:MAX_QUERY]):
        stems = tuple(token for token in _tokens(spelling, LANGUAGES) if token.startswith(STEM_MARK))
        surfaces = _surfaces(spelling)
        for surface in surfaces:
            words_by_surface.setdefault(surface, Word(surface, stems if len(surfaces) == 1 else (), spelling))
    telling = [word for surface, word in words_by_surface.items() if surface not in aside]
    return (telling or list(words_by_surface.values()))[:most]


def stem(spelling: str, language: str) -> str:
    """The stem that the forms of a word share in one of LANGUAGES, folded."""
    surfaces = _surfaces(spelling)
    if len(surfaces) != 1 or not spelling.isalpha():
        return " ".join(surfaces)
    return fold(_stemmed(_ARTICLE.sub("", spelling), language))


@lru_cache(maxsize=20_000)
def folded_stem(surface: str, language: str) -> str:
    """One stem for a folded word and its plural in a language; the word itself where the language has no stemmer."""
    own = stemmed_languages([language])
    if not own or not surface.isalpha() or is_unspaced(surface):
        return surface
    return fold(_stemmed((inflections.singulars(surface, own[0]) or [surface])[0], own[0]))


def marked_stems(word: Word, language: str) -> tuple[str, ...]:
    """The stems of a word in the reader's language; all its stems where that language has no stemmer."""
    own = stemmed_languages([language])
    if not own or not word.stems:
        return word.stems
    return tuple(token for token in _tokens(word.spelling, own) if token.startswith(STEM_MARK))


def name_key(text: str) -> str:
    """A key that is equal for two names that people would call the same; of a name without letters, its signs."""
    stripped = " ".join(text.split())[:MAX_QUERY]
    return " ".join(words(stripped)) or fold(stripped).strip()


def is_unspaced(word: str) -> bool:
    """Whether `word` belongs to a script that writes no spaces between words."""
    return _IS_UNSPACED.match(word) is not None


def stemmed_languages(tags: Iterable[str]) -> tuple[str, ...]:
    """The languages among `tags` that have a stemmer, without region: `pt-BR` gives `pt`."""
    return tuple(dict.fromkeys(base for tag in tags if (base := tag.partition("-")[0].lower()) in STEMMERS))


def language_of(text: str, otherwise: str = "en") -> str:
    """The one of LANGUAGES whose small words occur most in the first 5,000 characters; `otherwise` where they occur no
    more than its own."""
    read_words = spellings(text[:5_000])
    hints = {language: _HINTS.get(language, frozenset()) for language in (otherwise, *LANGUAGES)}
    return max(hints, key=lambda language: sum(word in hints[language] for word in read_words))


def clear_caches() -> None:
    """Clear the caches of words already stemmed; the next text stems them again."""
    _tokens.cache_clear()
    _surfaces.cache_clear()
    folded_stem.cache_clear()


@lru_cache(maxsize=4_000)  # the word lists alone have 14,000, each read once
def _surfaces(spelling: str) -> tuple[str, ...]:
    surfaces: list[str] = []
    for run in _RUNS.findall(_ARTICLE.sub("", fold(spelling))):
        if not is_unspaced(run):
            surfaces += [word[:MAX_WORD] for word in _WORD.findall(run)]
        elif len(run) == 1:
            surfaces.append(run)
        else:
            surfaces += [run[at : at + 2] for at in range(len(run) - 1)]
    return tuple(surfaces)


@lru_cache(maxsize=20_000)
def _tokens(spelling: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    surfaces = _surfaces(spelling)
    if len(surfaces) != 1 or not spelling.isalpha():
        return surfaces
    # Also the stem of the form without accents: that is what people type.
    written = {spelling, surfaces[0]}
    stems = {
        STEM_MARK + fold(_stemmed(inflected_form, language))
        for language in languages
        for form in written
        for inflected_form in (form, *inflections.singulars(form, language))
    }
    return (*surfaces, *sorted(stems))


def _stemmed(form: str, language: str) -> str:
    with _stemmer_lock:
        return str(_stemmer(language).stemWord(form))


@cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(STEMMERS[language])
