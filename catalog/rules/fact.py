"""What is said of a record, by whom, since when, and which of it a page shows. Pure: it reads no store and no clock.

Whoever says something gives Statements; the store keeps each as a Fact with the times of its first and last saying.
`choose` holds the rules of trust: who is believed when several speak (design, 7.1).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from dataclasses import field as filled
from datetime import datetime
from typing import Any

from catalog.model import Project
from catalog.rules.fields import FIELDS, LICENSE, differs, digest, place, rule

CURATED, DECLARED, OBSERVED, PEER = "curated", "declared", "observed", "peer:"
REPOSITORY = "repository"
DETECTED = "license.detected"  # of what is chosen: what the files show, beside LICENSE, what is declared

__all__ = [
    "CURATED",
    "DECLARED",
    "DETECTED",
    "FIELDS",
    "HIDDEN",
    "LICENSE",
    "NAMING",
    "OBSERVED",
    "ONLY_OBSERVED",
    "PEER",
    "Chosen",
    "Fact",
    "Statement",
    "choose",
    "of_project",
    "of_record",
]


@dataclass(frozen=True)
class Statement:
    """One thing said. `field` is one of FIELDS, or a newer one; `value` is JSON-safe.

    `source` holds `file` with `oid` and `commit`, or `commit` alone, or `urls`, or `declaration`; `maintainer: true`
    beside a declaration says that a verified maintainer made it: the record's own voice. What is not `public` leaves
    the store by no reading.
    """

    field: str
    value: Any
    source: Mapping[str, Any] = filled(default_factory=dict)
    public: bool = True


@dataclass(frozen=True)
class Fact:
    """One statement as it is kept. `until` is when it was no longer said; None: it still is. Times are aware UTC.

    `seen_at` is the last time that somebody looked and found it so: a visit that read another commit, a declaration
    that was confirmed again. A curated value was looked at when it was written.
    """

    field: str
    value: Any
    origin: str  # curated | declared | observed | peer:<host>
    source: Mapping[str, Any]
    first_seen_at: datetime
    seen_at: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Chosen:
    """What a page shows of a field: the strongest fact, and whether another origin says something else."""

    value: Any
    fact: Fact
    others: tuple[Fact, ...] = ()  # of the same field, strongest first
    disputed: bool = False


ONLY_OBSERVED = frozenset({"activity", "release", "releases", "code", "license.history"})  # only a repository knows
NAMING = frozenset({"name", "summary"})  # without which there is no record: whose these are, its record is
HIDDEN = frozenset({"used_by"})  # waits for each organization's word (rules of trust, 2)
# Of what several files of a repository state, these are written to be read by catalogues; the others come by depth.
_WRITTEN_FOR_CATALOGS = ("publiccode.yml", "publiccode.yaml", "codemeta.json", "citation.cff")
_NO_FACT = {"slug", "id", "former", "adoptions", "translated", "sources", "notes"}


def of_project(project: Project) -> list[Statement]:
    """What a curated record says: see `of_record`."""
    return of_record(_plain(project))


def of_record(record: Mapping[str, Any]) -> list[Statement]:
    """What the JSON shape of a document's project says, each key with a value; its sources stand behind all of it.

    Adoptions are none of it: they have visibility and statements of their own. Of those who maintain it, organizations
    only: a person who takes the name back must not find it in a history.
    """
    source = {"urls": record["sources"]} if record.get("sources") else {}
    said = []
    for name, value in record.items():
        if name in _NO_FACT or not value:
            continue
        if name == "languages":
            value = [one if isinstance(one, dict) else {"term": one} for one in value]
        elif name == "support" and isinstance(value, str):
            value = {"url": value}
        elif name == "maintenance":
            value = [{key: one[key] for key in ("organization", "role")} for one in value if one.get("organization")]
            if not value:
                continue
        said.append(Statement(name, value, source))
    return said


def _plain(value: Any) -> Any:
    """A value of the model as JSON: what nobody stated is left out."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        stated = ((one.name, getattr(value, one.name)) for one in fields(value))
        return {name: _plain(one) for name, one in stated if one not in (None, "", (), {})}
    return value


def choose(facts: Iterable[Fact]) -> dict[str, Chosen]:
    """What a page shows of each field, by the rules of trust; fields in the order of FIELDS, others behind.

    The record's own voice first, then the later of a decided declaration and a curated value, then what was observed,
    then peers. What only a repository can know is never taken from anybody else. Of the license two are chosen:
    `license` as declared, `license.detected` as observed; a page shows both, and either may be missing.
    """
    by_field: dict[str, list[Fact]] = {}
    for one in facts:
        if one.until is None:
            by_field.setdefault(one.field, []).append(one)
    found: dict[str, Chosen] = {}
    for name in sorted(by_field, key=place):
        ranked = sorted(by_field[name], key=_strength)
        if name == LICENSE:
            said = [one for one in ranked if one.origin != OBSERVED]
            seen = [one for one in ranked if one.origin == OBSERVED]
            for key, mine, others in ((LICENSE, said, seen), (DETECTED, seen, said)):
                if mine:
                    found[key] = _chosen(name, [*mine, *others])
        elif name in ONLY_OBSERVED:
            observed = [one for one in ranked if one.origin == OBSERVED]
            if observed:
                found[name] = _chosen(name, observed)
        elif name == REPOSITORY:
            # Another address that the record states itself contradicts nothing.
            stated = [url for one in by_field.get("other_repositories", ()) for url in one.value]
            found[name] = _chosen(name, ranked, stated)
        else:
            found[name] = _chosen(name, ranked)
    return found


def _chosen(name: str, ranked: Sequence[Fact], also: Sequence[Any] = ()) -> Chosen:
    """What the first says; disputed when another origin says what differs from it and from all of `also`."""
    first, *others = ranked
    voices: dict[str, Fact] = {}
    for one in others:
        if one.origin != first.origin:
            voices.setdefault(one.origin, one)
    same = (first.value, *also)
    disputed = not rule(name).each and any(
        all(differs(name, value, one.value) for value in same) for one in voices.values()
    )
    return Chosen(first.value, first, tuple(others), disputed)


def _strength(fact: Fact) -> tuple[Any, ...]:
    """Sorts the most believed first. Equal ones come in an order of their own, so that a page never wavers."""
    if fact.origin == DECLARED and fact.source.get("maintainer"):
        rank = 0
    elif fact.origin in (DECLARED, CURATED):
        rank = 1
    else:
        rank = 2 if fact.origin == OBSERVED else 3
    path = str(fact.source.get("file") or "")
    lower = path.rpartition("/")[2].lower()
    for_catalogs = lower in _WRITTEN_FOR_CATALOGS
    written = _WRITTEN_FOR_CATALOGS.index(lower) if for_catalogs else len(_WRITTEN_FOR_CATALOGS)
    # What the whole tree or history tells has no file and comes before what a single file states.
    depth = (0, 0) if not path else (path.count("/") + 1, written)
    return (rank, -fact.seen_at.timestamp() if rank < 2 else 0.0, *depth, fact.origin, path, digest(fact.value))
