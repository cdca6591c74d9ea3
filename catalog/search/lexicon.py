"""The terms of the vocabularies as the index needs them: labels, definitions and the wider terms of each."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from catalog import vocabulary
from catalog.rules.country_rule import RULES

TermTexts = Callable[[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Lexicon:
    """Labels, definitions and wider terms, each looked up by a vocabulary's name and a slug.

    `digest` changes whenever an answer may: it is part of the index's version.
    """

    labels: TermTexts  # language -> label; empty for a term that the list does not hold
    definitions: TermTexts
    ancestors: Callable[[str, str], Sequence[str]]
    digest: str


def catalogue_lexicon() -> Lexicon:
    """The catalogue's own vocabularies."""

    def labels(name: str, slug: str) -> Mapping[str, str]:
        term = vocabulary.vocabulary(name).terms.get(slug)
        return term.label if term else {}

    def definitions(name: str, slug: str) -> Mapping[str, str]:
        term = vocabulary.vocabulary(name).terms.get(slug)
        return term.definition if term else {}

    def ancestors(name: str, slug: str) -> Sequence[str]:
        terms = vocabulary.vocabulary(name)
        return terms.ancestors(slug) if slug in terms.terms else ()

    digest = hashlib.sha256()
    for name in ("domain", "audience", "organization-kind", "size", RULES):
        for term in vocabulary.vocabulary(name).terms.values():
            texts = sorted(term.label.items()), sorted(term.definition.items())
            digest.update(repr((name, term.slug, term.parent, texts, term.details.get("own"))).encode())
    return Lexicon(labels, definitions, ancestors, digest.hexdigest())
