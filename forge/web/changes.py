"""Which files differ between two trees, from the trees alone and only while that is cheap. It reads no file."""

from dataclasses import dataclass

from forge.git import read

FILES = 200
TREES = 400  # read at most, about 0.1 ms each


@dataclass(frozen=True)
class Changed:
    """One file: kind "added", "changed" or "removed"."""

    kind: str
    path: bytes


@dataclass(frozen=True)
class Changes:
    """The files that differ, by path; `whole` is False where comparing was stopped."""

    files: tuple[Changed, ...]
    whole: bool


def changes(objects: read.Objects, before: str, after: str) -> Changes:
    """What became of the tree `before` ("" for none) in the tree `after`. Raises Missing and Unreadable.

    Equal parts are never opened, so that the work grows with what changed; a tree bomb ends at TREES.
    """
    files: list[Changed] = []
    waiting, opened = [(b"", before, after)], 0
    while waiting and opened < TREES and len(files) <= FILES:
        prefix, old_oid, new_oid = waiting.pop()
        opened += 2
        old, new = _by_name(objects, old_oid), _by_name(objects, new_oid)
        deeper = []
        for name in sorted(old.keys() | new.keys()):
            was, now = old.get(name), new.get(name)
            if was is not None and now is not None and (was.oid, was.mode) == (now.oid, now.mode):
                continue
            path = prefix + name
            old_tree = was.oid if was is not None and was.kind == "tree" else ""
            new_tree = now.oid if now is not None and now.kind == "tree" else ""
            if old_tree or new_tree:
                deeper.append((path + b"/", old_tree, new_tree))
            files += _file(path, was if not old_tree else None, now if not new_tree else None)
        waiting += reversed(deeper)
    whole = not waiting and len(files) <= FILES
    return Changes(tuple(sorted(files, key=lambda each: each.path)[:FILES]), whole)


def _by_name(objects: read.Objects, oid: str) -> dict[bytes, read.Entry]:
    return {entry.name: entry for entry in read.entries(objects, oid)} if oid else {}


def _file(path: bytes, was: read.Entry | None, now: read.Entry | None) -> list[Changed]:
    if was is None and now is None:
        return []
    return [Changed("added" if was is None else "removed" if now is None else "changed", path)]
