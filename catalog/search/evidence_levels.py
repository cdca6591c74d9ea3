"""How much stands behind a claim about people, in three levels, and which of them the evidence of a claim reaches."""

from collections.abc import Iterable, Mapping

# From the least: what its makers say, what somebody checked, what people tried out.
EVIDENCE_LEVELS = ("declared", "checked", "tested")
_LEVEL_OF: Mapping[str, str] = {
    "declared": "declared",
    "automated-check": "checked",
    "expert-review": "checked",
    "full-audit": "checked",
    "tested-with-people": "tested",
}


def lowest_evidence_level(evidence: Iterable[str]) -> str | None:
    """The lowest of the levels, given as levels or as terms of the vocabulary `evidence`; None where none is known."""
    levels = {term if term in EVIDENCE_LEVELS else _LEVEL_OF.get(term) for term in evidence}
    return next((level_name for level_name in EVIDENCE_LEVELS if level_name in levels), None)


def evidence_levels_reached(evidence: str) -> tuple[str, ...]:
    """The levels that a claim with this evidence reaches, the lowest first."""
    own = _LEVEL_OF.get(evidence)
    return EVIDENCE_LEVELS[: EVIDENCE_LEVELS.index(own) + 1] if own else ()


def claim_filter_name(name: str, least: str | None) -> str:
    """The name under which the index has the terms of a filter of claims that have at least this evidence."""
    return name if least is None else f"{name}-{least}"
