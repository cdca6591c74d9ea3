"""What groups that use a project said about its cost and the effort, as ranges in their order. Pure."""

from dataclasses import dataclass

from catalog.store.core.read_models import UseTallies
from catalog.vocabulary import vocabulary

Ranges = tuple[tuple[str, int], ...]  # a term and how many groups said it


@dataclass(frozen=True)
class CostsAndEfforts:
    """What groups spend. `costs`: a year, terms of `cost-band`; `efforts`: until it was in use, of `effort-band`."""

    costs: Ranges
    efforts: Ranges


def costs_and_efforts(tallies: UseTallies) -> CostsAndEfforts:
    return CostsAndEfforts(
        _in_vocabulary_order("cost-band", tallies.costs), _in_vocabulary_order("effort-band", tallies.efforts)
    )


def _in_vocabulary_order(name: str, counts: Ranges) -> Ranges:
    """The cheapest first; a band that the vocabulary does not have is left out."""
    numbers = dict(counts)
    return tuple((slug, numbers[slug]) for slug in vocabulary(name).terms if slug in numbers)
