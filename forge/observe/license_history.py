"""Derives the history of a repository's licenses from the top-level files after each commit that touched a license
file.

Pure: the caller passes these commits and the function that reads a content. Results are remembered for the same files,
so that a license text is read once in all of the history. Nothing is recorded of who changed it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from forge.observe.core.license_and_readme_names import (
    MANIFESTS,
    is_named_after_license,
    is_of_one_file,
    is_readme,
    is_reuse_file,
    license_name,
)
from forge.observe.core.tree import File, Tree
from forge.observe.license import read_licenses
from forge.observe.license.collected import VERSION as DETECTOR
from forge.observe.manifests import declared_license

VERSION = f"3, {DETECTOR}"  # another one whenever the same files would give another result
REUSE = "REUSE.toml"
ENTRIES = 100  # the first and the newest; the history of a license that changes more often is of no use
REMEMBERED = 500
_CHANGING = ("license", "free", "gone")  # a new entry begins where one of these changes

Read = Callable[[str], bytes | None]  # object id -> content, None where it is too large or cannot be read


@dataclass(frozen=True)
class LicenseStep:
    """What the license files, manifests and READMEs at the top were after a commit: path -> object id."""

    commit: str
    parent: str  # the commit before on the branch, "" where it begins
    at: datetime | None
    files: Mapping[str, str]


@dataclass(frozen=True)
class LicenseHistory:
    """`entries` as the field `license.history` has them, oldest first, only changes; with "gone" where no license file
    is left and no manifest states a license, which is not the same as a text that is not recognized.

    `free_commit` is the last commit known to be free: the head where it is. `told` is for the next reading.
    """

    head: str
    entries: tuple[Mapping[str, Any], ...]
    free_commit: str | None
    whole: bool  # False: what is older than the first entry was not read
    told: Mapping[str, Any] = field(default_factory=dict)
    checked: Mapping[str, bool] = field(default_factory=dict)  # commit -> whether its whole tree is free

    @property
    def once_free(self) -> str | None:
        """The last commit whose license files are free, where the head's are not."""
        return self.free_commit if self.free_commit != self.head else None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe, for `history_of`."""
        return {
            "version": VERSION,
            "head": self.head,
            "entries": [dict(entry) for entry in self.entries],
            "free_commit": self.free_commit,
            "whole": self.whole,
            "told": dict(self.told),
            "checked": dict(self.checked),
        }


def history_of(record: Mapping[str, Any] | None) -> LicenseHistory | None:
    """The inverse of `as_dict`; None for a record of another version or an invalid one."""
    if not isinstance(record, Mapping) or record.get("version") != VERSION:
        return None
    try:
        return LicenseHistory(
            head=str(record["head"]),
            entries=tuple(dict(entry) for entry in record["entries"]),
            free_commit=record["free_commit"],
            whole=bool(record["whole"]),
            told=dict(record["told"]),
            checked=dict(record["checked"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


def is_relevant(path: str) -> bool:
    """Whether a file's content may affect the license: a license text, a manifest, a README that says "or later"."""
    return _is_license(path) or is_readme(path) or path in MANIFESTS


def may_change_license(name: bytes) -> bool:
    """Whether a change of this name at the top may change the license: a README alone does not."""
    path = name.decode("utf-8", "surrogateescape")
    return _is_license(path) or path in MANIFESTS or path == "LICENSES"


def license_history(
    head: str, steps: Iterable[LicenseStep], load: Read, before: LicenseHistory | None = None, whole: bool = True
) -> LicenseHistory:
    """The history at `head`; `steps` are those since `before`, oldest first, or all when there is no `before`."""
    entries = list(before.entries) if before else []
    free = bool(before and before.free_commit == before.head)
    free_commit = None if free else before.free_commit if before else None
    readings: dict[str, Any] = {}
    memory: Mapping[str, Any] = before.told if before else {}
    texts: dict[str, dict[str, Any]] = {}
    last: Mapping[str, str] = {}
    for step in steps:
        key = key_of_files(step.files)
        if key not in readings:
            readings[key] = memory[key] if key in memory else license_of_files(step.files, load, texts)
        license, now_free, decisive = readings[key]
        if free and now_free is not True:
            free_commit = step.parent or free_commit
        free = now_free is True
        is_known = (license, now_free) != (None, None) or decisive is not None
        if entries or is_known:
            entry = {
                "commit": step.commit,
                "at": step.at.isoformat() if step.at else None,
                "license": license,
                "free": now_free,
                "path": decisive
                or _removed_license_file(last, step.files)
                or (entries[-1]["path"] if entries else None),
            }
            if not is_known:
                entry["gone"] = True
            if not entries or any(entries[-1].get(key) != entry.get(key) for key in _CHANGING):
                entries.append(entry)
        last = step.files
    for key in list(memory)[-REMEMBERED:]:
        readings.setdefault(key, memory[key])
    return LicenseHistory(
        head=head,
        entries=tuple(entries if len(entries) <= ENTRIES else [entries[0], *entries[1 - ENTRIES :]]),
        free_commit=head if free else free_commit,
        whole=whole and (before is None or before.whole),
        told=dict(list(readings.items())[:REMEMBERED]),
        checked=before.checked if before else {},
    )


def license_of_files(files: Mapping[str, str], load: Read, memory: dict[str, dict[str, Any]]) -> list[Any]:
    """License, whether it is free, and the file that decides; new results are added to `memory`."""
    texts = [path for path in files if _is_license(path)]
    if not texts:
        for path in MANIFESTS:
            data = load(files[path]) if path in files else None
            license_there = declared_license(path, data) if data is not None else None
            if license_there is not None:
                return [license_there.spdx, None, path]  # what is only stated does not make it free
        return [None, None, None]
    # Sizes are not known here: `load` enforces the bound.
    tree = Tree({path: File(oid, 0) for path, oid in files.items()}, lambda oid, _: load(oid), memory)
    reading = read_licenses(tree)
    for observer, remembered in tree.remembered.items():
        memory.setdefault(observer, {}).update(remembered)
    return [reading.license, reading.free, reading.sources[0] if reading.sources else min(texts, key=_by_role)]


def _is_license(path: str) -> bool:
    if "/" in path:
        return is_reuse_file(path)
    if is_named_after_license(path):
        return True
    return (license_name(path) is not None and not is_of_one_file(path)) or path == REUSE


def _by_role(path: str) -> tuple[bool, int, str]:
    return license_name(path) != "own" or is_reuse_file(path), len(path), path


def key_of_files(files: Mapping[str, str]) -> str:
    """A key that is equal for equal relevant files; manifests count where there is no license file."""
    texts = [path for path in files if _is_license(path)]
    others = [path for path in files if (is_readme(path) if texts else path in MANIFESTS)]
    lines = (f"{path}\0{files[path]}" for path in sorted({*texts, *others}))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def license_files(files: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """The license files among them, with their ids."""
    return frozenset((path, oid) for path, oid in files.items() if _is_license(path))


def _removed_license_file(last: Mapping[str, str], files: Mapping[str, str]) -> str | None:
    """The license file that is no longer there."""
    return next((path for path in sorted(last, key=_by_role) if path not in files and _is_license(path)), None)
