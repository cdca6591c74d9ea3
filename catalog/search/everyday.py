"""What people say, and the needs that they mean by it: words of every language, products that are not free, labels.

The lists are `words/{language}.yaml` and `words/products.yaml`, written for this catalogue and meant to be added to.
They are read when a question is asked, not when the index is written: a new word finds at the next start. What is found
here is only ever the slug of a term of the list `domain`; it decides no order and shows nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from operator import contains
from types import MappingProxyType
from typing import Any

import yaml

from catalog import vocabulary
from catalog.search import fold
from catalog.search.fold import LANGUAGES, Word

MAX_PHRASE = 4  # telling words of a phrase
PRODUCT = ""  # the "language" of names
LIKE = 4  # letters that two words of the same stem begin with
BEGINNING = 2  # letters that a word of the lists shares before it is stemmed itself
ROOT = 3  # in Arabic, which writes prefixes: letters of the stem that it holds anywhere


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
    domains: tuple[str, ...]


@dataclass(frozen=True)
class _Language:
    """The list of a language: its phrases by their first word, and its words as they are written."""

    phrases: Mapping[str, Sequence[_Phrase]]
    spellings: Mapping[str, str]  # folded -> with accents
    near: Mapping[str, Sequence[str]]  # first letters -> folded
    aside: frozenset[str]
    as_written: frozenset[str]


def telling(text: str, language: str) -> list[Word]:
    """The words of a query that say what is looked for; all of them where none does.

    What is a small word in one language may tell in the reader's: "par" in "PAR 30".
    """
    kept, own = _as_written(), _own(language)
    small = _language(own).aside if own else frozenset()
    every = fold.query_words(text, most=fold.MAX_QUERY)
    every = [Word(word.surface, (), word.spelling) if word.surface in kept else word for word in every]
    words = _without(every, small, (PRODUCT,))
    left = _without(words, _aside(), (PRODUCT, own) if own else (PRODUCT,))
    return (left or every)[: fold.MAX_QUERY_WORDS]


def _without(words: Sequence[Word], aside: Set[str], names: Sequence[str]) -> list[Word]:
    """`words` without those of `aside`, unless they are part of a phrase of one of the lists."""
    said = {place for one, _ in _candidates(words, names) for place in one.places}
    return [word for place, word in enumerate(words) if place in said or word.surface not in aside]


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
    words = (spelling for name in (*LANGUAGES, PRODUCT) for spelling in _language(name).spellings.values())
    return tuple(dict.fromkeys(word for word in words if word.isalpha()))


@cache
def lists() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The lists as they are written: language -> term -> phrases; under PRODUCT, name -> terms."""
    written = {name: _tuples(_read(name)["needs"]) for name in LANGUAGES}
    written[PRODUCT] = _tuples(_read("products"))
    return MappingProxyType(written)


def _own(language: str) -> str | None:
    """The list of a reader's language, None where there is none for it."""
    base = language.partition("-")[0].lower()
    return base if base in LANGUAGES else None


def _candidates(words: Sequence[Word], names: Sequence[str] = (PRODUCT, *LANGUAGES)) -> Iterator[tuple[Meant, str]]:
    """Every phrase that some of the words are, with the list that it is in; of equal places the domains together."""
    for name in names:
        phrases, forms = _language(name).phrases, [_forms(word.surface, word.spelling, name) for word in words]
        for first in range(len(words)):
            close: dict[int, list[_Phrase]] = {}
            for form in forms[first]:
                for phrase in phrases.get(form, ()):
                    rest = forms[first + 1 : first + len(phrase.words)]
                    if len(rest) == len(phrase.words) - 1 and all(map(contains, rest, phrase.words[1:])):
                        close.setdefault(len(phrase.words), []).append(phrase)
            for length, found in close.items():
                domains = tuple(dict.fromkeys(domain for phrase in found for domain in phrase.domains))
                yield Meant(first, length, found[0].said, domains, name == PRODUCT), name


@lru_cache(maxsize=20_000)
def _forms(surface: str, spelling: str, name: str) -> tuple[str, ...]:
    """The words of a list that are forms of a word: the same stem, and the same beginning.

    Only words that begin alike are stemmed: to stem all of them would take seconds at a start.
    """
    known = _language(name).spellings
    exact = (surface,) if surface in known else ()
    if name == PRODUCT or surface in _as_written():
        return exact
    stems = _stems(surface, spelling, name)
    return exact + tuple(
        word
        for word in (_holding(stems) if name == "ar" else _language(name).near.get(surface[:BEGINNING], ()))
        if word != surface
        and _alike(word, surface, name)
        and word not in _as_written()
        and not stems.isdisjoint(_stems(word, known[word], name))
    )


def _holding(stems: Iterable[str]) -> list[str]:
    """The Arabic words with the beginning of one of these stems in them."""
    roots = tuple({stem[:ROOT] for stem in stems if not stem.isascii()})
    return [word for word in _language("ar").spellings if any(root in word for root in roots)]


def _alike(one: str, other: str, name: str) -> bool:
    """Whether two words begin alike: stems also join "sábado" and "saberes".

    Arabic writes "and", "for" and "with" before a word, and its stems say no more than they should.
    """
    letters = min(LIKE, len(one) - 1, len(other) - 1)
    return name == "ar" or one[:letters] == other[:letters]


@lru_cache(maxsize=10_000)
def _stems(surface: str, spelling: str, name: str) -> frozenset[str]:
    """Of the word as it is written, and as people type it without accents."""
    return frozenset({fold.stem(surface, name), fold.stem(spelling, name)})


@cache
def _language(name: str) -> _Language:
    raw: dict[str, Any] = _read(name) if name != PRODUCT else {"aside": "", "as-written": []}
    aside = frozenset(fold.words(raw["aside"]))
    phrases: dict[str, list[_Phrase]] = {}
    written: dict[str, str] = {}
    for said, domains in _said(name):
        pairs = [(surface, spelling) for spelling in fold.spellings(said) for surface in fold.words(spelling)]
        pairs = list(dict.fromkeys([pair for pair in pairs if pair[0] not in aside] or pairs))
        written |= pairs
        phrase = _Phrase(said, tuple(surface for surface, _ in pairs), domains)
        phrases.setdefault(phrase.words[0], []).append(phrase)
    near: dict[str, list[str]] = {}
    for word in written:
        near.setdefault(word[:BEGINNING], []).append(word)
    kept = frozenset(word for each in raw["as-written"] for word in fold.words(each))
    return _Language(phrases, written, near, aside, kept)


def _said(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Phrases with the needs that they are said for: those of the list, and each label as a whole."""
    if name == PRODUCT:
        yield from lists()[PRODUCT].items()
        return
    for domain, phrases in lists()[name].items():
        yield from ((phrase, (domain,)) for phrase in phrases)
    for term in vocabulary.vocabulary("domain").terms.values():
        if label := term.label.get(name):
            yield label, (term.slug,)


@cache
def _aside() -> frozenset[str]:
    """Words that say nothing in any language: who types "de" may write any of three."""
    return frozenset(word for name in LANGUAGES for word in _language(name).aside)


@cache
def _as_written() -> frozenset[str]:
    return frozenset(word for name in LANGUAGES for word in _language(name).as_written)


def _tuples(raw: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in raw.items()})


@cache
def _read(name: str) -> dict[str, Any]:
    text = files("catalog.search").joinpath("words", f"{name}.yaml").read_bytes()
    content: dict[str, Any] = yaml.load(text, yaml.CBaseLoader)  # strings only: "no" is a word
    return content
