"""Makes and removes the free part of a mirror: a repository of its own that holds only what may be served.

The mirror keeps everything, and is served as it is where there is no part. So a part's folder is there before anything
is, which is not free, and goes last; it grows in place, its names after its objects. What it names was judged free, and
stays in it under the license that it had then: a branch that is rewritten, or whose license changes, leaves a kept ref.
Which tips are free: `forge.mirroring.license_history`.
"""

import contextlib
import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

from forge.git import free_part, maintenance, mirror_folder, read, refs
from forge.git.environment import Limits
from forge.git.objects import is_oid
from forge.git.runner import GitFailed, output_of, run

_LIMITS = Limits(wall_seconds=1800.0, cpu_seconds=1800, niceness=10)
_PACKING = Limits(wall_seconds=1800.0, cpu_seconds=1800, data_bytes=1 << 30, niceness=10)
_OF_THE_MIRROR = frozenset((mirror_folder.LOCK, mirror_folder.FILES, mirror_folder.DOUBT, "visited.json"))

Refs = dict[bytes, bytes]  # full name -> id


def keep_served(mirror: Path, all_served: bool) -> None:
    """Keep what is served now until `serve_up_to` decides anew; called under the lock, before anything moves in a
    mirror.

    Where the mirror itself is served, `all_served`, its files are linked into the part, which takes no space: git
    replaces files and never writes over them. Where the file system has no links, nothing is served until then.
    """
    part = free_part.part_folder(mirror)
    if part.exists():
        return
    if all_served:
        draft = part.with_name(f"{part.name}.tmp")
        shutil.rmtree(draft, ignore_errors=True)
        try:
            _link_files(mirror, draft)
            os.rename(draft, part)
            mirror_folder.sync_folder(part.parent)
            return
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
    part.mkdir(mode=0o700)
    mirror_folder.write_settings(part, mirror_folder.object_format_of(mirror))  # files, which a backup keeps


def withdraw(mirror: Path) -> None:
    """Serve nothing of a mirror until `serve_up_to` is called again; under the lock."""
    part = free_part.part_folder(mirror)
    part.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        (part / "HEAD").unlink()
    for path in part.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    mirror_folder.write_settings(part, mirror_folder.object_format_of(mirror))


def serve_up_to(
    mirror: Path,
    commit: str | None,
    free: Collection[str] = (),
    *,
    anew: bool = False,
    max_bytes: int | None = None,
) -> bool:
    """Serve `mirror` with `commit` as the last one of its main branch (None: that branch is not served), all that this
    reaches, the refs whose commits are among the `free` ones, and what its part names already; `anew`: without that.

    That is the mirror itself where it is everything; else a part is made. Returns whether that succeeded. It fails
    where another process holds the mirror, or where the commit is missing or takes more than `max_bytes`: then nothing
    is served. Raises OSError when the disk is full.
    """
    with mirror_folder.locked(mirror) as lock:
        if lock is None:
            return False
        if anew:
            withdraw(mirror)
        part = free_part.part_folder(mirror)
        try:
            if commit is not None and not is_oid(commit):
                raise GitFailed("for-each-ref", f"{commit!r} is no id")
            all_tips = refs.tips(mirror)
            if commit and not any(tip.commit == commit.encode() for tip in all_tips):
                refs.keep_objects(mirror, [commit.encode()], lock)  # else nothing names it once its branch is rewritten
                all_tips = refs.tips(mirror)
            before = refs.tips(part) if (part / "HEAD").exists() else []
            refs_to_serve = _refs_to_serve(mirror, commit, frozenset(free), all_tips, before)
            if commit == read.tip(mirror) and all(tip.name in refs_to_serve for tip in all_tips):
                _remove(part)
                return True
            head = _name_head(mirror, part, commit, refs_to_serve)
            for oid in _unreached(mirror, before, refs_to_serve):
                refs.keep_objects(mirror, [oid], lock)
                refs_to_serve[refs.KEPT + oid] = oid
            if (
                not before
                or (part / "HEAD").read_bytes() != head
                or {tip.name: tip.oid for tip in before} != refs_to_serve
            ):
                _fill_part(mirror, part, head, refs_to_serve, before=before, lock=lock, max_bytes=max_bytes)
            return True
        except GitFailed:
            withdraw(mirror)
            return False


def _refs_to_serve(
    mirror: Path,
    commit: str | None,
    free: frozenset[str],
    all_tips: Sequence[refs.RefTip],
    before: Sequence[refs.RefTip],
) -> Refs:
    """The refs of the mirror that are served. Raises GitFailed."""
    behind = {tip.name for tip in refs.tips(mirror, f"--merged={commit}")} if commit else set()
    judged = {tip.oid for tip in before}
    return {
        tip.name: tip.oid
        for tip in all_tips
        if tip.name in behind or (tip.commit and (tip.commit.decode() in free or tip.oid in judged))
    }


def _name_head(mirror: Path, part: Path, commit: str | None, refs: Refs) -> bytes:
    """The content of the part's HEAD: the mirror's branch where that is served; else the branch that was served before,
    which is added as it was then; else the newest version."""
    own, part_head = (_head_of(folder) for folder in (mirror, part))
    if commit is not None:
        head = own if commit == read.tip(mirror) or not part_head else part_head
        if head.startswith(b"ref: "):
            refs.setdefault(head[5:].strip(), commit.encode())
        return head
    newest = read.newest_tag(mirror, [name for name in refs if name.startswith(b"refs/tags/")])
    return newest.encode() + b"\n" if newest else b"ref: refs/heads/main\n"


def _head_of(folder: Path) -> bytes:
    try:
        return (folder / "HEAD").read_bytes()
    except FileNotFoundError:
        return b""


def _unreached(mirror: Path, before: Sequence[refs.RefTip], tips: Refs) -> list[bytes]:
    """The ids that were served by a name and are reached by no ref that is served now. Raises GitFailed."""
    lost = {tip.commit: tip.oid for tip in before if tip.commit and tip.oid not in tips.values()}
    if not lost:
        return []
    query = b"".join(b"%s\n" % oid for oid in (*lost, *(b"^" + oid for oid in tips.values())))
    beyond = output_of(run(["rev-list", "--stdin"], git_dir=mirror, limits=_LIMITS, stdin=query), "rev-list")
    return [lost[oid] for oid in beyond.split() if oid in lost]


def _fill_part(
    mirror: Path,
    part: Path,
    head: bytes,
    served_refs: Refs,
    *,
    before: Sequence[refs.RefTip],
    lock: int,
    max_bytes: int | None,
) -> None:
    """Make the part hold what these refs reach. All of `before` is still served, so that a push to a large repository
    costs what the push holds. Raises GitFailed."""
    if not before:
        withdraw(mirror)
    mirror_folder.write_settings(part, "sha256" if len(next(iter(served_refs.values()), b"")) == 64 else "sha1")
    tips = [*dict.fromkeys(served_refs.values()), *(b"^" + tip.oid for tip in before)]
    limits = Limits(**{**vars(_PACKING), "file_bytes": max_bytes})
    order = ["pack-objects", "--revs", "--quiet", "--non-empty", "--delta-base-offset"]
    order.append(str(part.absolute() / "objects/pack/pack"))
    stdin = b"\n".join(tips) + b"\n"
    output_of(run(order, git_dir=mirror, limits=limits, stdin=stdin, pass_fds=(lock,)), order[0])
    kinds = refs.object_kinds(mirror, served_refs.values(), part / "objects")
    if not kinds.keys() >= set(served_refs.values()):
        raise GitFailed("pack-objects", "the pack lacks what it was asked for")
    refs.create_all(part, served_refs, kinds)
    shutil.rmtree(part / "refs")  # names that are files of their own hide those in the one file
    mirror_folder.write_settings(part, "")
    mirror_folder.write(part / "HEAD", head)
    maintenance.maintain(part)


def _link_files(mirror: Path, draft: Path) -> None:
    """Link the files of a mirror into the draft, without those that only a mirror has."""
    for place, folders, names in os.walk(mirror):
        folders[:] = [name for name in folders if not name.startswith("incoming-")]
        target = draft / Path(place).relative_to(mirror)
        target.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            if name not in _OF_THE_MIRROR and not name.startswith(("tmp_", ".tmp-")) and not name.endswith(".lock"):
                os.link(os.path.join(place, name), target / name)


def _remove(folder: Path) -> None:
    """Remove a repository: it is renamed first, so that no half of it is ever served."""
    deleted = _deleted_name(folder)
    if folder.exists():
        os.rename(folder, deleted)
        shutil.rmtree(deleted, ignore_errors=True)


def _deleted_name(folder: Path) -> Path:
    """A name for what is about to be deleted, with nothing there."""
    deleted = folder.with_name(f"{folder.name}.gone")
    shutil.rmtree(deleted, ignore_errors=True)
    return deleted
