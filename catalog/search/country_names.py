"""Read a country out of what was typed, by its name or its adjective: "used in Brazil", "Belgian co-op software".

Names are those of CLDR in each of our languages, and what `words/countries.yaml` adds. The reader's language comes
first; words of others are read as they are written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache

from babel import Locale

from catalog.search import inflections, normalize, word_lists
from catalog.search.normalize import LANGUAGES

MAX_PLACES = 3
MAX_PLACE_WORDS = 5  # words of the name of a country
# What stands before the name of a language: "in French" is no word of France.
_IN = {"en": "in", "fr": "en", "es": "en", "pt": "em"}
_ARABIC_IN = "بال"
_NO_COUNTRIES = ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ")  # of CLDR's territories of two letters


@dataclass(frozen=True)
class Place:
    """The countries that words of a text name: projects of any of them are meant."""

    countries: tuple[str, ...]  # ISO 3166-1
    words: tuple[str, ...]  # of each, as they were typed
    rest: str  # the text without them


def places_in(
    text: str, language: str, other_words: Set[str] = frozenset(), small: Callable[[str], bool] = lambda _: False
) -> Place | None:
    """The countries that a text names, at most MAX_PLACES, longer names first; None where it names none.

    `other_words`: folded words that mean something else. `small`: whether a folded word says nothing by itself in the
    reader's language ("usa", uses): it may be part of a name.
    """
    typed = text[: normalize.MAX_QUERY]
    rest = [typed[start:end] for start, end, _ in normalize.word_places(typed)]
    words_by_country: dict[str, str] = {}
    while len(words_by_country) < MAX_PLACES and (place := _first_place(rest, language, other_words, small)):
        country, first, length = place
        words_by_country.setdefault(country, " ".join(rest[first : first + length]))
        rest = rest[:first] + rest[first + length :]
    aside = _words_aside(base) if (base := language.partition("-")[0].lower()) in LANGUAGES else frozenset[str]()
    left = [word for word in rest if not aside.issuperset(normalize.words(word))]
    return (
        Place(tuple(words_by_country), tuple(words_by_country.values()), " ".join(left)) if words_by_country else None
    )


def _first_place(
    typed_words: Sequence[str], language: str, other_words: Set[str], small: Callable[[str], bool]
) -> tuple[str, int, int] | None:
    """A country with the place of its first word and their number."""
    base = language.partition("-")[0].lower()
    order = [base, *(name for name in LANGUAGES if name != base)] if base in LANGUAGES else list(LANGUAGES)
    words = [tuple(normalize.words(spelling)) for spelling in typed_words]
    for length in range(min(MAX_PLACE_WORDS, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            pieces = tuple(word for folded in words[first : first + length] for word in folded)
            alone = length == 1 and (_names_a_language(typed_words, first, base) or small(pieces[0]))
            if other_words.isdisjoint(pieces) and not alone:
                country = next((code for name in order if (code := _country(pieces, name, name == base))), None)
                if country:
                    return country, first, length
    return None


def _names_a_language(typed_words: Sequence[str], first: int, language: str) -> bool:
    """Whether a word names a language in which something is: "in French"."""
    name_word, before = typed_words[first], typed_words[first - 1].casefold() if first else ""
    within = name_word.startswith(_ARABIC_IN) if language == "ar" else before == _IN.get(language)
    return within and any(word in _languages(language) for word in normalize.words(name_word))


@lru_cache(maxsize=20_000)
def _country(words: tuple[str, ...], name: str, own: bool) -> str | None:
    countries = _countries(name)
    if words in countries:
        return countries[words]
    if not own or len(words) != 1:
        return None
    for start in inflections.lookup_keys(words[0], name):
        for adjective in _adjectives(name).get(start, ()):
            if inflections.are_forms(words[0], adjective, name):
                return countries[adjective,]
    return None


@cache
def _countries(name: str) -> Mapping[tuple[str, ...], str]:
    """The countries by their folded names in a language."""
    countries: dict[tuple[str, ...], str] = {}
    for country, name_text in _names_of_countries(name):
        countries.setdefault(tuple(normalize.words(name_text)), country)
    return countries


@cache
def _adjectives(name: str) -> Mapping[str, Sequence[str]]:
    """The single words by which a language names countries, by their first letters."""
    adjectives: dict[str, list[str]] = {}
    for words in _countries(name):
        for start in inflections.lookup_keys(words[0], name) if len(words) == 1 else ():
            adjectives.setdefault(start, []).append(words[0])
    return adjectives


@cache
def _words_aside(name: str) -> frozenset[str]:
    return frozenset(word for phrase in word_lists.words_beside_countries(name) for word in normalize.words(phrase))


@cache
def _languages(name: str) -> frozenset[str]:
    names = Locale(name).languages.values() if name in LANGUAGES else ()
    # Of one word: "Brasil" is none, though Spanish has a "portugués de Brasil".
    return frozenset(words[0] for name_text in names if len(words := normalize.words(name_text)) == 1)


def _names_of_countries(name: str) -> Iterator[tuple[str, str]]:
    for country, name_text in Locale(name).territories.items():
        if len(country) == 2 and country.isalpha() and country not in _NO_COUNTRIES:
            yield country, name_text
    for country, phrases in word_lists.country_phrases(name).items():
        yield from ((country, name_text) for name_text in phrases)
