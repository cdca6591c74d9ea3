"""The licenses of a mirror's commits, at its head, before, and at the tips of its other refs: `forge.git` lists these
commits, `forge.observe` reads their files.

Nothing is kept here; it runs where observers do, in a child process.
"""

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from forge.git import read, refs
from forge.git.license_commits import LicenseCommit, find_license_commits
from forge.git.runner import GitFailed
from forge.observe.core.tree import MAX_FILE_BYTES, Tree
from forge.observe.license import read_licenses
from forge.observe.license_history import (
    LicenseHistory,
    LicenseStep,
    history_of,
    is_relevant,
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
    license_commits = find_license_commits(mirror, head, may_change_license, earlier.head if earlier else "")
    if not license_commits.since:
        earlier = None
    if objects is not None:
        return _read_history(objects, head, license_commits.steps, earlier, license_commits.whole)
    pool = read.ReaderPool(1)
    try:
        with pool.objects(mirror) as own:
            return _read_history(own, head, license_commits.steps, earlier, license_commits.whole)
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


def free_tips(
    mirror: Path, head: str, may_serve: bool, served: frozenset[str], seconds: float = TIP_SECONDS
) -> frozenset[str]:
    """The commits at the tips of refs, those of kept refs too, whose license files are by their ids those of a state
    that was judged free, or are free by themselves.

    Such states are the commits in `served`, and the head if it `may_serve`; with the license files of a head that may
    not, nothing else is free. What does not fit into `seconds` is not free yet. Raises what `forge.git.read` raises for
    a damaged mirror.
    """
    try:
        listed = refs.tips(mirror, *([f"--no-merged={head}"] if may_serve else []))
    except GitFailed as fault:
        raise read.MirrorUnreadable(str(fault)) from fault
    tips = {tip.commit.decode() for tip in listed if tip.commit}
    deadline, pool = time.monotonic() + seconds, read.ReaderPool(1)
    answers: dict[frozenset[tuple[str, str]], bool] = {}
    texts: dict[str, dict[str, Any]] = {}
    tips_there = set(tips & set(served))
    try:
        with pool.objects(mirror) as objects:
            for commit in served:
                with contextlib.suppress(read.ObjectMissing):
                    answers[license_files(_files(objects, commit))] = True
            answers[license_files(_files(objects, head))] = may_serve
            answers[frozenset()] = False
            for tip in sorted(tips - tips_there):
                if time.monotonic() > deadline:
                    break
                with contextlib.suppress(read.ObjectMissing):  # also a tree larger than what our readers take
                    files = _files(objects, tip, whole=True)
                    key = license_files(files)
                    if key not in answers:
                        read_file = partial(read.blob, objects, max_bytes=MAX_FILE_BYTES)
                        answers[key] = license_of_files(files, read_file, texts)[1] is True
                    if answers[key]:
                        tips_there.add(tip)
    finally:
        pool.close()
    return frozenset(tips_there)


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
