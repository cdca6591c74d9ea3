"""The licenses of a mirror's commits, at its head, before, and at the tips of its other refs: `forge.git` lists these
commits, `forge.observe` reads their files.

Nothing is kept here; it runs where observers do, in a child process.
"""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from forge.git import free_part, read, refs
from forge.git.license_commits import LicenseCommit, find_license_commits
from forge.observe.core.tree import MAX_FILE_BYTES, Tree
from forge.observe.license import read_licenses
from forge.observe.license_history import (
    VERSION,
    LicenseHistory,
    LicenseStep,
    history_of,
    is_relevant,
    key_of_files,
    license_files,
    license_of_files,
    may_change_license,
)
from forge.observe.license_history import license_history as build_history

TIP_SECONDS = 30.0  # for the tips of all refs at one visit; 10,000 new ones take about 5
_FOLDER_ROWS = 200  # of LICENSES/


def license_history(
    mirror: Path, head: str, before: Mapping[str, Any] | None = None, *, objects: read.ObjectReader | None = None
) -> LicenseHistory:
    """The licenses at `head` and before; `before` is what `as_dict` of the last one returned, None or outdated: from
    the beginning. `objects` is a reader of this mirror, if there is one already.

    Raises what `forge.git.read` raises for a damaged mirror.
    """
    earlier = history_of(before)
    if earlier and earlier.head == head:
        return earlier
    found = find_license_commits(mirror, head, may_change_license, earlier.head if earlier else "")
    if not found.since:
        earlier = None
    if objects is not None:
        return _read_history(objects, head, found.steps, earlier, found.whole)
    pool = read.ReaderPool(1)
    try:
        with pool.objects(mirror) as own:
            return _read_history(own, head, found.steps, earlier, found.whole)
    finally:
        pool.close()


def last_free(
    history: LicenseHistory, free: bool | None, tree: Callable[[str], Tree]
) -> tuple[LicenseHistory, str | None]:
    """The last commit up to which the code may be served, and the history that remembers how this was judged.

    `free` is what the whole tree of the head shows. Where it is not True, the commit before the license files ceased to
    be free counts only if its whole tree, from `tree`, is free as well: a folder may have been reserved before.
    """
    if free:
        return history, history.head
    once = history.once_free
    if once is None:
        return history, None
    if once not in history.checked:
        history = replace(history, checked={once: read_licenses(tree(once)).free is True})
    return history, once if history.checked[once] else None


def tip_licenses(
    mirror: Path,
    head: str,
    free: bool | None,
    objects: read.ObjectReader,
    *,
    before: Mapping[str, Any],
    told: Mapping[str, Any],
    seconds: float = TIP_SECONDS,
) -> dict[str, Any]:
    """What the license files at the tips of refs show that `head` does not reach, JSON-safe: `verdicts` by commit.

    A tip with the same license files as the head gets the head's answer; `free` is what the head's whole tree shows,
    which is read more closely than any other. `before` is what this returned last, `told` what the license history
    remembers: the files of a commit are listed once, and the same license files are read once, whatever names them.
    What does not fit into `seconds` is not known yet, and is read first at the next visit.
    """
    previous = before if before.get("version") == VERSION else {}
    keys: dict[str, list[str]] = dict(previous.get("keys") or {})
    answers: dict[str, bool | None] = {key: remembered[1] for key, remembered in told.items()} | dict(
        previous.get("answers") or {}
    )
    head_keys = _keys(_files(objects, head))
    texts: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + seconds
    tips = list(dict.fromkeys(tip.commit.decode() for tip in refs.tips(mirror, f"--no-merged={head}") if tip.commit))
    found: dict[str, str] = {}
    for tip in tips:
        if tip not in keys or keys[tip][0] not in answers:
            if time.monotonic() > deadline:
                continue
            try:
                files = _files(objects, tip, whole=True)
                keys[tip] = _keys(files)
                if keys[tip][0] not in answers:
                    answers[keys[tip][0]] = license_of_files(
                        files, lambda oid: read.blob(objects, oid, MAX_FILE_BYTES), texts
                    )[1]
            except read.ObjectMissing:  # a commit or tree larger than what our readers take
                found[tip] = free_part.UNKNOWN
                continue
        found[tip] = _verdict(keys[tip], head_keys, answers[keys[tip][0]], free)
    keys_of_tips = {tip: keys[tip] for tip in tips if tip in keys}
    wanted = {key for key, _ in keys_of_tips.values()}
    return {
        "version": VERSION,
        "verdicts": found,
        "keys": keys_of_tips,
        "answers": {key: answer for key, answer in answers.items() if key in wanted},
    }


def _verdict(tip: list[str], own: list[str], answer: bool | None, free: bool | None) -> str:
    """The verdict on a tip. A doubt from the head's other files applies to a tip with the same license files, whatever
    its README."""
    if tip[1] and tip[1] == own[1] and (tip[0] == own[0] or free is not True):
        return free_part.LIKE_HEAD
    return free_part.FREE if answer else free_part.UNKNOWN if answer is None else free_part.NOT_FREE


def _keys(files: Mapping[str, str]) -> list[str]:
    """Two keys: equal for equal relevant files, and equal for equal license files ("" where there is none)."""
    texts = license_files(files)
    return [key_of_files(files), hashlib.sha256(repr(sorted(texts)).encode()).hexdigest()[:24] if texts else ""]


def _read_history(
    objects: read.ObjectReader,
    head: str,
    touches: tuple[LicenseCommit, ...],
    earlier: LicenseHistory | None,
    whole: bool,
) -> LicenseHistory:
    steps = (LicenseStep(touch.commit, touch.parent, touch.at, _files(objects, touch.commit)) for touch in touches)
    return build_history(head, steps, lambda oid: read.blob(objects, oid, MAX_FILE_BYTES), earlier, whole)


def _files(objects: read.ObjectReader, commit: str, *, whole: bool = False) -> dict[str, str]:
    """The files at the top and in LICENSES/ that may decide, with their ids.

    Only the first rows of a folder are read. `whole`: raises ObjectMissing where the top has more, since a license file
    may be among the rest.
    """
    top = read.entries(objects, commit)
    if whole and len(top) >= read.ENTRIES:
        raise read.ObjectMissing(commit)
    rows = {_name(entry.name): entry for entry in top}
    folder = rows.get("LICENSES")
    if folder is not None and folder.kind == "tree":
        for entry in read.entries(objects, folder.oid, _FOLDER_ROWS):
            rows[f"LICENSES/{_name(entry.name)}"] = entry
    return {
        path: entry.oid
        for path, entry in rows.items()
        if entry.kind == "blob" and path.isprintable() and is_relevant(path)
    }


def _name(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
