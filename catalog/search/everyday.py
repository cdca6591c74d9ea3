"""What people say, and the needs that they mean by it: words of every language, products that are not free, labels.

The lists are `words/{language}.yaml` and `words/products.yaml`, written for this catalogue and meant to be added to.
They are read when a question is asked, not when the index is written: a new word finds at the next start. What is found
here is only ever the slug of a term of the list `domain`; it decides no order and shows nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from os.path import commonprefix
from types import MappingProxyType
from typing import Any

import yaml

from catalog import vocabulary
from catalog.search import fold
from catalog.search.fold import LANGUAGES, Word

MAX_PHRASE = 4  # telling words of a phrase
PRODUCT = ""  # the "language" of names
LIKE = 4  # letters that two words of the same stem begin with
_Key = tuple[str, ...]


@dataclass(frozen=True)
class Meant:
    """Some of the words of a query, one after the other, that people say for needs."""

    first: int  # place of its first word among the telling ones
    words: int
    said: str  # as it stands in the list
    domains: tuple[str, ...]  # the closest first
    product: bool = False  # a name of something that is not free

    @property
    def places(self) -> range:
        return range(self.first, self.first + self.words)


@dataclass(frozen=True)
class _Phrase:
    said: str
    words: tuple[str, ...]  # folded
    domain: str


@dataclass(frozen=True)
class _Language:
    phrases: Mapping[_Key, Sequence[_Phrase]]
    aside: frozenset[str]
    as_written: frozenset[str]


def telling(text: str, language: str) -> list[Word]:
    """The words of a query that say what is looked for; all of them where none does.

    What is a small word in one language may tell in the reader's: "par" in "PAR 30".
    """
    kept, own = _as_written(), _own(language)
    words = fold.query_words(text, _language(own).aside if own else frozenset())
    words = [Word(word.surface, (), word.spelling) if word.surface in kept else word for word in words]
    said = {place for one, name in _candidates(words, (own,) if own else ()) for place in one.places}
    left = [word for place, word in enumerate(words) if place in said or word.surface not in _aside()]
    return left or words


def meant(words: Sequence[Word], language: str) -> list[Meant]:
    """What the `words` mean, in their order, for a reader of `language`; no word counts for two phrases.

    Longer phrases come first, then names of products and the reader's own language. Where that language is silent the
    others are asked, all of them: "cuota" and "quota" mean the same to whoever reads the page in English.
    """
    near = (PRODUCT, _own(language))
    found = sorted(_candidates(words), key=lambda one: (-one[0].words, one[1] not in near, one[0].first))
    taken: dict[int, tuple[int, int, bool]] = {}  # place -> first, words, and whether the reader's language said it
    chosen: list[Meant] = []
    for one, name in found:
        mark = (one.first, one.words, name in near)
        if all(taken.get(place, mark) == mark for place in one.places):
            taken |= dict.fromkeys(one.places, mark)
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.first)


@cache
def spellings() -> tuple[str, ...]:
    """Every word of the lists as it is written there: what somebody may have meant by a word that nothing holds."""
    every = (phrases for name in (*LANGUAGES, PRODUCT) for phrases in _language(name).phrases.values())
    said = (phrase.said for phrases in every for phrase in phrases)
    words = (word for phrase in said for word in fold.spellings(phrase))
    return tuple(dict.fromkeys(word for word in words if word.isalpha()))


@cache
def lists() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The lists as they are written: language -> term -> phrases; under PRODUCT, name -> terms."""
    written = {name: _needs(_read(name)) for name in LANGUAGES}
    written[PRODUCT] = {name: tuple(domains) for name, domains in _read("products").items()}
    return MappingProxyType(written)


def _own(language: str) -> str | None:
    """The list of a reader's language, None where there is none for it."""
    base = language.partition("-")[0].lower()
    return base if base in LANGUAGES else None


def _candidates(words: Sequence[Word], names: Sequence[str] = (PRODUCT, *LANGUAGES)) -> Iterator[tuple[Meant, str]]:
    for name in names:
        phrases = _language(name).phrases
        bare, accented = ([_stem(form, name) for form in forms] for forms in _forms(words))
        for first in range(len(words)):
            for last in range(first + 1, min(first + MAX_PHRASE, len(words)) + 1):
                known = phrases.get(tuple(bare[first:last])) or phrases.get(tuple(accented[first:last])) or ()
                close = [one for one in known if _alike(one.words, words[first:last], name)]
                if close:
                    domains = tuple(dict.fromkeys(one.domain for one in close))
                    yield Meant(first, last - first, close[0].said, domains, name == PRODUCT), name


def _alike(said: Sequence[str], words: Sequence[Word], name: str) -> bool:
    """Whether two phrases with the same stems begin alike, word by word: stems also join "sábado" and "saberes".

    Arabic writes "and", "for" and "with" before a word, and its stems say no more than they should.
    """
    return name == "ar" or all(
        one == word.surface or len(commonprefix([one, word.surface])) >= min(LIKE, len(one) - 1, len(word.surface) - 1)
        for one, word in zip(said, words, strict=True)
    )


@cache
def _language(name: str) -> _Language:
    gathered: dict[_Key, list[_Phrase]] = {}
    for domain, said in _said(name):
        words = _telling_of(said, name)
        phrase = _Phrase(said, tuple(word.surface for word in words), domain)
        for key in {tuple(_stem(form, name) for form in forms) for forms in _forms(words)}:
            gathered.setdefault(key, []).append(phrase)
    if name == PRODUCT:
        return _Language(MappingProxyType(gathered), frozenset(), frozenset())
    kept = frozenset(word for each in _read(name)["as-written"] for word in fold.words(each))
    return _Language(MappingProxyType(gathered), frozenset(fold.words(_read(name)["aside"])), kept)


def _said(language: str) -> Iterator[tuple[str, str]]:
    """Each term with what is said for it: the phrases of the list, and its label as a whole."""
    if language == PRODUCT:
        yield from ((domain, product) for product, domains in lists()[PRODUCT].items() for domain in domains)
        return
    for domain, phrases in lists()[language].items():
        yield from ((domain, phrase) for phrase in phrases)
    for term in vocabulary.vocabulary("domain").terms.values():
        if label := term.label.get(language):
            yield term.slug, label


def _telling_of(said: str, name: str) -> list[Word]:
    return fold.query_words(said, frozenset() if name == PRODUCT else frozenset(fold.words(_read(name)["aside"])))


def _forms(words: Sequence[Word]) -> tuple[list[str], list[str]]:
    """As people type them without accents, and as they are written."""
    return [word.surface for word in words], [word.spelling for word in words]


@lru_cache(maxsize=20_000)
def _stem(spelling: str, name: str) -> str:
    return fold.fold(spelling) if name == PRODUCT or fold.fold(spelling) in _as_written() else fold.stem(spelling, name)


@cache
def _aside() -> frozenset[str]:
    """Words that say nothing in any language: who types "de" may write any of three."""
    return frozenset(word for name in LANGUAGES for word in fold.words(_read(name)["aside"]))


@cache
def _as_written() -> frozenset[str]:
    return frozenset(word for name in LANGUAGES for each in _read(name)["as-written"] for word in fold.words(each))


def _needs(raw: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({domain: tuple(phrases) for domain, phrases in raw["needs"].items()})


@cache
def _read(name: str) -> dict[str, Any]:
    text = files("catalog.search").joinpath("words", f"{name}.yaml").read_bytes()
    content: dict[str, Any] = yaml.load(text, yaml.CBaseLoader)  # strings only: "no" is a word
    return content
