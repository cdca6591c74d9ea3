"""A project's record as its page shows it: what it leaves open is filled from other origins, by the rules of trust.

Pure. What only the code says (guides, ways to install it, versions, size) is kept apart, drawn and with its source.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.model import Feature, Project, ScreenLanguage, features_of_lines, lines_of_features
from catalog.rules.caution import cautions_of
from catalog.rules.fact import CURATED, PEER, ChosenFact, Fact
from catalog.rules.fallback import with_fallbacks
from catalog.rules.record_values.feature import FEATURES
from forge.web.facts.fact_groups import FactOrigin, origin_of
from forge.web.facts.values import DrawnValue, draw_value

MAX_VERSIONS = 3
MAX_LINES = 7  # of what it can do, as the document has at most
MAX_NAMES = 12
COMPLETE_PERCENT = 100  # percent


@dataclass(frozen=True)
class Guide:
    """A file for people: `label` is its subject, as a msgid."""

    label: str
    origin: FactOrigin


@dataclass(frozen=True)
class RecordSupplement:
    """What the page shows beside the record; empty or None where nobody said it."""

    guides: tuple[Guide, ...]
    installs: tuple[str, ...]  # terms of the vocabulary `install`
    versions: tuple[Mapping[str, Any], ...]  # the last one first
    code: Mapping[str, Any] | None
    maintainers: tuple[Mapping[str, Any], ...]  # organizations that a file names, where the record names nobody
    developers: Mapping[str, Any] | None  # the domains whose people made most changes
    fields: frozenset[str]  # with a fact: each has its place on the page of facts
    disputed: frozenset[str]  # for which other sources say something else
    lent: Mapping[str, str]  # by field, the host of the catalogue whose value is shown


def record_shown(record: Project, chosen: Mapping[str, ChosenFact]) -> Project:
    """The record with the strongest value of each field that files state too, and with others' values for the fields
    that it leaves open."""
    values: dict[str, Any] = {}
    for field, as_value in _VALUE_OF_FIELD.items():
        choice = chosen.get(field)
        if choice is not None and choice.fact.origin != CURATED:
            value = as_value(draw_value(field, choice.value))
            if field == FEATURES and value is not None and lines_of_features(value) == record.feature_lines:
                continue  # the record has them with their sources
            if value is not None:
                values[field] = value
    values["cautions"] = cautions_of(record, chosen.get("cautions"))
    return replace(with_fallbacks(record, chosen), **values)


def beside_record(
    policies: Sequence[Fact], chosen: Mapping[str, ChosenFact], slug: str, code: bool
) -> RecordSupplement:
    """What the page shows beside the record. `policies`: facts of files for people; `code`: files may be linked to."""
    guides = {
        label: Guide(label, origin_of(fact, slug, code))
        for fact in sorted(policies, key=_deepest_first)
        if (drawn := draw_value("policies", fact.value)).kind == "sentences"
        for label in drawn.value
    }
    maintainers = chosen.get("maintenance")
    return RecordSupplement(
        guides=tuple(sorted(guides.values(), key=lambda guide: guide.label)),
        installs=tuple(slug for _, slug in _drawn_items(chosen, "installs", "terms")[:MAX_NAMES]),
        versions=tuple(_drawn_items(chosen, "releases", "releases")[:MAX_VERSIONS]),
        code=_drawn_value(chosen, "code", "code"),
        maintainers=tuple(_drawn_items(chosen, "maintenance", "maintenance")[:MAX_NAMES])
        if maintainers and maintainers.fact.origin != CURATED
        else (),
        developers=_drawn_value(chosen, "developers", "developers"),
        fields=frozenset(choice.fact.field for choice in chosen.values()),
        disputed=frozenset(choice.fact.field for choice in chosen.values() if choice.disputed),
        lent={
            name: choice.fact.origin.removeprefix(PEER)
            for name, choice in chosen.items()
            if choice.fact.origin.startswith(PEER)
        },
    )


def _deepest_first(fact: Fact) -> tuple[int, str]:
    """Sort key by which the guide nearest to the top of the tree is the last of its kind, and stays."""
    path = str(fact.source.get("file") or "")
    return (-path.count("/"), path)


def _drawn_value(chosen: Mapping[str, ChosenFact], field: str, kind: str) -> Any:
    choice = chosen.get(field)
    drawn = draw_value(field, choice.value) if choice else None
    return drawn.value if drawn and drawn.kind == kind else None


def _drawn_items(chosen: Mapping[str, ChosenFact], field: str, kind: str) -> list[Any]:
    items: list[Any] = _drawn_value(chosen, field, kind) or []
    return items


def _text(drawn: DrawnValue) -> str | None:
    return drawn.value if drawn.kind == "text" else None


def _words(drawn: DrawnValue) -> Mapping[str, str] | None:
    return drawn.value if drawn.kind == "words" else None


def _features(drawn: DrawnValue) -> tuple[Feature, ...] | None:
    if drawn.kind != "lines":
        return None
    return features_of_lines({tag: lines[:MAX_LINES] for tag, lines in drawn.value.items()})


def _terms(drawn: DrawnValue) -> tuple[str, ...] | None:
    return tuple(term for _, term in drawn.value) if drawn.kind == "terms" else None


def _address(drawn: DrawnValue) -> str | None:
    """An address that may stand in a link."""
    address = next((url for url in _names(drawn) or () if url.startswith(("https://", "http://"))), None)
    return address if drawn.kind == "addresses" else None


def _names(drawn: DrawnValue) -> tuple[str, ...] | None:
    return tuple(drawn.value) if drawn.kind in ("names", "addresses") else None


def _languages(drawn: DrawnValue) -> tuple[ScreenLanguage, ...] | None:
    """The most complete first."""
    if drawn.kind != "languages":
        return None
    ranked = sorted(drawn.value, key=lambda pair: -(COMPLETE_PERCENT if pair[1] is None else pair[1]))
    return tuple(ScreenLanguage(term, None if percent == COMPLETE_PERCENT else percent) for term, percent in ranked)


_VALUE_OF_FIELD: Mapping[str, Callable[[DrawnValue], Any]] = {
    "name": _text,
    "summary": _words,
    "description": _words,
    FEATURES: _features,
    "languages": _languages,
    "platforms": _terms,
    "homepage": _address,
    "documentation": _address,
    "roadmap": _address,
    "demo": _address,
    "issues": _address,
    "security_contact": _address,
    "programming_languages": _names,
    "standards": _names,
    "funding": _names,
}
