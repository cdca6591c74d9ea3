"""The difference of two trees as git writes it: which files differ, renames, counts and lines, within limits.

Git first lists the files from the trees alone, then compares the first of them. What one process prints holds the list,
the counts and the lines, in the same order; where it was stopped, or ended because it needs more memory than it may
have, what came before is used. A large file is named and not compared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from forge.git.environment import Limits, environment
from forge.git.objects import ObjectMissing, is_oid
from forge.git.runner import run

# Ids that git knows without having them: a first commit is compared with the empty tree.
EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
LIST_SECONDS, SECONDS = 5.0, 8.0
RENAMES = 400  # files on each side that are looked at for renames
LARGE_BYTES = 1 << 20  # of a file that is not compared
_LIST_BYTES = 4 << 20  # of the list of files: of long paths about a thousand
_DATA_BYTES = 128 << 20
_KINDS = {"A": "added", "D": "removed", "R": "renamed", "C": "renamed", "M": "changed", "T": "changed"}
_TREES = "diff-tree -r -z --raw --no-abbrev --no-color --no-ext-diff --no-textconv"
_LIST = f"{_TREES} --no-renames"
_LINES = f"{_TREES} --numstat --patch --submodule=short -M -l{RENAMES} --src-prefix=a/ --dst-prefix=b/"


@dataclass(frozen=True)
class Hunk:
    """Lines that stand together: `heading` is what git found above them, `new_start` the number of the first line in
    the new file (of the old one, where the file was removed). Each line begins with its sign: " ", "+", "-" or "\\".
    """

    new_start: int
    heading: bytes
    lines: tuple[bytes, ...]


@dataclass(frozen=True)
class FilePatch:
    """One file: kind "added", "removed", "changed" or "renamed", and the id of its content, which it had where it was
    removed. `added` and `removed` are lines, None in a file that is no text, or larger than LARGE_BYTES. `cut`: not all
    of its lines are here.
    """

    kind: str
    path: bytes
    old_path: bytes
    old_mode: str
    new_mode: str
    oid: str
    added: int | None = None
    removed: int | None = None
    hunks: tuple[Hunk, ...] = ()
    cut: bool = False

    @property
    def binary(self) -> bool:
        return self.added is None


@dataclass(frozen=True)
class Patch:
    """The files in git's order. `whole`: the counts are complete. `more`: there are more files than these. `skipped`:
    the trees are too large to be compared.
    """

    files: tuple[FilePatch, ...] = ()
    whole: bool = True
    more: bool = False
    skipped: bool = False


@dataclass(frozen=True)
class PatchLimits:
    """How much of a difference is wanted: the first `files`, as far as their paths have `path_bytes` together, and of
    these at most `lines`, of one file `file_lines`."""

    files: int
    path_bytes: int
    lines: int
    file_lines: int
    output_bytes: int


def diff_trees(mirror: Path, before: str, after: str, wanted: PatchLimits) -> Patch:
    """Compare the tree `before` ("" for none) with the tree `after`. Raises ObjectMissing for no id."""
    before = before or EMPTY_TREES[len(after)]
    for oid in (before, after):
        if not is_oid(oid):
            raise ObjectMissing(oid)
    limits = Limits(wall_seconds=LIST_SECONDS, output_bytes=_LIST_BYTES, data_bytes=_DATA_BYTES, niceness=5)
    listed = run([*_LIST.split(), before, after], git_dir=mirror, limits=limits)
    rows, _, _ = _rows(listed.out)
    running_bytes = accumulate(len(row.file.path) for row in rows)
    within = (row.file for row, total in zip(rows, running_bytes, strict=True) if total <= wanted.path_bytes)
    file_patches = tuple(islice(within, wanted.files))
    more = len(file_patches) < len(rows) or listed.stopped == "output"
    skipped = not listed.ok and listed.stopped != "output"
    if not file_patches:
        return Patch(more=more, skipped=skipped)
    limits = replace(limits, wall_seconds=SECONDS, output_bytes=wanted.output_bytes)
    order: list[str | bytes] = [*_LINES.split(), before, after, "--"]
    variables = environment({"core.bigFileThreshold": str(LARGE_BYTES)})
    ran = run([*order, *(file.path for file in file_patches)], git_dir=mirror, variables=variables, limits=limits)
    patch = _parse(ran.out, ran.ok, wanted)
    if not patch.whole:
        patch = Patch(tuple(replace(file, cut=True) for file in file_patches), whole=False)
    return replace(patch, more=more, skipped=skipped)


def _parse(out: bytes, complete: bool, wanted: PatchLimits) -> Patch:
    """What git printed; of one that was stopped, the records that are whole."""
    rows, at, whole = _rows(out)
    if not whole:
        return Patch(whole=False)
    counted = []
    for row in rows:
        numbers, at = _fields(out, at, 3 if row.file.kind == "renamed" else 1)
        if not numbers:
            return Patch(whole=False)
        counted.append(_count_of(numbers[0]))
    sections = _sections(out[at + 1 :], complete)
    files, left = [], wanted.lines
    for row, (added, removed) in zip(rows, counted, strict=True):
        own = [section for section in (next(sections, None) for _ in range(row.sections)) if section is not None]
        hunks, cut = _hunks(own, min(wanted.file_lines, left))
        left -= sum(len(hunk.lines) for hunk in hunks)
        cut = cut or len(own) < row.sections
        files.append(replace(row.file, added=added, removed=removed, hunks=hunks, cut=cut))
    return Patch(tuple(files), whole=bool(files))


def _rows(out: bytes) -> tuple[list["_Row"], int, bool]:
    """The files of the list, where it ends, and whether it ends there and is not cut off."""
    rows: list[_Row] = []
    at = 0
    while out.startswith(b":", at):
        start = at
        record, at = _fields(out, at, 1)
        words = record[0].decode("ascii", "replace")[1:].split(" ") if record else []
        status = words[4][:1] if words else ""
        names, at = _fields(out, at, 2 if status in ("R", "C") else 1)
        if not names:
            return rows, start, False
        kind = _KINDS.get(status, "changed")
        oid = words[2] if kind == "removed" else words[3]
        rows.append(_Row(FilePatch(kind, names[-1], names[0], words[0], words[1], oid), 2 if status == "T" else 1))
    return rows, at, True


class _Row(NamedTuple):
    """A file of the list, and how many parts of the patch are its own: one that became a link, or a link that became a
    file, is written as one removed and one added."""

    file: FilePatch
    sections: int


def _fields(out: bytes, at: int, number: int) -> tuple[list[bytes], int]:
    """So many fields from `at`, each ended by a NUL, and where they end; none where they are cut off."""
    fields = []
    for _ in range(number):
        end = out.find(b"\0", at)
        if end < 0:
            return [], len(out)
        fields.append(out[at:end])
        at = end + 1
    return fields, at


def _count_of(field: bytes) -> tuple[int | None, int | None]:
    added, removed = field.split(b"\t")[:2]
    return (int(added), int(removed)) if added.isdigit() and removed.isdigit() else (None, None)


def _sections(text: bytes, complete: bool) -> Iterator[bytes]:
    """The part of each file. In a patch only a heading begins with "diff --git"; of a part that was cut off, what comes
    after its last whole line is dropped."""
    starts, at = [], 0 if text.startswith(b"diff --git ") else -1
    while at >= 0:
        starts.append(at)
        at = text.find(b"\ndiff --git ", at) + 1 or -1
    for start, end in zip(starts, (*starts[1:], None), strict=False):
        yield text[start:end] if complete or end is not None else text[start : text.rfind(b"\n") + 1] + _CUT


_CUT = b"\0cut"  # no line of a patch begins so


def _hunks(sections: list[bytes], left: int) -> tuple[tuple[Hunk, ...], bool]:
    """The lines of these parts, at most `left`, and whether there are more."""
    hunks: list[Hunk] = []
    cut = False
    for text in sections:
        if text.endswith(b"\n" + _CUT):
            text, cut = text.removesuffix(_CUT), True
        _head, mark, body = text.partition(b"\n@@ ")
        for part in body.removesuffix(b"\n").split(b"\n@@ ") if mark else ():
            heading, *lines = part.split(b"\n")
            if len(lines) > left:
                lines, cut = lines[:left], True
            if not lines:
                break
            left -= len(lines)
            hunks.append(Hunk(_start(heading), heading.partition(b" @@")[2].strip(), tuple(lines)))
    return tuple(hunks), cut


def _start(heading: bytes) -> int:
    """The first line that "-1,4 +2,5 @@ …" names: in the new file, or in the old one where there is no new one."""
    old, new = (word[1:].partition(b",")[0] for word in heading.split(b" ")[:2])
    number = int(new) if new.isdigit() else 0
    return number or (int(old) if old.isdigit() else 0)
