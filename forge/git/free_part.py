"""What of a mirror may be served: all of it, or its free part, a repository of its own next to it. This module only
reads.

Over protocol v2 a client may ask any repository for any object by its id, so that what must not be given out must not
be in it: hidden refs hide nothing. `forge.git.fetch.separate` makes the part, and writes into the mirror what was
found.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forge.git import mirror_folder

MARK = "free.json"
# Of a mirror. By its name it is read after the refs when a mirror is copied (forge.backup.backup), so that what it says
# was found about these refs or later ones.
SERVED, WITHHELD, LICENSES = "served.json", "withheld.json", "tip-licenses.json"

# Why a branch or tag is not served.
NOT_FREE, UNKNOWN, UNREAD, LATER, NO_COMMIT = "not-free", "unknown", "unread", "later", "no-commit"
FREE, LIKE_HEAD = "free", "like-head"  # what else the license files at a tip can tell


@dataclass(frozen=True)
class ServedState:
    """What was found about the refs of a mirror: `head` when that was, `whole` where nothing is withheld once the head
    may be served, `names` a digest of them, `commit` up to which it was to be served ("" nothing).

    All are empty after a visit moved the refs, until the new commits have been read.
    """

    head: str = ""
    whole: bool = False
    names: str = ""
    commit: str = ""

    @property
    def known(self) -> bool:
        return bool(self.head)


def part_folder(mirror: Path) -> Path:
    """The folder of the free part of a mirror, whether it is there or not: `<id>.free.git` beside `<id>.git`."""
    return mirror.with_name(f"{mirror.name.removesuffix('.git')}.free.git")


def part_record(part: Path) -> dict[str, str]:
    """The record of a finished free part: `commit`, the last one of its main branch, and `names`, a digest of its refs;
    {} where there is none."""
    record = _read_json(f"{part}/{MARK}")
    return {key: str(value) for key, value in record.items()} if {"commit", "names"} <= record.keys() else {}


def part_record_bytes(commit: str, names: str) -> bytes:
    """The content of the file MARK in a finished part."""
    return json.dumps({"commit": commit, "names": names}).encode()


def size_bytes(mirror: Path) -> int:
    """What a mirror and its part take on the disk together."""
    return mirror_folder.size_bytes(mirror) + mirror_folder.size_bytes(part_folder(mirror), links=False)


def served_state(mirror: Path) -> ServedState | None:
    """What was found about the refs of a mirror; None where no visit since an upgrade examined them."""
    record = _read_json(f"{mirror}/{SERVED}")
    if not record and not os.path.exists(f"{mirror}/{SERVED}"):
        return None
    head, names, commit = (str(record.get(key) or "") for key in ("head", "names", "commit"))
    return ServedState(head, record.get("whole") is True, names, commit) if head else ServedState()


def version(mirror: Path) -> tuple[object, ...]:
    """A value that differs as soon as a visit is about to move refs of a mirror, and whenever it was decided anew what
    is served of it: for code that keeps what it read. No file is read."""
    folder = str(mirror)  # and not paths: each page that is given again is looked at
    part_mark = f"{folder.removesuffix('.git')}.free.git/{MARK}"
    refs = (f"{folder}/HEAD", f"{folder}/packed-refs", f"{folder}/refs/heads", f"{folder}/refs/tags")
    return tuple(map(_file_version, (f"{folder}/{SERVED}", f"{folder}/{WITHHELD}", part_mark, *refs)))


def is_up_to_date(mirror: Path, found: ServedState | None, commit: str | None) -> bool:
    """Whether the part is as `separate.serve_up_to` would make it for this commit, without a process: for every
    visit. `found` is the state that `served_state` gave."""
    if found is None or not found.known or found.commit != (commit or ""):
        return False
    has_part = bool(part_record(part_folder(mirror)))
    return has_part == bool(commit and not (found.whole and found.head == commit))


def withheld_refs(mirror: Path) -> tuple[dict[str, str], int]:
    """The full names of branches and tags that are not served, with the reason, and how many more there are."""
    record = _read_json(f"{mirror}/{WITHHELD}")
    names, left_out = record.get("refs"), record.get("left_out")
    listed = {str(name): str(why) for name, why in names.items()} if isinstance(names, dict) else {}
    return listed, left_out if isinstance(left_out, int) else 0


def tip_licenses(mirror: Path) -> Mapping[str, Any]:
    """What `forge.mirroring.license_history` remembers of the license files at the tips of refs."""
    return _read_json(f"{mirror}/{LICENSES}")


def _file_version(path: str) -> tuple[int, int, int] | None:
    """The state of a file that is replaced and never written over, or of a folder; None where it is not there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _read_json(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb", buffering=0) as file:
            record = json.loads(file.read())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
