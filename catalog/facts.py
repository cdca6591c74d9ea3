"""What is said of a record, by whom, since when, and which of it a page shows. Pure: it reads no store and no clock.

Whoever says something gives Statements; the store keeps each as a Fact with the times of its first and last saying.
`choose` holds the rules of trust: who is believed when several speak (design, 7.1).
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from dataclasses import field as filled
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from catalog import licenses
from catalog.model import Project

CURATED, DECLARED, OBSERVED, PEER = "curated", "declared", "observed", "peer:"
LICENSE, DETECTED = "license", "license.detected"  # of what is chosen: what is declared, and what the files show
USABLE_PERCENT = 50  # of a translation that a mirror shows: below, nobody would call the screens translated
WRITTEN_PERCENT = 10  # of the code: below, a language is a script beside the program


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

    `seen_at` is the last time that somebody looked at something new and found it so: a document with another record, a
    repository with another commit.
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


@dataclass(frozen=True)
class Field:
    """How a value is read and when it counts as another one.

    `kind`: text | term | words | lines | url | urls | names | terms | claims | languages | license | flag | structure.
    `each`: every source states its own, so that several stand side by side and none contradicts.
    `kept`: another value closes the fact, which stays as history; else the one row is written over.
    """

    kind: str
    each: bool = False
    kept: bool = True


# In the order in which people ask: what is it, may I use it, for whom, how do I get it, who stands behind it, the rest.
FIELDS: Mapping[str, Field] = {
    "name": Field("text"),
    "summary": Field("words"),
    "description": Field("words"),
    "features": Field("lines"),
    LICENSE: Field("license"),
    "license.folder": Field("structure", each=True),
    "license.file": Field("structure", each=True),
    "license.manifest": Field("structure", each=True),
    "license.history": Field("structure", kept=False),
    "context_only": Field("flag"),
    "status": Field("term"),
    "development_status": Field("term"),
    "activity": Field("structure", kept=False),
    "release": Field("structure"),
    "releases": Field("structure", each=True, kept=False),
    "domains": Field("terms"),
    "categories": Field("names"),
    "made_for": Field("terms"),
    "audiences": Field("claims"),
    "audience_scope": Field("names"),
    "inclusion": Field("claims"),
    "accessibility": Field("structure"),
    "languages": Field("languages"),
    "translations": Field("structure", each=True, kept=False),
    "deployment_countries": Field("terms"),
    "replaces": Field("names"),
    "runs": Field("structure"),
    "software_type": Field("term"),
    "installs": Field("terms"),
    "cost": Field("words"),
    "leaving": Field("structure"),
    "standards": Field("names"),
    "repository": Field("url"),
    "other_repositories": Field("urls"),
    "homepage": Field("url"),
    "documentation": Field("url"),
    "demo": Field("url"),
    "issues": Field("url"),
    "roadmap": Field("url"),
    "screenshots": Field("names"),
    "maintenance": Field("structure"),
    "governance": Field("words"),
    "funding": Field("urls"),
    "security_contact": Field("url"),
    "relations": Field("structure"),
    "based_on": Field("urls"),
    "used_by": Field("names"),
    "policies": Field("structure", each=True),
    "programming_languages": Field("names"),
    "code": Field("structure", kept=False),
    "dependencies": Field("structure", each=True, kept=False),
    "problems": Field("structure", each=True, kept=False),
    "unreadable": Field("structure", each=True, kept=False),
}
ONLY_OBSERVED = frozenset({"activity", "release", "releases", "code", "license.history"})  # only a repository knows
HIDDEN = frozenset({"used_by"})  # waits for each organization's word (rules of trust, 2)
# Of what several files of a repository state, these are written to be read by catalogues; the others come by depth.
_WRITTEN_FOR_CATALOGS = ("publiccode.yml", "publiccode.yaml", "codemeta.json", "citation.cff")
_NO_FACT = {"slug", "id", "former", "adoptions", "sources", "notes"}
_UNKNOWN = Field("structure")


def of_project(project: Project) -> list[Statement]:
    """What the document's record says, each key with a value; the record's sources stand behind all of it.

    Adoptions are none of it: they have visibility and statements of their own. Of those who maintain it, organizations
    only: a person who takes the name back must not find it in a history.
    """
    source = {"urls": list(project.sources)} if project.sources else {}
    said = []
    for name in _STATED:
        value = getattr(project, name)
        if not value:
            continue
        if name == "languages":
            value = [{"term": one.term} | ({} if one.percent is None else {"percent": one.percent}) for one in value]
        elif name == "maintenance":
            value = [{"organization": one.organization, "role": one.role} for one in value if one.organization]
            if not value:
                continue
        elif not isinstance(value, str | bool):
            value = _plain(value)
        said.append(Statement(name, value, source))
    return said


_STATED = tuple(one.name for one in fields(Project) if one.name not in _NO_FACT)


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


def digest(value: Any) -> str:
    """24 characters that two JSON values share only when they are the same."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def essence(name: str, value: Any) -> Any:
    """The part of a value whose change is news: a percent more of a translation and a further commit are none."""
    rule = FIELDS.get(name, _UNKNOWN)
    if not rule.kept:
        return None
    if rule.kind == "languages":
        return sorted(_languages(value))
    if isinstance(value, Mapping) and "confidence" in value:
        return {key: one for key, one in value.items() if key != "confidence"}
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
    for name in sorted(by_field, key=_place):
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
        else:
            found[name] = _chosen(name, ranked)
    return found


def _chosen(name: str, ranked: Sequence[Fact]) -> Chosen:
    first, *others = ranked
    voices: dict[str, Fact] = {}
    for one in others:
        if one.origin != first.origin:
            voices.setdefault(one.origin, one)
    each = FIELDS.get(name, _UNKNOWN).each
    disputed = not each and any(differs(name, first.value, one.value) for one in voices.values())
    return Chosen(first.value, first, tuple(others), disputed)


def _place(name: str) -> tuple[int, str]:
    return (_PLACES.get(name, len(_PLACES)), name)


_PLACES = {name: place for place, name in enumerate(FIELDS)}


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
    place = (0, 0) if not path else (path.count("/") + 1, written)
    return (rank, -fact.seen_at.timestamp() if rank < 2 else 0.0, *place, fact.origin, path, digest(fact.value))


def differs(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a field disagree in meaning, not in wording, order or how much they tell."""
    kind = FIELDS.get(name, _UNKNOWN).kind
    return _DIFFERS.get(kind, _plainly)(one, other)


def _plainly(one: Any, other: Any) -> bool:
    return digest(one) != digest(other)


def _never(one: Any, other: Any) -> bool:
    return False


def _apart(one: Iterable[str], other: Iterable[str]) -> bool:
    """Sets disagree when each holds what the other lacks; one that says more does not contradict."""
    mine, theirs = set(one), set(other)
    return not (mine <= theirs or theirs <= mine)


def _licenses(one: Any, other: Any) -> bool:
    try:
        return licenses.agrees(str(one), str(other)) is False
    except ValueError:  # no expression that we can read: that is told where the license is shown
        return False


def _languages(value: Any) -> set[str]:
    return {str(one.get("term")) if isinstance(one, Mapping) else str(one) for one in _list(value)}


def _main_languages(value: Any) -> set[str]:
    return {tag.partition("-")[0].lower() for tag in _languages(value)}


def _names(value: Any) -> set[str]:
    return {_letters(str(one)) for one in _list(value)}


def _claims(value: Any) -> set[str]:
    return {str(one.get("term")) for one in _list(value) if isinstance(one, Mapping)}


def _addresses(value: Any) -> set[str]:
    return {_address(one) for one in _list(value)}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum()) or text


def _address(value: Any) -> str:
    """An address without what leads to the same place either way: scheme, www., .git, a last slash."""
    try:
        parts = urlsplit(str(value))
        host, path = (parts.hostname or "").removeprefix("www."), parts.path
    except ValueError:
        return str(value)
    return f"{host}{re.sub(r'(?:[.]git)?/*$', '', path)}?{parts.query}#{parts.fragment}".lower()


_DIFFERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "text": lambda one, other: _letters(str(one)) != _letters(str(other)),
    "words": _never,
    "lines": _never,
    "structure": _never,
    "license": _licenses,
    "url": lambda one, other: _address(one) != _address(other),
    "urls": lambda one, other: _apart(_addresses(one), _addresses(other)),
    "names": lambda one, other: _apart(_names(one), _names(other)),
    "terms": lambda one, other: _apart(_names(one), _names(other)),
    "claims": lambda one, other: _apart(_claims(one), _claims(other)),
    "languages": lambda one, other: _apart(_main_languages(one), _main_languages(other)),
}


def usable_languages(value: Any) -> tuple[str, ...]:
    """The tags of a `languages` value whose screens are at least half translated, as far as that is known."""
    kept = {}
    for one in _list(value):
        term = one.get("term") if isinstance(one, Mapping) else one
        percent = one.get("percent") if isinstance(one, Mapping) else None
        if isinstance(term, str) and (percent is None or percent >= USABLE_PERCENT):
            kept[term] = True
    return tuple(kept)


def written_in(value: Any) -> tuple[str, ...]:
    """The programming languages of a `code` value that make up a tenth of it or more."""
    languages = value.get("languages") if isinstance(value, Mapping) else ()
    return tuple(str(one["name"]) for one in _list(languages) if (one.get("percent") or 0) >= WRITTEN_PERCENT)
