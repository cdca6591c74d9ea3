"""Converts a catalogue's own terms from the shape of the model to the one in which lists hold them."""

from collections.abc import Iterable

from catalog.model import OwnTerm
from catalog.vocabulary import OwnTerms, Term


def own_terms(added: Iterable[OwnTerm]) -> OwnTerms | None:
    """The terms by list, in their order; None where there is none."""
    by_list: dict[str, list[Term]] = {}
    for term in added:
        by_list.setdefault(term.vocabulary, []).append(Term(term.slug, dict(term.label), term.parent))
    return OwnTerms({name: tuple(terms) for name, terms in by_list.items()}) if by_list else None
