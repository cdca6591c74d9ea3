"""The closed lists of terms with their labels in five languages, each read from its file when first asked for, and the
terms that a catalogue adds to some of them.

Which field of a record takes which list is in `catalog.model`, by its type (`catalog.value_types`).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from catalog.errors import NotFound

LANGUAGES = ("en", "fr", "es", "pt", "ar")
EXTENDABLE = ("domain", "audience", "organization-function")  # lists to which a catalogue may add terms of its own
UNKNOWN_KIND = "family-not-known"  # the kind of an organization whose kind is not known

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads all lists ten times faster


@dataclass(frozen=True)
class Term:
    """One entry of a list; `match` maps a SKOS relation to addresses of terms in public vocabularies.

    `details` are those of a rule of a country: the name that it has there and the language of that name, the country or
    union, who issued it, since when, its status (in-force, practice, changing, coming, ended), the page that says so,
    the day on which that was read, and read a second time.
    """

    slug: str
    label: Mapping[str, str]
    parent: str | None = None
    definition: Mapping[str, str] = field(default_factory=dict)
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """A list: its terms by slug, in the order of the file, and their source."""

    name: str
    title: Mapping[str, str]
    source: str
    terms: Mapping[str, Term]

    def label(self, slug: str, language: str) -> str:
        """The term in `language`, else in English; a regional tag (`pt-BR`) takes the language's label.

        Raises NotFound for a slug that is not in the list.
        """
        label = self._term(slug).label
        # A catalogue's own term may have no English label.
        spoken = (language, language.partition("-")[0], "en", *label)
        return next(label[tag] for tag in spoken if label.get(tag))

    def children(self, slug: str) -> tuple[str, ...]:
        """Slugs of the terms directly under `slug`, in the order of the file."""
        return tuple(term.slug for term in self.terms.values() if term.parent == slug)

    def ancestors(self, slug: str) -> tuple[str, ...]:
        """Slugs above `slug`, the nearest first. Raises NotFound for a slug that is not in the list."""
        above: list[str] = []
        parent = self._term(slug).parent
        while parent is not None:
            above.append(parent)
            parent = self.terms[parent].parent
        return tuple(above)

    @property
    def above(self) -> dict[str, str]:
        """The parent of each slug that has one."""
        return {term.slug: term.parent for term in self.terms.values() if term.parent is not None}

    @property
    def top(self) -> tuple[str, ...]:
        """Slugs of the terms without parent, in the order of the file."""
        return tuple(term.slug for term in self.terms.values() if term.parent is None)

    def nearest(self, text: str) -> str | None:
        """The slug that `text` most likely means, None when nothing resembles it."""
        return nearest(text, tuple(self.terms))

    def called(self, text: str) -> str | None:
        """The slug of the term whose slug, or label in any language, is `text`; None where there is none.

        Capitals, spaces, hyphens and the two apostrophes make no difference: people type what their keyboard has.
        """
        return _slugs_by_name(self).get(_as_typed(text))

    def _term(self, slug: str) -> Term:
        if slug not in self.terms:
            raise NotFound(self.name, slug)
        return self.terms[slug]


@dataclass(frozen=True, eq=False)
class OwnTerms:
    """The terms that a catalogue adds, by list; `lists` are the lists with them, made when first asked for."""

    added: Mapping[str, tuple[Term, ...]]
    lists: dict[str, Vocabulary] = field(default_factory=dict)


_OWN: ContextVar[OwnTerms | None] = ContextVar("own_terms", default=None)


def use_own_terms(own: OwnTerms | None) -> Token[OwnTerms | None]:
    """From here on, in this request, thread or process, `vocabulary` gives lists with these terms too."""
    return _OWN.set(own)


@contextmanager
def with_own_terms(own: OwnTerms | None) -> Iterator[None]:
    """`use_own_terms`, as long as this lasts."""
    token = _OWN.set(own)
    try:
        yield
    finally:
        _OWN.reset(token)


@cache
def names() -> tuple[str, ...]:
    """The names of all lists, sorted."""
    return tuple(sorted(file.name[:-5] for file in _folder().iterdir() if file.name.endswith(".yaml")))


def vocabulary(name: str) -> Vocabulary:
    """The list `name`, such as "domain", with the terms of this catalogue's own. Raises NotFound for a list that does
    not exist."""
    own, packaged = _OWN.get(), packaged_list(name)
    if own is None or not own.added.get(name):
        return packaged
    if name not in own.lists:
        own.lists[name] = _extended(packaged, own.added[name])
    return own.lists[name]


def _extended(packaged: Vocabulary, added: Iterable[Term]) -> Vocabulary:
    """A list with more terms, each behind the others below its parent; one that the list has already is left out."""
    terms = list(packaged.terms.values())
    for term in added:
        if term.slug in packaged.terms:
            continue
        below = [at for at, other in enumerate(terms) if term.parent in (other.slug, other.parent)]
        terms.insert(below[-1] + 1 if term.parent is not None and below else len(terms), term)
    return replace(packaged, terms=MappingProxyType({term.slug: term for term in terms}))


@cache
def packaged_list(name: str) -> Vocabulary:
    """The list `name` as it comes with Forge. Raises NotFound for a list that does not exist."""
    if name not in names():
        raise NotFound("vocabulary", name)
    content = yaml.load(_folder().joinpath(f"{name}.yaml").read_bytes(), _Loader)
    terms = {raw["slug"]: _term_of(raw) for raw in content["terms"]}
    return Vocabulary(name, MappingProxyType(content["title"]), content["source"], MappingProxyType(terms))


def nearest(text: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `text` most likely means; None when nothing resembles it, or over 80 characters."""
    return _nearest_of(text, tuple(words)) if text and len(text) <= 80 else None


@cache
def _slugs_by_name(vocabulary: Vocabulary) -> Mapping[str, str]:
    labels = {_as_typed(label): slug for slug, term in vocabulary.terms.items() for label in term.label.values()}
    return labels | {_as_typed(slug): slug for slug in vocabulary.terms}


def _as_typed(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("’", "'").split())


@lru_cache(maxsize=1024)
def _nearest_of(text: str, words: tuple[str, ...]) -> str | None:
    folded = text.strip().lower().replace(" ", "-").replace("_", "-")
    spelled = {term.lower().replace("_", "-"): term for term in reversed(words)}
    if folded in spelled:
        return spelled[folded]
    matches = get_close_matches(folded, spelled, n=1, cutoff=0.65)
    return spelled[matches[0]] if matches else None


def _folder() -> Any:
    return files("catalog").joinpath("vocabularies")


def _term_of(raw: dict[str, Any]) -> Term:
    match = {relation: _as_tuple(targets) for relation, targets in raw.get("match", {}).items()}
    return Term(
        slug=raw["slug"],
        label=MappingProxyType(raw["label"]),
        parent=raw.get("parent"),
        definition=MappingProxyType(raw.get("definition", {})),
        match=MappingProxyType(match),
        details=MappingProxyType(raw.get("details", {})),
    )


def _as_tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
