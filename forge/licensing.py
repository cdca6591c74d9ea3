"""The license history of a mirror: git says which commits touched license files, observation what they show.

It reads a mirror and keeps nothing; it runs where observers do, in a child that ends.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from forge.git import read
from forge.git.touched import Touch, touched
from forge.observe.files import MAX_FILE_BYTES
from forge.observe.license import reading
from forge.observe.license_history import LicenseHistory, Step, counted, history_of, telling
from forge.observe.license_history import license_history as told_by
from forge.observe.tree import Tree

_FOLDER_ROWS = 200  # of LICENSES/


def license_history(
    mirror: Path, head: str, before: Mapping[str, Any] | None = None, *, objects: read.Objects | None = None
) -> LicenseHistory:
    """The licenses at `head` and before; `before` is what `as_dict` of the last one gave, None or outdated: from the
    beginning. `objects` is a reader of this mirror, if there is one already.

    Raises what `forge.git.read` raises for a damaged mirror.
    """
    earlier = history_of(before)
    if earlier and earlier.head == head:
        return earlier
    found = touched(mirror, head, telling, earlier.head if earlier else "")
    if not found.since:
        earlier = None
    if objects is not None:
        return _told(objects, head, found.steps, earlier, found.whole)
    pool = read.Pool(1)
    try:
        with pool.objects(mirror) as own:
            return _told(own, head, found.steps, earlier, found.whole)
    finally:
        pool.close()


def last_free(
    history: LicenseHistory, free: bool | None, tree: Callable[[str], Tree]
) -> tuple[LicenseHistory, str | None]:
    """The last commit up to which the code may be served, and the history that remembers how this was judged.

    `free` is what the whole tree of the head tells. Where it is not True, the commit before the license files ceased to
    be free counts only if its whole tree, which `tree` gives, is free as well: a folder may have been reserved before.
    """
    if free:
        return history, history.head
    once = history.once_free
    if once is None:
        return history, None
    if once not in history.checked:
        history = replace(history, checked={once: reading(tree(once)).free is True})
    return history, once if history.checked[once] else None


def _told(
    objects: read.Objects, head: str, touches: tuple[Touch, ...], earlier: LicenseHistory | None, whole: bool
) -> LicenseHistory:
    steps = (Step(one.commit, one.parent, one.at, _files(objects, one.commit)) for one in touches)
    return told_by(head, steps, lambda oid: read.blob(objects, oid, MAX_FILE_BYTES), earlier, whole)


def _files(objects: read.Objects, commit: str) -> dict[str, str]:
    """The files at the top and in LICENSES/ that may decide, with their ids."""
    rows = {_name(entry.name): entry for entry in read.entries(objects, commit)}
    folder = rows.get("LICENSES")
    if folder is not None and folder.kind == "tree":
        for entry in read.entries(objects, folder.oid, _FOLDER_ROWS):
            rows[f"LICENSES/{_name(entry.name)}"] = entry
    return {
        path: entry.oid for path, entry in rows.items() if entry.kind == "blob" and path.isprintable() and counted(path)
    }


def _name(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
