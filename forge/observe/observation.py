"""Runs every observer on a snapshot of a repository and combines what they return into one record.

Pure: nothing is fetched, stored or rendered here, and no clock is read. Nobody is named: people are only counted.
An observer that fails loses its own facts and none of the others': `faults` names it.
"""

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from catalog.licenses.expressions import is_free
from catalog.vocabulary import vocabulary
from forge.observe import code_languages, installs, manifests, publiccode, translations
from forge.observe import license as license_files
from forge.observe.core import activity as activities
from forge.observe.core.activity import HistorySummary, Tag
from forge.observe.core.observed_fact import ObservedFact, utc_text
from forge.observe.core.readme import Readme, sort_readmes
from forge.observe.core.tree import Tree
from forge.observe.metadata import citation, codemeta, copyright, policies

PLATFORMS = "platforms"
UNLICENSED = "UNLICENSED"  # by which a manifest grants nothing to anybody
DOUBT_CHARACTERS = 300  # of a path that is a doubt
VERSION = 19  # raised when the same repository would give another record, so that stored observations are made anew

T = TypeVar("T")
Observer = Callable[[Tree], list[ObservedFact]]
Limited = Callable[[], AbstractContextManager[None]]  # bounds the time of its block; raises TooSlow in it


class TooSlow(BaseException):
    """An observer's time is over. A BaseException, so that no `except Exception` mistakes it for an unreadable file."""


@dataclass(frozen=True)
class ObserverFailure:
    """An observer that failed, which is a defect of ours: its name, what it raised, and where, for the log."""

    observer: str
    error: str  # the type of the exception; its message may hold a stranger's text
    trace: str


@dataclass(frozen=True)
class Snapshot:
    """A repository at the head of its default branch; `past` is the history of `line`, the branch on which work
    goes on.
    """

    head: str  # full commit id
    default_branch: str
    committed_at: datetime
    tree: Tree
    past: HistorySummary
    line: str = ""  # "": the default branch
    tags: tuple[Tag, ...] = ()
    size_bytes: int | None = None
    repositories: tuple[str, ...] = ()  # its addresses, as far as known


@dataclass(frozen=True)
class Observation:
    """The result for a snapshot: `facts`, the facts of all observers in their order, and what pages need quickly."""

    snapshot: Snapshot
    facts: tuple[ObservedFact, ...]
    faults: tuple[ObserverFailure, ...]
    free: bool | None  # of what the license files show; None: nothing sure
    readmes: tuple[Readme, ...]
    release: Tag | None
    license_doubts: tuple[str, ...] = ()  # files, folders and patterns that keep it from being called free

    def record(self) -> dict[str, Any]:
        """What pages read besides the facts, JSON-safe; what came from a file names the file, its id and the commit."""
        return {
            "version": VERSION,
            "commit": self.snapshot.head,
            "default_branch": self.snapshot.default_branch,
            "committed_at": utc_text(self.snapshot.committed_at),
            "license": next((self._license(fact) for fact in self.facts_of("license")), None),
            "free": self.free,
            "license_doubts": [path[:DOUBT_CHARACTERS] for path in self.license_doubts],
            "license_files": [
                {
                    "value": fact.value["license"],
                    "confidence": fact.value["confidence"],
                    **_sentences(fact),
                    **self.source(fact.path),
                }
                for fact in self.facts_of("license.file")
                if fact.value["license"]
            ],
            "unidentified_license_files": [
                {**_sentences(fact), **self.source(fact.path)}
                for fact in self.facts_of("license.file")
                if not fact.value["license"]
            ],
            "declared_licenses": [
                {"value": fact.value["license"], "stated": fact.value["stated"], **self.source(fact.path)}
                for fact in self.facts_of("license.manifest")
            ],
            "publiccode": next(
                (self.source(fact.path) for fact in self.facts_of("name") if fact.path in publiccode.words.FILES), None
            ),
            "readmes": [
                {"language": readme.language, "format": readme.format, **self.source(readme.path)}
                for readme in self.readmes
            ],
            "activity": next((fact.value for fact in self.facts_of("activity")), {})
            | {"commit": self.snapshot.head, "branch": self._other_line()},
            "release": self.release
            and {"value": self.release.name, "commit": self.release.oid, "date": utc_text(self.release.tagged_at)},
            "size_bytes": self.snapshot.size_bytes,
            "files": len(self.snapshot.tree.files),
            "whole": self.snapshot.tree.whole,
            "faults": [{"observer": fault.observer, "error": fault.error} for fault in self.faults],
        }

    def facts_of(self, field: str) -> tuple[ObservedFact, ...]:
        return tuple(fact for fact in self.facts if fact.field == field)

    def source(self, path: str | None) -> dict[str, Any]:
        """The source of a value: the commit, and the file with its id when a file states it."""
        at = {"commit": self.snapshot.head}
        if path is None:
            return at
        file = self.snapshot.tree.files.get(path)
        return {"file": path, "oid": file.oid if file else None, **at}

    def _other_line(self) -> str | None:
        """The branch whose history is counted, where that is not the default one."""
        line = self.snapshot.line
        return line if line and line != self.snapshot.default_branch else None

    def _license(self, fact: ObservedFact) -> dict[str, Any]:
        return {"value": fact.value, "files": [fact.path], **self.source(fact.path)}


def observe_snapshot(
    snapshot: Snapshot,
    now: datetime,
    limited: Limited = nullcontext,
    others: Mapping[str, Callable[[], list[ObservedFact]]] = MappingProxyType({}),
) -> Observation:
    """Observe the snapshot, as of `now`; each observer runs in a block of `limited`.

    `others` are observers of something else than the tree, by name; they may raise.
    """
    collector = _Collector(limited)
    licenses = _TreeLicenses(snapshot.tree)
    collector.ask("license", licenses.facts)
    for name, observer in OBSERVERS.items():
        collector.ask(name, partial(observer, snapshot.tree))
    collector.ask("publiccode", lambda: publiccode.observe_publiccode(snapshot.tree, snapshot.repositories))
    collector.ask("activity", lambda: activities.observe_activity(snapshot.past, snapshot.tags, now))
    for name, other_observer in others.items():
        collector.ask(name, other_observer)
    last = activities.release(snapshot.tags, now)
    contradicting = _contradicting_manifests(collector.facts) if licenses.free else ()
    return Observation(
        snapshot=snapshot,
        facts=(*_with_all_platforms(collector.facts), *_release(last)),
        faults=tuple(collector.faults),
        free=None if contradicting else licenses.free,
        readmes=tuple(sort_readmes(snapshot.tree)),
        release=last,
        license_doubts=contradicting or licenses.doubts,
    )


def _sentences(of_file: ObservedFact) -> dict[str, Any]:
    """What a license file says beside its license: what causes a doubt, and what does not."""
    return {name: of_file.value[name] for name in ("doubts", "beside") if name in of_file.value}


def _contradicting_manifests(facts: Iterable[ObservedFact]) -> tuple[str, ...]:
    """The manifests at the top that name a license that is not free, or none: a person has to decide.

    https://docs.npmjs.com/cli/v11/configuring-npm/package-json#license
    """
    stating = [fact for fact in facts if fact.field == "license.manifest" and fact.path and "/" not in fact.path]
    refusing = [fact for fact in stating if _refuses(fact.value)]
    return tuple(str(fact.path) for fact in refusing)


def _with_all_platforms(facts: Sequence[ObservedFact]) -> Iterator[ObservedFact]:
    """What publiccode.yml and the files for packages show of platforms adds up; the whole of it comes first."""
    stated = [fact for fact in facts if fact.field == PLATFORMS]
    known = {term for fact in stated for term in fact.value}
    yield from (fact for fact in facts if fact.field != PLATFORMS or fact.path)
    if len(known) > max((len(fact.value) for fact in stated if fact.path), default=0):
        yield ObservedFact(PLATFORMS, [term for term in vocabulary("platform").terms if term in known])


def _refuses(values: Mapping[str, Any]) -> bool:
    license = values.get("license")
    return is_free(license) is False if license else str(values.get("stated")).strip().upper() == UNLICENSED


def _release(last: Tag | None) -> Iterator[ObservedFact]:
    if last is not None:
        date = last.tagged_at.date().isoformat() if last.tagged_at else None
        yield ObservedFact("release", {"version": last.name, "date": date, "commit": last.oid})


class _TreeLicenses:
    """The licenses of the tree, read once for the facts and for what may be served; `free` is None until then."""

    def __init__(self, tree: Tree):
        self._tree = tree
        self.free: bool | None = None
        self.doubts: tuple[str, ...] = ()

    def facts(self) -> list[ObservedFact]:
        reading = license_files.read_licenses(self._tree)
        self.free, self.doubts = reading.free, reading.doubts
        return reading.facts()


class _Collector:
    """Runs observers one after the other; collects their facts, and those that failed."""

    def __init__(self, limited: Limited):
        self._limited = limited
        self.facts: list[ObservedFact] = []
        self.faults: list[ObserverFailure] = []

    def ask(self, name: str, observer: Callable[[], list[ObservedFact]]) -> None:
        facts, fault = run_limited(name, observer, self._limited)
        self.facts += facts or ()
        self.faults += [fault] if fault else ()


def run_limited(name: str, work: Callable[[], T], limited: Limited) -> tuple[T | None, ObserverFailure | None]:
    """The result of `work`, run in a block of `limited`; None and the fault where it fails."""
    try:
        with limited():
            return work(), None
    except (Exception, TooSlow) as error:
        return None, ObserverFailure(name, type(error).__name__, traceback.format_exc())


OBSERVERS: Mapping[str, Observer] = {
    "manifests": manifests.observe_manifests,
    "codemeta": codemeta.observe_codemeta,
    "citation": citation.observe_citation,
    "copyright": copyright.observe_copyright,
    "policies": policies.observe_policies,
    "installs": installs.observe_installs,
    "translations": translations.observe_translations,
    "code": code_languages.observe_code,
}
