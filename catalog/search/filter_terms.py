"""Terms of the index for filters that several values answer together: an adoption by an organization like the reader's,
and a claim about people with the least evidence that the reader accepts. For writing the index and for querying it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

# What is asked of one and the same adoption, in the order in which a term holds it.
OURS = ("family", "where", "people", "stage")
COUNTED = "family"  # the one that has a facet too, which is right as long as nothing else is asked of the adoption
ANY = "*"
MOST_ASKED = 3  # values of each
# Filters by what is claimed: whom it suits, and what it does for them.
CLAIMS = ("audience", "inclusion")
# How much stands behind a claim, from the least: what its makers say, what somebody checked, what people tried out.
LEVELS = ("declared", "checked", "tested")
_LEVEL_OF: Mapping[str, str] = {
    "declared": "declared",
    "automated-check": "checked",
    "expert-review": "checked",
    "full-audit": "checked",
    "tested-with-people": "tested",
}

Use = tuple[str | None, str | None, str | None, str | None]  # family, country, people (a band), stage
Filters = Mapping[str, tuple[str, ...]]


def use_terms(uses: Iterable[Use]) -> list[str]:
    """A term for each way to ask for these adoptions: with every part, and with any of them left open; at most 15 for
    each adoption.

    One term holds all that is asked, since all of it has to be true of the same organization.
    """
    every = {
        "|".join(parts)
        for use in uses
        for parts in product(*((part, ANY) if part else (ANY,) for part in use))
        if set(parts) != {ANY}
    }
    return sorted(every)


def asked_uses(filters: Filters, but: str | None = None) -> list[str]:
    """The terms of which a record has one or more when it has an adoption as asked for; none where nothing is asked."""
    if not any(filters.get(name) for name in OURS if name != but):
        return []
    parts: Sequence[Sequence[str]] = [
        filters[name][:MOST_ASKED] if filters.get(name) and name != but else (ANY,) for name in OURS
    ]
    return ["|".join(asked) for asked in product(*parts)]


def level(evidence: Iterable[str]) -> str | None:
    """The lowest of the levels, given as levels or as terms of the vocabulary `evidence`; None where none is known."""
    found = {term if term in LEVELS else _LEVEL_OF.get(term) for term in evidence}
    return next((level_name for level_name in LEVELS if level_name in found), None)


def reached(evidence: str) -> tuple[str, ...]:
    """The levels that a claim with this evidence reaches, the lowest first."""
    own = _LEVEL_OF.get(evidence)
    return LEVELS[: LEVELS.index(own) + 1] if own else ()


def claimed(name: str, least: str | None) -> str:
    """The name under which the index has the terms of a filter of CLAIMS whose claims have at least this evidence."""
    return name if least is None else f"{name}-{least}"
