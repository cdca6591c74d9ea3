"""Judges what a fetch wants to change before anything changes: names of refs, rewrites, deletions. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from forge.git.outcome import Kind, RefMove

HEADS, TAGS = b"refs/heads/", b"refs/tags/"
NAME_BYTES, PART_BYTES = 512, 200  # a file system takes 255 bytes a part, and git appends ".lock"
DELETIONS = 4  # fewer deletions than this are housekeeping, whatever their share
_FORBIDDEN = re.compile(rb"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{")
_KINDS: dict[bytes, Kind] = {b" ": "advanced", b"+": "rewritten", b"t": "rewritten", b"*": "created", b"-": "deleted"}


@dataclass(frozen=True)
class RefChange:
    """One ref that the origin moved; ids are hex, b"" where there is none."""

    kind: Kind
    name: bytes
    old: bytes
    new: bytes

    @property
    def change(self) -> RefMove:
        return RefMove(self.name.decode("utf-8", "surrogateescape"), self.old.decode(), self.new.decode(), self.kind)


def parse_changes(porcelain: bytes) -> list[RefChange]:
    """The report of `git fetch --porcelain`: flag, old id, new id, ref. What is no such line is left out."""
    ref_changes = []
    for text in porcelain.split(b"\n"):
        flag, fields = text[:1], text[2:].split(b" ", 2)
        if len(fields) != 3 or not fields[2].startswith((HEADS, TAGS)) or flag == b"=":
            continue
        old, new = (b"" if not oid.strip(b"0") else oid for oid in fields[:2])
        kind = _KINDS.get(flag, "refused")
        ref_changes.append(RefChange(kind if is_valid_name(fields[2]) else "refused", fields[2], old, new))
    return ref_changes


def is_valid_name(name: bytes) -> bool:
    """Whether a ref's name is one that git takes, and short enough to be a file of ours.

    https://git-scm.com/docs/git-check-ref-format
    """
    parts = name.split(b"/")
    return (
        len(name) <= NAME_BYTES
        and not _FORBIDDEN.search(name)
        and all(part and len(part) <= PART_BYTES for part in parts)
        and not any(part.startswith(b".") or part.endswith(b".lock") for part in parts)
        and not name.endswith(b".")
    )


def is_mass_deletion(before: Iterable[bytes], gone: Iterable[bytes]) -> bool:
    """Whether so much vanishes that it may be an accident or an attack: all branches, or most branches or tags.

    An origin that is emptied, or whose name a stranger took over, must not empty our mirror.
    """
    kept_names, gone_names = set(before), set(gone)
    heads = {name for name in kept_names if name.startswith(HEADS)}
    if heads and heads <= gone_names:
        return True
    for namespace in (HEADS, TAGS):
        had = sum(name.startswith(namespace) for name in kept_names)
        lost = sum(name.startswith(namespace) for name in gone_names)
        if lost >= DELETIONS and lost * 2 > had:
            return True
    return False
