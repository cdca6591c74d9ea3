"""Read the lists of words that people use, as they are written: `words/{language}.yaml`, and for all languages
`words/audiences.yaml`, `words/countries.yaml` and `words/products.yaml`.

They are written for this catalogue and meant to grow; what each key is for is explained in them and in
CONTRIBUTING.md. Why there are lists, and why they are read with the query: docs/decisions/012-lists-of-words.md.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from catalog.search.normalize import LANGUAGES

_BESIDE = "beside"  # the key of words of no country in the list of countries
PRODUCT = ""  # the "language" of names


@cache
def category_phrases() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Language -> term -> phrases; under PRODUCT, name -> terms."""
    every = {name: _tuples(_read(name)["categories"]) for name in LANGUAGES}
    every[PRODUCT] = _tuples(_read("products"))
    return MappingProxyType(every)


def small_words(name: str) -> str:
    """The small words of a language, with spaces between them; names have none."""
    return str(_read(name)["aside"]) if name != PRODUCT else ""


def phrases_under(name: str, key: str) -> tuple[str, ...]:
    """The phrases of a language under a key other than `categories`, none for names: `as-written`, `no-other-form`,
    `who`, `elsewhere`, `personal`, `theirs`."""
    return tuple(_read(name)[key]) if name != PRODUCT else ()


@cache
def category_hints(name: str) -> Mapping[str, tuple[str, ...]]:
    """Category -> words of a language that mean it only beside others."""
    return _tuples(_read(name)["hints"])


@cache
def audience_phrases(name: str) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    """What a language says for whom something is and what they need: the terms that are meant, each with the name of
    its list ("audience:seniors"), and the categories that answer them, the closest first -> phrases."""
    return {(term, *entry["answers"]): tuple(entry[name]) for term, entry in _read("audiences").items()}


@cache
def country_phrases(name: str) -> Mapping[str, tuple[str, ...]]:
    """What a language says for each country, ISO 3166-1, beside its name."""
    return {country: phrases for country, phrases in _of_countries(name).items() if country != _BESIDE}


@cache
def words_beside_countries(name: str) -> tuple[str, ...]:
    """The words that beside a country only say that something is used or made there."""
    return _of_countries(name)[_BESIDE]


def _of_countries(name: str) -> Mapping[str, tuple[str, ...]]:
    place = LANGUAGES.index(name)
    return {
        key: tuple(phrase_text for phrase in columns[place].split(",") if (phrase_text := " ".join(phrase.split())))
        for key, columns in _read("countries").items()
    }


def _tuples(raw: Mapping[str, Sequence[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({key: tuple(values) for key, values in raw.items()})


@cache
def _read(name: str) -> dict[str, Any]:
    text = files("catalog.search").joinpath("words", f"{name}.yaml").read_bytes()
    content: dict[str, Any] = yaml.load(text, yaml.CBaseLoader)  # strings only: "no" is a word
    return content
