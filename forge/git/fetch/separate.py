"""Makes and removes the free part of a mirror: a repository of its own that holds only what may be served. Writes into
the mirror what was found about its refs.

The mirror keeps everything. A part is built in a separate folder and moved into place as a whole; what a killed process
left is removed by the next. A ref is served where the commit up to which the mirror is served reaches it, or where the
license files at its own tip are free (`forge.mirroring.license_history`); any other is listed with the reason.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from forge.git import free_part, maintenance, mirror_folder, read, refs
from forge.git.environment import Limits
from forge.git.objects import is_oid
from forge.git.runner import GitFailed, output_of, run

NAMED = 5_000  # withheld branches and tags of a mirror that are named
_LIMITS = Limits(wall_seconds=1800.0, cpu_seconds=1800, niceness=10)
_PACKING = Limits(wall_seconds=1800.0, cpu_seconds=1800, data_bytes=1 << 30, niceness=10)
_OF_THE_MIRROR = frozenset(
    (mirror_folder.LOCK, mirror_folder.FILES, "visited.json", free_part.SERVED, free_part.WITHHELD, free_part.LICENSES)
)


def keep_served(mirror: Path, all_served: bool) -> None:
    """Keep what is served now until `serve_up_to` decides anew; called under the lock, before anything moves in a
    mirror.

    Where the mirror itself is served, `all_served`, its files are linked into the part, which takes no space: git
    replaces files and never writes over them. Where the file system has no links, nothing is served until then.
    """
    found = free_part.served_state(mirror)
    if all_served and (found is None or found.whole):
        part = free_part.part_folder(mirror)
        draft = _new_draft(part)
        try:
            _link_files(mirror, draft)
            ids_by_name = {tip.name: tip.oid for tip in refs.tips(mirror)}
            mirror_folder.write(
                draft / free_part.MARK, free_part.part_record_bytes(read.tip(mirror), _digest(ids_by_name))
            )
            _move_into_place(draft, part)
        except (OSError, GitFailed):
            _remove(draft)
            _remove(part)
    mirror_folder.write(mirror / free_part.SERVED, b"{}")


def withdraw(mirror: Path) -> None:
    """Serve nothing of a mirror until `serve_up_to` is called again; under the lock."""
    mirror_folder.write(mirror / free_part.SERVED, b"{}")
    part = free_part.part_folder(mirror)
    _remove(part.with_name(f"{part.name}.tmp"))
    _remove(part)


def serve_up_to(
    mirror: Path, commit: str | None, *, tips: Mapping[str, Any] | None = None, max_bytes: int | None = None
) -> bool:
    """Serve `mirror` up to `commit`, with all refs that may be served; None: not at all.

    That is the mirror itself where `commit` is its head and nothing is withheld; else a free part is made. Returns
    whether that succeeded. It fails where another process holds the mirror, or where the commit is missing or takes
    more than `max_bytes`: then nothing is served. `tips` is what `forge.mirroring.license_history.tip_licenses`
    returned, None for what it returned last. Raises OSError when the disk is full.
    """
    part = free_part.part_folder(mirror)
    with mirror_folder.locked(mirror) as lock:
        if lock is None:
            return False
        if tips is not None:
            mirror_folder.write(mirror / free_part.LICENSES, json.dumps(tips))
        try:
            if commit is not None and not is_oid(commit):
                raise GitFailed("for-each-ref", f"{commit!r} is no id")
            _name_last_free(mirror, commit, lock)
            head, wanted, withheld, whole = _refs_to_serve(mirror, commit)
        except GitFailed:
            _remove(part)
            return False
        all_served, made = whole and commit == head, True
        if commit is not None and not all_served:
            made = _make_part(mirror, part, commit, wanted, lock, max_bytes)
        _write_state(mirror, {"head": head, "whole": whole, "commit": commit or ""}, wanted, withheld)
        if commit is None or all_served or not made:
            _remove(part)
        return made


Refs = dict[bytes, bytes]  # full name -> id


def _name_last_free(mirror: Path, commit: str | None, lock: int) -> None:
    """Name the commit up to which a mirror is served, where no ref does: once its branch is rewritten, or another one
    is the main branch, it is judged by its own files and not by those that came after it. Raises GitFailed."""
    if commit is not None and not any(tip.commit == commit.encode() for tip in refs.tips(mirror)):
        refs.keep_objects(mirror, [commit.encode()], lock)


def _refs_to_serve(mirror: Path, commit: str | None) -> tuple[str, Refs, dict[bytes, str], bool]:
    """The head, the refs to serve up to `commit`, those to withhold with the reason, and whether none would be withheld
    were it the head. Raises GitFailed."""
    branch, all_tips = _main_branch(mirror), refs.tips(mirror)
    head = next((tip.commit.decode() for tip in all_tips if tip.name == branch), "")
    behind_head = _refs_behind(mirror, head)
    behind = behind_head if commit == head else _refs_behind(mirror, commit or "")
    remembered = free_part.tip_licenses(mirror).get("verdicts")
    verdicts: Mapping[str, Any] = remembered if isinstance(remembered, dict) else {}
    wanted = {branch: commit.encode()} if commit else {}
    withheld: dict[bytes, str] = {}
    whole = True
    for tip in all_tips:
        verdict = str(verdicts.get(tip.commit.decode(), free_part.UNREAD)) if tip.commit else free_part.NO_COMMIT
        if tip.name not in behind_head and verdict not in (free_part.FREE, free_part.LIKE_HEAD):
            whole = False
        if tip.name == branch and commit:
            continue
        if tip.name not in behind:
            later = commit != head and (tip.name in behind_head or verdict == free_part.LIKE_HEAD)
            if commit is None or later or verdict not in (free_part.FREE, free_part.LIKE_HEAD):
                withheld[tip.name] = free_part.LATER if later or verdict == free_part.FREE else verdict
                continue
        wanted[tip.name] = tip.oid
    return head, wanted, withheld, whole


def _refs_behind(mirror: Path, commit: str) -> set[bytes]:
    """The names of the refs that are in the history of a commit, its own among them."""
    return {tip.name for tip in refs.tips(mirror, f"--merged={commit}")} if commit else set()


def _make_part(mirror: Path, part: Path, commit: str, named: Refs, lock: int, max_bytes: int | None) -> bool:
    """Make the part hold what these refs reach and nothing else; return whether that succeeded."""
    digest = _digest(named)
    if free_part.part_record(part) == {"commit": commit, "names": digest}:
        return True
    draft = _new_draft(part)
    try:
        _fill_part(mirror, part, draft, named, lock, max_bytes)
    except GitFailed:
        _remove(draft)
        return False
    mirror_folder.write(draft / "HEAD", b"ref: " + _main_branch(mirror) + b"\n")
    mirror_folder.write(draft / free_part.MARK, free_part.part_record_bytes(commit, digest))
    _move_into_place(draft, part)
    return True


def _fill_part(mirror: Path, part: Path, draft: Path, named: Refs, lock: int, max_bytes: int | None) -> None:
    """Fill the draft. Where all that the present part reaches is still to be served, its packs are linked and only what
    is new is packed: then a push to a large repository costs what the push holds."""
    mirror_folder.prepare(draft, "sha256" if len(next(iter(named.values()))) == 64 else "sha1")
    before = _kept_packs(mirror, part, draft, named)
    wanted = [*dict.fromkeys(named.values()), *(b"^" + oid for oid in before)]
    limits = Limits(**{**vars(_PACKING), "file_bytes": max_bytes})
    order = ["pack-objects", "--revs", "--quiet", "--non-empty", "--delta-base-offset"]
    order.append(str(draft.absolute() / "objects/pack/pack"))
    output_of(run(order, git_dir=mirror, limits=limits, stdin=b"\n".join(wanted) + b"\n", pass_fds=(lock,)), order[0])
    kinds = refs.object_kinds(draft, named.values(), draft / "objects")
    if not kinds.keys() >= set(named.values()):
        raise GitFailed("pack-objects", "the pack lacks what it was asked for")
    refs.create_all(draft, named, kinds)
    maintenance.write_commit_graph(draft, lock)


def _kept_packs(mirror: Path, part: Path, draft: Path, named: Refs) -> list[bytes]:
    """The ids that the linked packs hold with all that they reach; none where they hold more than is served now."""
    packs = part / "objects" / "pack"
    if not free_part.part_record(part) or len(list(packs.glob("*.pack"))) >= maintenance.PACKS:
        return []
    try:
        tips = refs.tips(part)
    except GitFailed:
        return []
    before = list(dict.fromkeys(tip.oid for tip in tips))
    query = b"".join(b"%s\n" % oid for oid in (*before, *(b"^" + oid for oid in dict.fromkeys(named.values()))))
    beyond = run(["rev-list", "--max-count=1", "--stdin"], git_dir=mirror, limits=_LIMITS, stdin=query)
    if not before or not all(tip.commit for tip in tips) or not beyond.ok or beyond.out.strip():
        return []
    target = draft / "objects" / "pack"
    try:
        for path in packs.iterdir():
            if path.suffix in (".pack", ".idx", ".rev"):
                os.link(path, target / path.name)
    except OSError:  # no links here: everything is packed anew
        for path in target.iterdir():
            path.unlink()
        return []
    return before


def _write_state(mirror: Path, state: dict[str, Any], wanted: Refs, withheld: dict[bytes, str]) -> None:
    """Write what `forge.git.free_part` reads. The state comes last: requests rely on it."""
    names = {name.decode("utf-8", "surrogateescape"): why for name, why in withheld.items() if name[:10] != refs.KEPT}
    listed = dict(list(names.items())[:NAMED])
    record = {"refs": listed, "left_out": len(names) - len(listed)}
    mirror_folder.write(mirror / free_part.WITHHELD, json.dumps(record))
    mirror_folder.write(mirror / free_part.SERVED, json.dumps(state | {"names": _digest(wanted, withheld)}))


def _link_files(mirror: Path, draft: Path) -> None:
    """Link the files of a mirror into the draft, without those that only a mirror has."""
    for place, folders, names in os.walk(mirror):
        folders[:] = [name for name in folders if not name.startswith("incoming-")]
        target = draft / Path(place).relative_to(mirror)
        target.mkdir(mode=0o700, exist_ok=True)
        for name in names:
            if name not in _OF_THE_MIRROR and not name.startswith(("tmp_", ".tmp-")) and not name.endswith(".lock"):
                os.link(os.path.join(place, name), target / name)


def _main_branch(mirror: Path) -> bytes:
    """The full name of the branch that HEAD names."""
    text = (mirror / "HEAD").read_bytes().strip()
    return text[5:] if text.startswith(b"ref: refs/heads/") else b"refs/heads/main"


def _digest(*ref_groups: Mapping[bytes, Any]) -> str:
    return hashlib.sha256(repr([sorted(group.items()) for group in ref_groups]).encode()).hexdigest()[:24]


def _new_draft(part: Path) -> Path:
    """A new, empty folder beside the part."""
    draft = part.with_name(f"{part.name}.tmp")
    _remove(draft)
    draft.mkdir(mode=0o700)
    return draft


def _move_into_place(draft: Path, part: Path) -> None:
    """Move the draft to the part's place; at no time is there half a part."""
    deleted = _deleted_name(part)
    if part.exists():
        os.rename(part, deleted)
    os.rename(draft, part)
    mirror_folder.sync_folder(part.parent)
    shutil.rmtree(deleted, ignore_errors=True)


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
