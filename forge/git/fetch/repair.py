"""Makes a damaged mirror anew: from its origin, and from what of it can still be read.

The new one is made in a folder beside it and takes its place as a whole, with the names that the damaged one had; then
the visit goes on as any other. Where the origin does not answer, the damaged one stays. A process that is killed at any
point leaves the damaged mirror or the new one.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from forge.git import mirror_folder, refs
from forge.git.environment import Limits, environment
from forge.git.fetch import ref_policy, separate
from forge.git.objects import is_oid
from forge.git.runner import run

POINTS = ("brought", "salvaged", "aside", "replaced")
REFS_BYTES = 64 << 20  # of names that are read
COMPLETE = "repaired"  # a file in a new mirror that is whole, until it is in its place
_LIMITS = Limits(wall_seconds=1800.0, cpu_seconds=1800, data_bytes=1 << 30, output_bytes=64 << 20)
_EXISTING = ["cat-file", "--batch-check=%(objectname)"]
Checkpoint = Callable[[str], None]


def draft_folder(mirror: Path) -> Path:
    """The folder in which the new mirror is made; by its name no listing takes it for a mirror."""
    return mirror.with_name(f"{mirror.name.removesuffix('.git')}.repair")


def damaged_folder(mirror: Path) -> Path:
    """The folder that keeps a damaged mirror of which something could not be saved."""
    return mirror.with_name(f"{mirror.name.removesuffix('.git')}.damaged")


def is_needed(mirror: Path) -> bool:
    """Whether files of a mirror are gone or cut: a cheap look at every visit. Rot takes a full check
    (`forge.git.maintenance.find_damage`)."""
    return os.path.exists(mirror) and mirror_folder.lacks_files(mirror)


def finish(mirror: Path) -> None:
    """Put a new mirror in its place where a process was killed before it could."""
    if not os.path.exists(mirror):
        draft = draft_folder(mirror)
        if (draft / COMPLETE).exists():
            os.rename(draft, mirror)
            mirror_folder.sync_folder(mirror.parent)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(f"{mirror}/{COMPLETE}")


@contextlib.contextmanager
def new_mirror(mirror: Path, object_format: str) -> Iterator[Path]:
    """An empty mirror beside the damaged one, for as long as it is not in its place."""
    draft = draft_folder(mirror)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    mirror_folder.prepare(draft, object_format)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def replace_damaged(
    mirror: Path, draft: Path, at_origin: Iterable[bytes], also: Iterable[bytes], checkpoint: Checkpoint
) -> tuple[bytes, ...]:
    """Give `draft`, which holds all objects of `at_origin`, what the damaged mirror named, and put it in its place; the
    names whose objects nobody has any more.

    `also`: ids that are to be kept besides, as our records of visits tell. Under the mirror's lock. Raises GitFailed
    and OSError.
    """
    oids = list(dict.fromkeys(at_origin))
    names = _names(mirror)
    saved = _salvage(mirror, draft, {refs.KEPT + oid: oid for oid in also} | names, oids)
    lost = tuple(sorted(name for name in names if name not in saved))
    checkpoint("salvaged")
    kinds = refs.object_kinds(draft, saved.values(), draft / "objects")
    refs.create_all(draft, saved, kinds)
    with contextlib.suppress(OSError):
        mirror_folder.write(draft / "HEAD", (mirror / "HEAD").read_bytes())
    separate.withdraw(mirror)  # its part may hold links to the same damaged files
    mirror_folder.write(draft / COMPLETE, b"")
    aside = damaged_folder(mirror)
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(mirror, aside)
    checkpoint("aside")
    os.rename(draft, mirror)
    mirror_folder.sync_folder(mirror.parent)
    (mirror / COMPLETE).unlink()
    checkpoint("replaced")
    if not lost:
        shutil.rmtree(aside, ignore_errors=True)
    return lost


def _salvage(mirror: Path, draft: Path, names: dict[bytes, bytes], oids: list[bytes]) -> dict[bytes, bytes]:
    """Copy what these names reach and the new mirror lacks, as far as it can be read; the names that are whole then.

    git takes another copy of an object where one is damaged, and checks whatever it packs.
    """
    query = b"".join(b"%s\n" % oid for oid in dict.fromkeys(names.values()))
    listed = run(_EXISTING, git_dir=draft, variables=_with_damaged(mirror, draft), limits=_LIMITS, stdin=query)
    whole: set[bytes] = set()
    pending = [[line for line in listed.out.splitlines() if not line.endswith(b" missing")]]
    while pending:
        group = pending.pop()
        if not group:
            continue
        if _pack(mirror, draft, group, oids):
            whole.update(group)
        elif len(group) > 1:
            half = len(group) // 2
            pending += [group[:half], group[half:]]
    return {name: oid for name, oid in names.items() if oid in whole}


def _pack(mirror: Path, draft: Path, oids: list[bytes], origin_oids: list[bytes]) -> bool:
    stdin = b"\n".join([*oids, *(b"^" + oid for oid in origin_oids)]) + b"\n"
    order = ["pack-objects", "--revs", "--quiet", "--non-empty", "--delta-base-offset"]
    order.append(str(draft.absolute() / "objects/pack/pack"))
    return run(order, git_dir=draft, variables=_with_damaged(mirror, draft), limits=_LIMITS, stdin=stdin).ok


def _with_damaged(mirror: Path, draft: Path) -> dict[str, str]:
    return environment(extra=mirror_folder.quarantine(mirror, draft / "objects"))


def _names(mirror: Path) -> dict[bytes, bytes]:
    """The names of a mirror with their ids, read from its files, since git reads none where one is damaged."""
    names: dict[bytes, bytes] = {}
    with contextlib.suppress(OSError):
        with open(mirror / "packed-refs", "rb") as file:
            rows = file.read(REFS_BYTES).split(b"\n")
        for row in rows:
            oid, _, name = row.partition(b" ")
            _add_own_ref(names, name, oid)
    for folder, _folders, files in os.walk(os.fsencode(mirror / "refs")):
        for file_name in files:
            path = os.path.join(folder, file_name)
            with contextlib.suppress(OSError), open(path, "rb") as file:
                _add_own_ref(names, os.path.relpath(path, os.fsencode(mirror)), file.read(100).strip())
    return names


def _add_own_ref(names: dict[bytes, bytes], name: bytes, oid: bytes) -> None:
    ours = name.startswith((ref_policy.HEADS, ref_policy.TAGS, refs.KEPT))
    if ours and ref_policy.is_valid_name(name) and is_oid(oid.decode("ascii", "replace")):
        names[name] = oid
