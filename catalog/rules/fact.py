"""Facts: what is stated of a record, by whom, since when, and which of it a page shows. Pure functions: no store, no
clock.

Observers, documents and people give Statements; the store keeps each as a Fact with the times when it was first and
last stated. `choose_facts` implements the rules of trust: who is believed when several disagree
(docs/decisions/067-rules-of-trust.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as filled
from datetime import datetime
from typing import Any

from catalog.rules.fields import FIELDS, LICENSE, field_of, sort_key, value_digest, values_differ
from catalog.rules.record_values.feature import FEATURES, WITH_SOURCES, lines_in_record
from catalog.rules.record_values.screenshot import SCREENSHOTS, paths_in_record

CURATED, DECLARED, OBSERVED, PEER = "curated", "declared", "observed", "peer:"
REPOSITORY = "repository"
UNREVIEWED = "unreviewed"  # in the source of a declared value: its sender was verified then, and nobody reviewed it
DESK = "desk"  # in the source of a declared value: a moderator edited the record
DETECTED_LICENSE = (
    "license.detected"  # key in what `choose_facts` returns: the license of the files; LICENSE: the declared one
)

__all__ = [
    "CURATED",
    "DECLARED",
    "DESK",
    "DETECTED_LICENSE",
    "FIELDS",
    "LICENSE",
    "NAMING_FIELDS",
    "OBSERVED",
    "ONLY_OBSERVED",
    "PEER",
    "ChosenFact",
    "Fact",
    "Statement",
    "choose_facts",
    "source_of_value",
    "statements_of_record",
]


@dataclass(frozen=True)
class Statement:
    """One statement. `field` is one of FIELDS, or a newer one; `value` is JSON-safe.

    `source` holds `file` with `oid` and a commit, or that alone, or `evidence` (of this value; each a `source` with the
    day `seen_at`), or `urls` (of the whole record), or `declaration`; `maintainer: true` beside a submission says
    that a verified maintainer made it: the project's own statement. `desk: true` says that a moderator edited the
    record.
    """

    field: str
    value: Any
    source: Mapping[str, Any] = filled(default_factory=dict)


@dataclass(frozen=True)
class Fact:
    """A statement as it is stored. `until` is when it was no longer made; None: it still is. Times are aware UTC.

    `seen_at` is the last time that it was found so: a visit that read another commit, a submission that was confirmed
    again. A curated value was seen when it was written.
    """

    field: str
    value: Any
    origin: str  # curated | declared | observed | peer:<instance id or imported list>
    source: Mapping[str, Any]
    first_seen_at: datetime
    seen_at: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class ChosenFact:
    """What a page shows of a field: the strongest fact, and whether another origin states something else."""

    fact: Fact
    others: tuple[Fact, ...] = ()  # of the same field, strongest first
    disputed: bool = False

    @property
    def value(self) -> Any:
        return self.fact.value


ONLY_OBSERVED = frozenset({"activity", "release", "releases", "code", "license.history"})  # only a repository shows it
NAMING_FIELDS = frozenset({"name", "summary"})  # no record without them: a record belongs to the origin of these
# Files of a repository that are written for catalogues come first, in this order; the others come by depth.
_FILES_FOR_CATALOGS = ("publiccode.yml", "publiccode.yaml", "codemeta.json", "citation.cff")
# not as in a record
_SHAPED = {*WITH_SOURCES, SCREENSHOTS, "last_change", "languages", "support", "maintenance"}
_KEYS_WITHOUT_FACT = {"slug", "id", "former", "adoptions", "translated", "evidence", "sources", "notes"}


def statements_of_record(record: Mapping[str, Any]) -> list[Statement]:
    """The statements of the JSON shape of a document's project, one for each key with a value. Its source is its
    evidence; without any, the sources of the whole record.

    Adoptions are not among them: they have visibility and statements of their own. Of maintainers there are only
    organizations: a person who withdraws their name must not find it in a history.
    """
    statements = []
    evidence, own = record.get("evidence") or {}, _sources_of_record(record)
    for name, value in record.items():
        if name in _KEYS_WITHOUT_FACT or not value:
            continue
        if name not in _SHAPED and name not in evidence:  # most of them
            statements.append(Statement(name, value, own))
            continue
        if name == FEATURES:
            value = lines_in_record(value)
        elif name == SCREENSHOTS:
            value = paths_in_record(value)
        elif name == "last_change":
            value = {key: entry for key, entry in value.items() if entry and key not in ("source", "seen_at")}
        elif name == "languages":
            value = [language if isinstance(language, dict) else {"term": language} for language in value]
        elif name == "support" and isinstance(value, str):
            value = {"url": value}
        elif name == "maintenance":
            value = [
                {key: maintainer[key] for key in ("organization", "role")}
                for maintainer in value
                if maintainer.get("organization")
            ]
            if not value:
                continue
        statements.append(Statement(name, value, source_of_value(record, name)))
    return statements


def source_of_value(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The `source` of a statement: the evidence of this value, each source once; without any, the record's sources."""
    value = record.get(name)
    if name in WITH_SOURCES:
        carrying: Sequence[Any] = value if isinstance(value, list) else ()
    elif name == "last_change":
        carrying = [value]
    else:
        entry = (record.get("evidence") or {}).get(name)
        carrying = [] if entry is None else [{"source": entry} if isinstance(entry, str) else entry]
    if carrying:
        places = ({key: place[key] for key in ("source", "seen_at") if place.get(key)} for place in carrying)
        if evidence := list({tuple(place.values()): place for place in places if place}.values()):
            return {"evidence": evidence}
    return _sources_of_record(record)


def _sources_of_record(record: Mapping[str, Any]) -> dict[str, Any]:
    return {"urls": record["sources"]} if record.get("sources") else {}


def choose_facts(facts: Iterable[Fact]) -> dict[str, ChosenFact]:
    """What a page shows of each field, by the rules of trust; fields in the order of FIELDS, others after them.

    The maintainers' own statement comes first, then an edit by a moderator, which holds until the document says the
    same, then the later of a decided submission and a curated value, then what was observed, then peers. What only a
    repository can show is never taken from anybody else. Of the license two are chosen: `license` as declared,
    `license.detected` as observed; a page shows both, and either may be missing.
    """
    by_field: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.until is None:
            by_field.setdefault(fact.field, []).append(fact)
    chosen: dict[str, ChosenFact] = {}
    for name in sorted(by_field, key=sort_key):
        facts_of_field = by_field[name]
        ranked = sorted(facts_of_field, key=_order_of_trust) if len(facts_of_field) > 1 else facts_of_field
        if name == LICENSE:
            declared = [fact for fact in ranked if fact.origin != OBSERVED]
            detected = [fact for fact in ranked if fact.origin == OBSERVED]
            for key, first, second in ((LICENSE, declared, detected), (DETECTED_LICENSE, detected, declared)):
                if first:
                    chosen[key] = _choose_first(name, [*first, *second])
        elif name in ONLY_OBSERVED:
            observed = [fact for fact in ranked if fact.origin == OBSERVED]
            if observed:
                chosen[name] = _choose_first(name, observed)
        elif name == REPOSITORY:
            # Another address that the record states itself contradicts nothing.
            also = [url for fact in by_field.get("other_repositories", ()) for url in fact.value]
            chosen[name] = _choose_first(name, ranked, also)
        else:
            chosen[name] = _choose_first(name, ranked)
    return chosen


def _choose_first(name: str, ranked: Sequence[Fact], also: Sequence[Any] = ()) -> ChosenFact:
    """Choose the first; disputed when another origin states what differs from it and from all of `also`."""
    first, *others = ranked
    if not others:
        return ChosenFact(first)
    by_origin: dict[str, Fact] = {}
    for fact in others:
        if fact.origin != first.origin:
            by_origin.setdefault(fact.origin, fact)
    same = (first.value, *also)
    disputed = not field_of(name).each and any(
        all(values_differ(name, value, fact.value) for value in same) for fact in by_origin.values()
    )
    return ChosenFact(first, tuple(others), disputed)


def _order_of_trust(fact: Fact) -> tuple[Any, ...]:
    """Sorts the most trusted first. Equal ones have a fixed order, so that a page never changes without cause."""
    if fact.origin == DECLARED and fact.source.get("maintainer"):
        rank = 0
    elif fact.origin == DECLARED and fact.source.get(DESK):
        rank = 1
    elif fact.origin in (DECLARED, CURATED):
        rank = 2
    else:
        rank = 3 if fact.origin == OBSERVED else 4
    path = str(fact.source.get("file") or "")
    lower = path.rpartition("/")[2].lower()
    for_catalogs = lower in _FILES_FOR_CATALOGS
    written = _FILES_FOR_CATALOGS.index(lower) if for_catalogs else len(_FILES_FOR_CATALOGS)
    # What is observed of the whole tree or history has no file and comes before what a single file states.
    depth = (0, 0) if not path else (path.count("/") + 1, written)
    return (rank, -fact.seen_at.timestamp() if rank < 3 else 0.0, *depth, fact.origin, path, value_digest(fact.value))
