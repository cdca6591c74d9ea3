"""What groups that use a project said it costs and takes, as ranges in their order. Pure; the words are the page's."""

from dataclasses import dataclass

from catalog.store.core.read_models import UseTallies
from catalog.vocabulary import vocabulary

Ranges = tuple[tuple[str, int], ...]  # a term and how many groups said it


@dataclass(frozen=True)
class Spent:
    """`costs`: a year, as terms of `cost-band`; `efforts`: until it was in use, as terms of `effort-band`."""

    costs: Ranges
    efforts: Ranges


def spent(tallies: UseTallies) -> Spent:
    return Spent(_ordered("cost-band", tallies.costs), _ordered("effort-band", tallies.efforts))


def _ordered(name: str, told: Ranges) -> Ranges:
    """The cheapest first; a band that the list does not hold is nobody's."""
    numbers = dict(told)
    return tuple((slug, numbers[slug]) for slug in vocabulary(name).terms if slug in numbers)
