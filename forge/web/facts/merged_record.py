"""A project's record as its page shows it: what it leaves open is taken from whoever else knows, by the rules of trust.

Pure. What only the code tells (guides, ways to install it, versions, size) stands apart, drawn and with its source.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.model import Project, ScreenLanguage
from catalog.rules.fact import CURATED, PEER, Chosen, Fact
from catalog.rules.fallback import completed
from forge.web.facts.facts import Origin, origin
from forge.web.facts.values import Drawn, draw

VERSIONS = 3
LINES = 7  # of what it can do, as the document has at most
NAMES = 12
WHOLE = 100  # percent


@dataclass(frozen=True)
class Guide:
    """A file for people: `label` is what it tells, as a msgid."""

    label: str
    origin: Origin


@dataclass(frozen=True)
class Told:
    """What stands beside the record; empty or None where nobody told it."""

    guides: tuple[Guide, ...]
    installs: tuple[str, ...]  # terms of the vocabulary `install`
    versions: tuple[Mapping[str, Any], ...]  # newest first
    code: Mapping[str, Any] | None
    keepers: tuple[Mapping[str, Any], ...]  # organizations that a file names, where the record names nobody
    fields: frozenset[str]  # of which something is said: each has its place on the page of facts
    disputed: frozenset[str]  # of which other sources say something else
    lent: Mapping[str, str]  # by field, the host of the catalogue whose word stands


def record_shown(record: Project, chosen: Mapping[str, Chosen]) -> Project:
    """The record with the strongest value of each field that files tell as well, and with what others tell of those
    that it leaves open."""
    taken = {}
    for field, as_value in _TAKEN.items():
        one = chosen.get(field)
        if one is not None and one.fact.origin != CURATED:
            value = as_value(draw(field, one.value))
            if value is not None:
                taken[field] = value
    return replace(completed(record, chosen), **taken)


def told(facts: Sequence[Fact], chosen: Mapping[str, Chosen], slug: str, code: bool) -> Told:
    """What the page shows beside the record. `code`: files may be linked to."""
    guides = {
        label: Guide(label, origin(fact, slug, code))
        for fact in sorted(facts, key=_deepest_first)
        if fact.field == "policies" and (drawn := draw("policies", fact.value)).kind == "sentences"
        for label in drawn.value
    }
    keepers = chosen.get("maintenance")
    return Told(
        guides=tuple(sorted(guides.values(), key=lambda one: one.label)),
        installs=tuple(slug for _, slug in _items(chosen, "installs", "terms")[:NAMES]),
        versions=tuple(_items(chosen, "releases", "releases")[:VERSIONS]),
        code=_drawn(chosen, "code", "code"),
        keepers=tuple(_items(chosen, "maintenance", "maintenance")[:NAMES])
        if keepers and keepers.fact.origin != CURATED
        else (),
        fields=frozenset(one.fact.field for one in chosen.values()),
        disputed=frozenset(one.fact.field for one in chosen.values() if one.disputed),
        lent={
            name: one.fact.origin.removeprefix(PEER) for name, one in chosen.items() if one.fact.origin.startswith(PEER)
        },
    )


def _deepest_first(fact: Fact) -> tuple[int, str]:
    """So that of several guides of a kind the one nearest to the top stays."""
    path = str(fact.source.get("file") or "")
    return (-path.count("/"), path)


def _drawn(chosen: Mapping[str, Chosen], field: str, kind: str) -> Any:
    one = chosen.get(field)
    drawn = draw(field, one.value) if one else None
    return drawn.value if drawn and drawn.kind == kind else None


def _items(chosen: Mapping[str, Chosen], field: str, kind: str) -> list[Any]:
    found: list[Any] = _drawn(chosen, field, kind) or []
    return found


def _text(drawn: Drawn) -> str | None:
    return drawn.value if drawn.kind == "text" else None


def _words(drawn: Drawn) -> Mapping[str, str] | None:
    return drawn.value if drawn.kind == "words" else None


def _lines(drawn: Drawn) -> Mapping[str, tuple[str, ...]] | None:
    return {tag: tuple(lines[:LINES]) for tag, lines in drawn.value.items()} if drawn.kind == "lines" else None


def _address(drawn: Drawn) -> str | None:
    """An address that may stand in a link."""
    found = next((one for one in _names(drawn) or () if one.startswith(("https://", "http://"))), None)
    return found if drawn.kind == "addresses" else None


def _names(drawn: Drawn) -> tuple[str, ...] | None:
    return tuple(drawn.value) if drawn.kind in ("names", "addresses") else None


def _languages(drawn: Drawn) -> tuple[ScreenLanguage, ...] | None:
    """The most complete first."""
    if drawn.kind != "languages":
        return None
    ranked = sorted(drawn.value, key=lambda pair: -(WHOLE if pair[1] is None else pair[1]))
    return tuple(ScreenLanguage(term, None if percent == WHOLE else percent) for term, percent in ranked)


_TAKEN: Mapping[str, Callable[[Drawn], Any]] = {
    "name": _text,
    "summary": _words,
    "description": _words,
    "features": _lines,
    "languages": _languages,
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
