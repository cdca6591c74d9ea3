"""Removes objects from a mirror for ever, with all that is built on them, and again where a download brings them.

A repository is whole only where everything is there that its refs reach. So what holds an erased object goes with it: a
branch ends at its last commit before it, a tag or a kept ref that holds it goes, and what came before stays kept. The
mirror is packed anew, so that no pack, no loose object and no graph has them any more. Every step can be repeated.
"""

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forge.git import maintenance, mirror_folder, refs
from forge.git.environment import Limits
from forge.git.fetch import separate
from forge.git.fetch.ref_policy import HEADS
from forge.git.runner import GitFailed, output_of, run

_LIMITS = Limits(wall_seconds=1800.0, cpu_seconds=1800, data_bytes=1 << 30, output_bytes=512 << 20)
_PACKING = ["pack-objects", "--revs", "--quiet", "--non-empty", "--delta-base-offset"]
POINTS = ("withdrawn", "kept", "unnamed", "packed")


@dataclass(frozen=True)
class CommitsWithObject:
    """Some commits: those that hold an erased object in their tree or their history, and the parents of all."""

    commits: frozenset[bytes]
    parents: Mapping[bytes, Sequence[bytes]]

    def last_without(self, oid: bytes) -> bytes:
        """The newest commit in the line of first parents that holds none; b"" where each does."""
        while oid in self.commits:
            oid = next(iter(self.parents[oid]), b"")
        return oid

    def edge(self) -> list[bytes]:
        """The commits that hold none and on which one that does was built."""
        edges = (parent for oid in self.commits for parent in self.parents[oid] if parent not in self.commits)
        return list(dict.fromkeys(edges))


def present(mirror: Path, oids: Collection[bytes]) -> set[bytes]:
    """Which of these objects are anywhere in a mirror, named or not. Raises GitFailed."""
    query = b"".join(b"%s\n" % oid for oid in oids)
    result = run(["cat-file", "--batch-check=%(objectname)"], git_dir=mirror, stdin=query)
    answers = output_of(result, "cat-file").splitlines()
    return {answer for answer in answers if not answer.endswith(b" missing")}


def remove(
    mirror: Path,
    erased: Collection[bytes],
    lock: int,
    checkpoint: Callable[[str], None] = lambda point: None,
    *,
    served: bool = True,
) -> set[bytes]:
    """Remove these objects and what holds them; the ids of all that went. Under the mirror's lock.

    Where they may have been `served`, the free part is removed, to be made anew of what is left. Raises GitFailed and
    OSError; what is not done then is done by calling it again. `checkpoint` is called with each of POINTS.
    """
    mirror_folder.remove_leftovers(mirror)
    if served:
        separate.withdraw(mirror)
    for name in ("visited.json", mirror_folder.FILES):
        (mirror / name).unlink(missing_ok=True)
    checkpoint("withdrawn")
    if not present(mirror, erased):
        return set()
    all_objects = _all_objects(mirror)
    tips = refs.tips(mirror)
    holders = _holders(mirror, [tip.commit for tip in tips if tip.commit], erased)
    spoiled = _spoiled_tags(mirror, tips, erased)
    losing = [tip for tip in tips if tip.commit in holders.commits or tip.oid in spoiled]
    refs.keep_objects(mirror, holders.edge(), lock)
    checkpoint("kept")
    orders = []
    for tip in losing:
        shorter = holders.last_without(tip.commit) if tip.name.startswith(HEADS) else b""
        orders.append(refs.update(tip.name, shorter, tip.oid) if shorter else refs.delete(tip.name, tip.oid))
    if refs.move(mirror, orders, lock):
        raise GitFailed("update-ref", "what holds erased objects could not be removed")
    checkpoint("unnamed")
    _pack_anew(mirror, lock, checkpoint)
    if left := present(mirror, erased):
        raise GitFailed("pack-objects", f"{len(left)} erased objects are still there")
    return all_objects - _all_objects(mirror)


def _holders(mirror: Path, tips: Iterable[bytes], erased: Collection[bytes]) -> CommitsWithObject:
    """What of the history of `tips` holds an erased object. Raises GitFailed."""
    query = b"\n".join(dict.fromkeys(tips)) + b"\n"
    order = ["log", "--topo-order", "--reverse", "--stdin", "--no-color", "--no-show-signature"]
    parents: dict[bytes, Sequence[bytes]] = {}
    holders: set[bytes] = set()
    # The commits that bring such an object or take it away: one that takes it away is built on one that brought it.
    search = [
        *(f"--find-object={oid.decode('ascii')}" for oid in erased),
        "--diff-merges=separate",
        "--no-renames",
        "--no-patch",
    ]
    touched = run([*order, *search, "--format=%H"], git_dir=mirror, limits=_LIMITS, stdin=query)
    touching = set(output_of(touched, "log").split())
    listed = run([*order, "--format=%H %T %P"], git_dir=mirror, limits=_LIMITS, stdin=query)
    for row in output_of(listed, "log").splitlines():
        oid, tree, *above = row.split(b" ")
        parents[oid] = [parent for parent in above if parent]
        if oid in touching or oid in erased or tree in erased or any(parent in holders for parent in parents[oid]):
            holders.add(oid)
    return CommitsWithObject(frozenset(holders), parents)


def _spoiled_tags(mirror: Path, tips: Iterable[refs.RefTip], erased: Collection[bytes]) -> set[bytes]:
    """The ids of tags, trees and files among these names that are erased or lead to something that is."""
    spoiled = set()
    for oid, commit in {(tip.oid, tip.commit) for tip in tips if tip.oid != tip.commit}:
        # What a tag of a commit leads to is judged by that commit: here it is the tags on the way alone.
        beyond = [b"--not", commit] if commit else []
        order: list[str | bytes] = ["rev-list", "--objects", "--no-object-names", oid, *beyond]
        reached = output_of(run(order, git_dir=mirror, limits=_LIMITS), "rev-list").split()
        if {oid, *reached} & set(erased):
            spoiled.add(oid)
    return spoiled


def _all_objects(mirror: Path) -> set[bytes]:
    order = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"]
    return set(output_of(run(order, git_dir=mirror, limits=_LIMITS), "cat-file").split())


def _pack_anew(mirror: Path, lock: int, checkpoint: Callable[[str], None]) -> None:
    """Pack what refs reach, and delete all that was there before."""
    folder = mirror / "objects" / "pack"
    tips = list(dict.fromkeys(tip.oid for tip in refs.tips(mirror)))
    order = [*_PACKING, str(folder.absolute() / "pack")]
    stdin = b"".join(b"%s\n" % oid for oid in tips)
    result = run(order, git_dir=mirror, limits=_LIMITS, stdin=stdin, pass_fds=(lock,)) if tips else None
    fresh = {f"pack-{name.decode('ascii')}" for name in output_of(result, "pack-objects").split()} if result else set()
    mirror_folder.sync_folder(folder)
    checkpoint("packed")
    for path in folder.iterdir():  # the index first: without it git sees no pack
        if path.suffix == ".idx" and path.stem not in fresh:
            path.unlink()
    for path in folder.iterdir():
        if path.stem not in fresh:
            path.unlink()
    for path in (mirror / "objects").iterdir():
        if path.name != "pack":
            shutil.rmtree(path)
    (mirror / "objects" / "info").mkdir()
    if tips:
        maintenance.write_commit_graph(mirror, lock)
