"""Serves what is free of a mirror, by one rule: a branch or tag whose license files are those of a state that was
judged free, or are free by themselves. What was served stays under the license that it had.
"""

from collections.abc import Callable
from pathlib import Path

from catalog.store.core.read_models import Mirror
from forge.git import free_part, read, refs
from forge.git.fetch.separate import serve_up_to

# Of a mirror and its head, whether that may be served, and the commits that were judged free: those of all tips.
Judge = Callable[[Path, str, bool, frozenset[str]], frozenset[str]]


def serve_what_is_free(
    mirror: Path, mirror_row: Mirror, judge: Judge, *, anew: bool = False, max_bytes: int | None = None
) -> bool:
    """Serve `mirror` as it was read and decided (`mirror_row`); False where that fails, to be tried again. `anew`: what
    was judged before does not count, as where a decision about the very same commit was taken back.

    Raises what `judge` and `forge.git` raise.
    """
    head, part, may_serve = read.tip(mirror), free_part.part_folder(mirror), mirror_row.may_serve is True
    commit = free_part.served_commit(mirror)
    anew = anew or (commit == head and not may_serve)
    judged = not anew and part.exists() and free_part.is_judged(mirror)
    served = frozenset(tip.commit.decode() for tip in refs.tips(part) if tip.commit) if judged else frozenset[str]()
    free = judge(mirror, head, may_serve, served) if head else frozenset[str]()
    earlier = commit if commit in served | free else mirror_row.free_commit if mirror_row.free_commit != head else None
    return serve_up_to(mirror, head if may_serve else earlier, free, anew=anew, max_bytes=max_bytes)
