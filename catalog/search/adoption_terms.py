"""Terms of the index for what is asked of one and the same adoption: by an organization of this kind and this country,
with so many people. For writing the index and for querying it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

# What is asked of an adoption, in the order in which a term holds it.
ADOPTION_FILTERS = ("family", "where", "people", "stage")
# The one that has a facet too, which is right as long as nothing else is asked of the adoption.
FACETED_ADOPTION_FILTER = "family"
ANY_VALUE = "*"
MAX_VALUES_ASKED = 3  # values of each

AdoptionTraits = tuple[str | None, str | None, str | None, str | None]  # family, country, people (a band), stage
Filters = Mapping[str, tuple[str, ...]]


def adoption_terms(uses: Iterable[AdoptionTraits]) -> list[str]:
    """A term for each way to ask for these adoptions: with every part, and with any of them left open; at most 15 for
    each adoption.

    One term holds all that is asked, since all of it has to be true of the same organization.
    """
    every = {
        "|".join(parts)
        for use in uses
        for parts in product(*((part, ANY_VALUE) if part else (ANY_VALUE,) for part in use))
        if set(parts) != {ANY_VALUE}
    }
    return sorted(every)


def asked_adoption_terms(filters: Filters, but: str | None = None) -> list[str]:
    """The terms of which a record has one or more when it has an adoption as asked for; none where nothing is asked."""
    if not any(filters.get(name) for name in ADOPTION_FILTERS if name != but):
        return []
    parts: Sequence[Sequence[str]] = [
        filters[name][:MAX_VALUES_ASKED] if filters.get(name) and name != but else (ANY_VALUE,)
        for name in ADOPTION_FILTERS
    ]
    return ["|".join(terms) for terms in product(*parts)]
