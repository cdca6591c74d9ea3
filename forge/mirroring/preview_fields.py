"""Reads a preview's folder for the person who proposes the repository: the values with which a form can be filled in,
each with the file that states it. Runs in a child process, writes nothing, and keeps no person's name.

The same observers read as in a visit; of their facts those are kept that the form asks for.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.rules.fact import OBSERVED, ChosenFact, Fact, choose_facts
from forge.git import read
from forge.git.history import read_history
from forge.mirroring.cpu_limit import CpuBudget
from forge.mirroring.snapshot import MirrorFiles
from forge.observe.core.metadata_values import NO_LANGUAGE
from forge.observe.observation import Observation, Snapshot, observe_snapshot
from forge.observe.readme_intro import read_intro

OBSERVER_SECONDS, ALL_SECONDS = 4.0, 10.0  # of the processor
TEXT_CHARACTERS = 2_000
ITEMS = 40
# In the order in which the page shows them; what else observers find is read again by the first visit.
FIELDS = (
    *("name", "summary", "description", "license", "license.detected", "license.manifest", "languages", "homepage"),
    *("documentation", "demo", "issues", "repository", "publiccode.other_repository", "maintenance", "status"),
    *("development_status", "software_type", "domains.hint", "programming_languages", "code", "installs"),
)


def read_fields(folder: Path, now: datetime, repositories: tuple[str, ...]) -> dict[str, Any] | None:
    """The values found, JSON-safe; None when the folder holds no commit. Raises what `forge.git.read` raises.

    `values` maps a field to `value` and `file` (None where it comes from the whole tree). `license` and `free` are what
    the files show, `doubts` what keeps that from being sure. `readme` is its title, its first sentences and its file.
    """
    head = read.head(folder)
    if head is None:
        return None
    pool = read.ReaderPool(1)
    try:
        files = MirrorFiles(folder, pool)
        tree = files.tree(head.oid, None)
        committed_at = files.committed_at(head.oid)
        snapshot = Snapshot(
            head=head.oid,
            default_branch="",
            committed_at=committed_at or now,
            tree=tree,
            past=read_history(folder, head.oid, now),
            repositories=repositories,
        )
        observation = observe_snapshot(snapshot, now, CpuBudget(OBSERVER_SECONDS, ALL_SECONDS))
        readme = _readme(observation)
    finally:
        pool.close()
    return {
        "values": _values(observation, now),
        "free": observation.free,
        "doubts": list(observation.license_doubts[:ITEMS]),
        "unknown_licenses": [fact.path for fact in observation.facts_of("license.file") if not fact.value["license"]][
            :ITEMS
        ],
        "readme": readme,
        "committed_at": committed_at.isoformat() if committed_at else None,
        "files": len(tree.files),
        "whole": tree.whole,
        "faults": [[fault.observer, fault.error, fault.trace] for fault in observation.faults],
    }


def _values(observation: Observation, now: datetime) -> dict[str, Any]:
    facts = [
        Fact(fact.field, fact.value, OBSERVED, {"file": fact.path} if fact.path else {}, now, now)
        for fact in observation.facts
    ]
    chosen = choose_facts(facts)
    return {field: _value(chosen[field]) for field in FIELDS if field in chosen}


def _value(chosen: ChosenFact) -> dict[str, Any]:
    return {"value": _bounded(chosen.value), "file": chosen.fact.source.get("file")}


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return value[:TEXT_CHARACTERS]
    if isinstance(value, list):
        return [_bounded(element) for element in value[:ITEMS]]
    if isinstance(value, Mapping):
        return {key: _bounded(element) for key, element in list(value.items())[:ITEMS]}
    return value


def _readme(observation: Observation) -> dict[str, Any] | None:
    first = next(iter(observation.readmes), None)
    data = observation.snapshot.tree.read(first.path) if first else None
    if first is None or data is None:
        return None
    readme_intro = read_intro(data)
    return {
        "file": first.path,
        "language": first.language or NO_LANGUAGE,
        "title": readme_intro.title,
        "text": readme_intro.text,
    }
