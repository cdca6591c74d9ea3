"""Terms of the index for filters that several values answer together: an adoption by an organization like the reader's,
and a claim about people with the least evidence that the reader accepts. For writing the index and for querying it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

# What is asked of one and the same adoption, in the order in which a term holds it.
ADOPTION_FILTERS = ("family", "where", "people", "stage")
FACETED_ADOPTION_FILTER = (
    "family"  # the one that has a facet too, which is right as long as nothing else is asked of the adoption
)
ANY_VALUE = "*"
MAX_VALUES_ASKED = 3  # values of each
# Filters by what is claimed: whom it suits, and what it does for them.
CLAIM_FILTERS = ("audience", "inclusion")
# How much stands behind a claim, from the least: what its makers say, what somebody checked, what people tried out.
EVIDENCE_LEVELS = ("declared", "checked", "tested")
_LEVEL_OF: Mapping[str, str] = {
    "declared": "declared",
    "automated-check": "checked",
    "expert-review": "checked",
    "full-audit": "checked",
    "tested-with-people": "tested",
}

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
    return ["|".join(asked) for asked in product(*parts)]


def lowest_evidence_level(evidence: Iterable[str]) -> str | None:
    """The lowest of the levels, given as levels or as terms of the vocabulary `evidence`; None where none is known."""
    found = {term if term in EVIDENCE_LEVELS else _LEVEL_OF.get(term) for term in evidence}
    return next((level_name for level_name in EVIDENCE_LEVELS if level_name in found), None)


def evidence_levels_reached(evidence: str) -> tuple[str, ...]:
    """The levels that a claim with this evidence reaches, the lowest first."""
    own = _LEVEL_OF.get(evidence)
    return EVIDENCE_LEVELS[: EVIDENCE_LEVELS.index(own) + 1] if own else ()


def claim_filter_name(name: str, least: str | None) -> str:
    """The name under which the index has the terms of one of CLAIM_FILTERS whose claims have at least this evidence."""
    return name if least is None else f"{name}-{least}"
